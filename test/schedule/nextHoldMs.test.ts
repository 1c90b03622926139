import { expect } from 'chai';
import { nextHoldMs } from '../../modules/schedule/nextHoldMs';

describe('the time for which a part of due schedules is held', () => {
  it('is four times as long as the part before took, from two to ten seconds', () => {
    expect([0, 600, 1_000, 60_000].map(nextHoldMs)).to.deep.equal([2_000, 2_400, 4_000, 10_000]);
  });

  it('is in whole milliseconds, as stores keep instants', () => {
    expect(nextHoldMs(756.380_669)).to.equal(3_026);
  });
});
