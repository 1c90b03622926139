import { expect } from 'chai';
import sinon from 'sinon';
import type { Backoff } from '../../config/optionTypes';
import { LONGEST_DELAY_MS } from '../../constants/limits';
import { backoffDelay } from '../../modules/task/backoff';
import { sampleError } from '../support/samples';

const ALMOST_ONE = 1 - Number.EPSILON;

const delayOf = (backoff: Backoff | undefined, failures: number, random: number): number =>
  backoffDelay(backoff, failures, sampleError, {}, () => random).delayMs;

describe('backoffDelay', () => {
  it('gives the same delay each time where it is fixed', () => {
    for (const failures of [1, 2, 1_000]) {
      for (const random of [0, ALMOST_ONE]) expect(delayOf({ type: 'fixed', delayMs: 250 }, failures, random)).to.equal(250);
    }
  });

  const BOUNDS = [
    [undefined, 1, 1_000],
    [undefined, 2, 2_000],
    [undefined, 3, 4_000],
    [undefined, 12, 2_048_000],
    [undefined, 13, 3_600_000],
    [undefined, 1_000, 3_600_000],
    [{ type: 'exponential' }, 4, 8_000],
    [{ type: 'exponential', minMs: 10 }, 5, 160],
    [{ type: 'exponential', maxMs: 1_500 }, 2, 1_500],
    [{ type: 'exponential', minMs: 5_000, maxMs: 1_000 }, 1, 1_000],
    [{ type: 'exponential', minMs: 0 }, 1_000, 0],
    [{ type: 'exponential', minMs: LONGEST_DELAY_MS, maxMs: LONGEST_DELAY_MS }, 1_000, LONGEST_DELAY_MS],
  ] as const;

  for (const [backoff, failures, bound] of BOUNDS) {
    it(`lies from 0 to ${bound} ms after ${failures} failures with ${JSON.stringify(backoff ?? 'no back-off named')}`, () => {
      expect(delayOf(backoff, failures, 0)).to.equal(0);
      expect(delayOf(backoff, failures, 0.5)).to.equal(Math.round(bound / 2));
      expect(delayOf(backoff, failures, ALMOST_ONE)).to.equal(bound);
    });
  }

  it('takes the default for a bound that is undefined', () => {
    const backoff = { type: 'exponential', minMs: undefined, maxMs: undefined } as unknown as Backoff;
    expect(delayOf(backoff, 1, ALMOST_ONE)).to.equal(1_000);
  });
});

describe('backoffDelay with a function of the user', () => {
  const custom = { type: 'custom', name: 'mine' } as const;

  const delayBy = (functions: Record<string, unknown>, backoff: Backoff = custom) =>
    backoffDelay(backoff, 3, sampleError, functions as Record<string, () => number>, () => 0.5);

  it('takes what the function returns, in whole milliseconds', () => {
    const mine = sinon.fake.returns(1_234.4);
    expect(delayBy({ mine })).to.deep.equal({ delayMs: 1_234 });
    expect(mine.args).to.deep.equal([[3, sampleError]]);
    expect(delayBy({ mine: () => 0 })).to.deep.equal({ delayMs: 0 });
  });

  const FAULTS: readonly (readonly [string, Record<string, unknown>])[] = [
    ['is not known', {}],
    ['returns NaN', { mine: () => NaN }],
    ['returns a negative number', { mine: () => -1 }],
    ['returns infinity', { mine: () => Infinity }],
    ['returns more than a hundred years', { mine: () => LONGEST_DELAY_MS + 1 }],
    ['returns nothing', { mine: () => undefined }],
    ['returns text', { mine: () => '100' }],
  ];

  for (const [what, functions] of FAULTS) {
    it(`takes the default and tells the fault where the function ${what}`, () => {
      const { delayMs, fault } = delayBy(functions);
      expect(delayMs).to.equal(2_000);
      expect(fault).to.be.instanceOf(Error);
    });
  }

  it('takes the default and tells what the function threw', () => {
    const thrown = new Error('no idea');
    expect(delayBy({ mine: () => Promise.resolve(5) }).fault).to.be.instanceOf(TypeError);
    expect(delayBy({ mine: sinon.fake.throws(thrown) })).to.deep.equal({ delayMs: 2_000, fault: thrown });
  });

  it('tells a fault also where undefined was thrown', () => {
    const mine = (): number => {
      throw undefined;
    };
    expect(delayBy({ mine }).fault).not.to.equal(undefined);
  });

  it('does not take what every object inherits for a function of the user', () => {
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__']) {
      const { delayMs, fault } = delayBy({}, { type: 'custom', name });
      expect(delayMs, name).to.equal(2_000);
      expect(fault, name).to.be.instanceOf(Error);
    }
  });

  it('does not leave the rejection of an asynchronous function unhandled', async () => {
    const unhandled = sinon.fake();
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', unhandled);
    try {
      delayBy({ mine: () => Promise.reject(new Error('asynchronous')) });
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.removeAllListeners('unhandledRejection');
      for (const listener of others) process.on('unhandledRejection', listener);
    }
    expect(unhandled.callCount).to.equal(0);
  });
});
