import { expect } from 'chai';
import { checkCron } from '../../modules/schedule/occurrences';
import { codedErrorOf } from '../support/expectations';

// expression, what is told of it
const FAULTS: readonly (readonly [string, string, string?])[] = [
  ['61 * * * *', 'field 1, the minute, is *, or of 0 to 59', '"61"'],
  ['* 25 * * *', 'field 2, the hour, is *, or of 0 to 23', '"25"'],
  ['0 0 32 * *', 'field 3, the day of the month, is *, or of 1 to 31', '"32"'],
  ['0 0 1 13 *', 'field 4, the month, is *, or of 1 to 12', '"13"'],
  ['0 0 * * 9', 'field 5, the day of the week, is *, or of 0 to 7', '"9"'],
  ['99 0 0 * * *', 'field 1, the second, is *, or of 0 to 59', '"99"'],
  ['*/0 * * * *', 'field 1, the minute,', '"*/0"'],
  ['0 5-1 * * *', 'field 2, the hour,', '"5-1"'],
  ['0 0 * noon *', 'field 4, the month,', '"noon"'],
  ['* * * *', 'five or six fields', '4 fields'],
  ['often', 'five or six fields', '1 field'],
  ['@hourlyy', 'a nickname such as @daily', '"@hourlyy"'],
];

describe('A cron expression that cannot be read', () => {
  for (const [cron, told, got] of FAULTS) {
    it(`${cron} is refused with the field at fault`, () => {
      const error = codedErrorOf(() => checkCron(cron, 'UTC', 'schedule'));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'schedule.cron' });
      expect(error.expected).to.include(told);
      expect(error.message).to.include(`, got ${got}. `);
    });
  }
});
