import { expect } from 'chai';
import { DAY, HOUR } from '../../constants/limits';
import { retryAfterMs } from '../../modules/http/retryAfter';

const NOW = Date.UTC(2027, 0, 4, 12, 0, 0);

describe('The delay of a Retry-After', () => {
  for (const [text, date, expected, what] of [
    ['120', undefined, 120_000, 'seconds'],
    [' 7 ', undefined, 7_000, 'seconds between spaces'],
    ['Mon, 04 Jan 2027 12:01:00 GMT', undefined, 60_000, 'a date'],
    ['Monday, 04-Jan-27 12:01:00 GMT', undefined, 60_000, 'a date of RFC 850'],
    ['Mon Jan  4 12:01:00 2027', undefined, 60_000, 'a date of asctime'],
    ['Mon, 04 Jan 2027 12:01:00 GMT', 'Mon, 04 Jan 2027 12:00:30 GMT', 30_000, 'a date by the clock of the answer'],
    ['31536000', undefined, HOUR, 'a year, cut'],
    ['Tue, 04 Jan 2028 12:00:00 GMT', undefined, HOUR, 'a date in a year, cut'],
    ['9'.repeat(400), undefined, HOUR, 'more seconds than a number holds, cut'],
    ['0', undefined, undefined, 'no time'],
    ['Mon, 04 Jan 2027 11:00:00 GMT', undefined, undefined, 'a date that is over'],
    ['soon', undefined, undefined, 'nonsense'],
    ['-5', undefined, undefined, 'a time before now'],
    ['1.5', undefined, undefined, 'a fraction'],
    ['1e3', undefined, undefined, 'an exponent'],
    ['2027-01-04T13:00:00Z', undefined, undefined, 'a date of another kind'],
    ['Mon, 99 Foo 2027 12:01:00 GMT', undefined, undefined, 'a date that there is not'],
    ['', undefined, undefined, 'an empty text'],
    [undefined, undefined, undefined, 'nothing'],
  ] as const) {
    it(`is ${expected ?? 'none'} for ${what}`, () => expect(retryAfterMs(text, date, NOW, HOUR)).to.equal(expected));
  }

  it('is as long as allowed, and no longer', () => {
    expect(retryAfterMs('86400', undefined, NOW, 7 * DAY)).to.equal(DAY);
  });
});
