import { expect } from 'chai';
import { LOWEST_PRIORITY } from '../../constants/limits';
import { fairShares, QUEUES_A_CLAIM, turnsAfter } from '../../modules/flow/fairShares';
import { turnRule } from '../../modules/flow/turnRule';

const alike = { weightOf: () => 1 };
const none = new Map<string, number>();
const dueOf = (priorities: Record<string, number>) => Object.entries(priorities).map(([queue, priority]) => ({ queue, priority }));
const ruleOf = (queues: readonly string[], queueOrder = 'turns', queueWeights = {}) => turnRule({ queues, queueOrder, queueWeights });

describe('fairShares', () => {
  it('asks the queues with the best priority only, and for nothing worse than the others have', () => {
    expect(fairShares(dueOf({ a: 5, b: 2, c: 2 }), 4, none, alike)).to.deep.equal({ queues: ['b', 'c'], limits: [2, 2], worst: 5 });
    expect(fairShares(dueOf({ a: 3 }), 4, none, alike)).to.deep.equal({ queues: ['a'], limits: [4], worst: LOWEST_PRIORITY });
  });

  it('begins with the queues that have had the fewest turns, where there are more queues than slots', () => {
    const turns = new Map([['a', 3], ['b', 1], ['c', 2]]); // prettier-ignore
    const { queues, limits, worst } = fairShares(dueOf({ a: 0, b: 0, c: 0 }), 2, turns, alike);
    expect([queues, limits, worst]).to.deep.equal([['b', 'c'], [1, 1], 0]);
  });

  it('shares slots out by weight, and gives the rest to who had the fewest turns', () => {
    const { queues, limits } = fairShares(dueOf({ a: 0, b: 0 }), 9, none, ruleOf(['a', 'b'], 'turns', { a: 3 }));
    expect([queues, limits]).to.deep.equal([
      ['a', 'b'],
      [7, 2],
    ]);
  });

  it('gives all slots to the first queue in a strict order', () => {
    const { queues, limits } = fairShares(dueOf({ b: 0, a: 0 }), 5, none, ruleOf(['a', 'b'], 'strict'));
    expect([queues, limits]).to.deep.equal([['a'], [5]]);
  });

  it('asks a bounded number of queues, however many are due', () => {
    const many = dueOf(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`q${index}`, 0])));
    expect(fairShares(many, 5_000, none, alike).queues).to.have.lengthOf(QUEUES_A_CLAIM);
  });

  it('asks few queues for many tasks each where a claim is large', () => {
    const many = dueOf(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`q${index}`, 0])));
    const sharesOf = (slots: number) => fairShares(many, slots, none, alike).limits;
    expect([sharesOf(10), sharesOf(100), sharesOf(2_000)].map((limits) => [limits.length, Math.min(...limits)])).to.deep.equal([
      [10, 1],
      [20, 5],
      [40, 50],
    ]);
  });

  it('shares out each slot once', () => {
    for (const slots of [1, 2, 7, 100, 999]) {
      const { limits } = fairShares(dueOf({ a: 0, b: 0, c: 0 }), slots, none, ruleOf(['a', 'b', 'c'], 'turns', { b: 2.5 }));
      expect(limits.reduce((sum, limit) => sum + limit, 0)).to.equal(slots);
    }
  });
});

describe('turnsAfter', () => {
  it('counts what was served by the weight of its queue', () => {
    const turns = turnsAfter(new Map([['a', 1]]), new Map([['a', 3], ['b', 2]]), ruleOf(['a', 'b'], 'turns', { a: 3 })); // prettier-ignore
    expect([...turns]).to.deep.equal([['a', 2], ['b', 2]]); // prettier-ignore
  });
});

describe('turnRule', () => {
  it('takes the weight of the first pattern that names a queue, and that of its own name before it', () => {
    const { weightOf } = ruleOf(['mail.*', '*'], 'turns', { 'mail.*': 4, '*': 2, 'mail.slow': 0.5 });
    expect(['mail.in', 'post', 'mail.slow'].map(weightOf)).to.deep.equal([4, 2, 0.5]);
  });

  it('has places only in a strict order', () => {
    expect(ruleOf(['a', 'b']).placeOf).to.equal(undefined);
    expect(['b', 'a'].map((queue) => ruleOf(['a', 'b'], 'strict').placeOf?.(queue))).to.deep.equal([1, 0]);
  });
});
