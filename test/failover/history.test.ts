import { expect } from 'chai';
import { violationsOf } from './history';
import type { Final, History, Told } from './history';

const final = (n: number, rest: Partial<Final> = {}): Final => ({
  id: `id${n}`,
  n,
  state: 'succeeded',
  attempt: 1,
  failures: 0,
  resultOf: 1,
  ...rest,
});

const told = (n: number, attempt: number, outcome: Told['outcome']): Told => ({ id: `id${n}`, n, attempt, outcome });

const run = (n: number, attempt: number) => ({ id: `id${n}`, n, attempt });

/** A history of two tasks: one succeeded at once, the other failed first. */
const GOOD: History = {
  added: [
    { n: 1, accepted: true },
    { n: 2, accepted: true },
    { n: 3, accepted: false },
  ],
  runs: [run(1, 1), run(2, 1), run(2, 2)],
  told: [told(1, 1, 'succeeded'), told(2, 1, 'retried'), told(2, 2, 'succeeded')],
  finals: [final(1), final(2, { attempt: 2, failures: 1, resultOf: 2 })],
};

describe('The checker of histories', () => {
  it('finds nothing where the promise holds', () => {
    expect(violationsOf(GOOD)).to.deep.equal([]);
    expect(violationsOf({ ...GOOD, told: [], killed: true })).to.deep.equal([]);
    expect(
      violationsOf({ ...GOOD, told: GOOD.told.map((each) => (each.outcome === 'retried' ? { ...each, outcome: 'lost' } : each)) }),
    ).to.deep.equal([]);
  });

  const bad: [string, Partial<History>, string[]][] = [
    ['a lost task', { added: [...GOOD.added, { n: 4, accepted: true }] }, ['task 4 is lost']],
    [
      'a task that is there twice',
      { finals: [...GOOD.finals, final(1, { id: 'other' })] },
      ['task 1 is there 2 times', 'the success of task 1 was never told'],
    ],
    ['a task that nobody added', { added: GOOD.added.slice(0, 1) }, ['task 2 was never added', 'task 2 was never added', 'task 2 was never added']],
    ['a task that is left running', { finals: [final(1, { state: 'running' }), ...GOOD.finals.slice(1)] }, ['task 1 is running']],
    [
      'a number of an attempt that was given twice',
      { runs: [...GOOD.runs, run(1, 1)] },
      ['attempt 1 of task 1 ran twice', 'task 1 ran 2 times, with 0 failures'],
    ],
    [
      'an outcome that was told twice',
      { told: [...GOOD.told, told(1, 1, 'succeeded')] },
      ['the outcome of attempt 1 of id1 was told twice', 'the success of task 1 was told 2 times'],
    ],
    [
      'an outcome that is another than was told',
      { finals: [final(1, { attempt: 2 }), ...GOOD.finals.slice(1)] },
      ['task 1 has another outcome than was told'],
    ],
    ['a success that nobody was told of', { told: GOOD.told.slice(1) }, ['the success of task 1 was never told']],
    [
      'a failure that was counted twice',
      { finals: [GOOD.finals[0] as Final, final(2, { attempt: 2, failures: 2, resultOf: 2 })] },
      ['task 2 has 2 failures, and 1 were told'],
    ],
    ['a run that nothing explains', { runs: [...GOOD.runs, run(1, 2)] }, ['task 1 ran 2 times, with 0 failures']],
    ['a success without a run', { runs: GOOD.runs.slice(1) }, ['task 1 succeeded and never ran']],
  ];

  for (const [title, change, found] of bad) {
    it(`finds ${title}`, () => {
      expect(violationsOf({ ...GOOD, ...change })).to.deep.equal(found);
    });
  }
});
