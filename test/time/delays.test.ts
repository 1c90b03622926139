import { expect } from 'chai';
import { marginOf } from '../../modules/task/leaseMargin';
import { pollDelay } from '../../modules/time/pollDelay';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { doubling } from '../../modules/time/doubling';

const ALMOST_ONE = 1 - Number.EPSILON;

describe('pollDelay', () => {
  const bounds = { minMs: 20, maxMs: 1_000 };

  for (const [emptyClaims, most] of [
    [1, 20],
    [2, 40],
    [3, 80],
    [6, 640],
    [7, 1_000],
    [1_000_000, 1_000],
  ] as const) {
    it(`is from ${most * 0.75} to ${most} ms after ${emptyClaims} empty claims`, () => {
      expect(pollDelay(emptyClaims, bounds, () => 0)).to.equal(most * 0.75);
      expect(pollDelay(emptyClaims, bounds, () => ALMOST_ONE)).to.be.closeTo(most, 0.001);
    });
  }

  it('never passes the upper bound, also where it lies below the lower one', () => {
    expect(pollDelay(1, { minMs: 500, maxMs: 100 }, () => ALMOST_ONE)).to.be.at.most(100);
  });
});

describe('callRetryDelay', () => {
  for (const [tries, most] of [
    [0, 50],
    [1, 100],
    [5, 1_600],
    [6, 2_000],
    [1_000_000, 2_000],
  ] as const) {
    it(`is from ${most / 2} to ${most} ms after ${tries} tries`, () => {
      expect(callRetryDelay(tries, () => 0)).to.equal(most / 2);
      expect(callRetryDelay(tries, () => ALMOST_ONE)).to.be.closeTo(most, 0.001);
    });
  }
});

describe('marginOf', () => {
  for (const [leaseMs, margin] of [
    [200, 20],
    [3_000, 300],
    [10_000, 1_000],
    [30_000, 1_000],
    [43_200_000, 1_000],
  ] as const) {
    it(`is ${margin} ms of a lease of ${leaseMs} ms`, () => expect(marginOf(leaseMs)).to.equal(margin));
  }
});

describe('doubling', () => {
  for (const [doublings, delayMs] of [
    [0, 50],
    [1, 100],
    [5, 1_600],
    [6, 2_000],
    [Infinity, 2_000],
  ] as const) {
    it(`is ${delayMs} ms after ${doublings} doublings of 50 ms up to 2 s`, () => expect(doubling(50, doublings, 2_000)).to.equal(delayMs));
  }

  it('leaves 0 as it is', () => expect(doubling(0, Infinity, 2_000)).to.equal(0));
});
