import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Settlement, TaskStore } from '../../modules/ports/taskStore';
import type { Change } from '../../modules/task/change';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, expiredOne, heldLease, leaseOf, QUEUE, reread, sample, settlement, the, tokenOf, until } from './samples';

const MINUTE = 60_000;
const ERROR = { name: 'TypeError', message: 'it broke', code: 'E_BROKE', stack: 'TypeError: it broke\n  at here' };

/** The contract of outcomes that are written a second time, or late. */
export function settleAgain(opening: Opening): void {
  let tasks: TaskStore;
  beforeEach(async () => {
    ({ tasks } = await opening.database());
  });
  describe('a settlement sent again', () => resentSuite(() => tasks));
  describe('a settlement after the end of its lease', () => lateSuite(() => tasks));
}

function resentSuite(tasks: () => TaskStore): void {
  const changes: Change[] = [
    { state: 'succeeded', keepMs: MINUTE, result: '1' },
    { state: 'dead', keepMs: MINUTE, failures: 1, error: ERROR },
    { state: 'waiting', delayMs: MINUTE, failures: 1 },
    { state: 'removed' },
  ];
  for (const change of changes) {
    it(`is applied once and answered so both times: ${change.state}`, async () => {
      const task = await claimedOne(tasks());
      expect(await tasks().settle([settlement(task, change)])).to.deep.equal(['applied']);
      const once = await tasks().find(null, task.id);
      expect(await tasks().settle([settlement(task, change)])).to.deep.equal(['applied']);
      expect(await tasks().find(null, task.id)).to.deep.equal(once);
    });
  }

  it('is answered so also by hand, whoever settles by another name', async () => {
    const task = sample();
    await tasks().insert([task]);
    const sent: Settlement = {
      id: task.id,
      queue: QUEUE,
      guard: { state: 'waiting', rev: 0 },
      change: { state: 'cancelled', keepMs: MINUTE },
      by: randomUUID(),
    };
    expect(await tasks().settle([sent])).to.deep.equal(['applied']);
    expect(await tasks().settle([sent])).to.deep.equal(['applied']);
    expect(await tasks().settle([{ ...sent, by: randomUUID() }])).to.deep.equal(['lost']);
  });

  it('does not touch a task that runs again under another lease', async () => {
    const task = await claimedOne(tasks());
    const sent = settlement(task, { state: 'waiting', delayMs: 0, failures: 1 });
    await tasks().settle([sent]);
    const [again] = await until(() => claim(tasks()));
    expect(await tasks().settle([sent])).to.deep.equal(['applied']);
    expect(await reread(tasks(), task)).to.deep.include({ state: 'running', attempt: 2, failures: 1, rev: 1 });
    expect(tokenOf(await reread(tasks(), task))).to.equal(tokenOf(the(again)));
  });

  it('completes a batch of which a part was applied', async () => {
    const batch = (await claimed(tasks(), 6)).map((task, index) => settlement(task, { state: 'succeeded', keepMs: MINUTE, result: String(index) }));
    await tasks().settle(batch.slice(0, 3));
    expect(await tasks().settle(batch)).to.deep.equal(batch.map(() => 'applied'));
    expect(await tasks().counts(['succeeded'])).to.have.nested.property(`${QUEUE}.succeeded`, 6);
  });
}

function lateSuite(tasks: () => TaskStore): void {
  it('is accepted where nobody swept', async () => {
    const task = await expiredOne(tasks());
    expect(await tasks().settle([settlement(task, { state: 'succeeded', keepMs: MINUTE, result: '"late"' })])).to.deep.equal(['applied']);
    expect(await reread(tasks(), task)).to.include({ state: 'succeeded', result: '"late"' });
  });

  it('is lost after a sweep, and changes nothing', async () => {
    const task = await expiredOne(tasks());
    const swept = settlement(task, { state: 'waiting', delayMs: 0, failures: 1 }, { guard: leaseOf(task), by: randomUUID() });
    expect(await tasks().settle([swept])).to.deep.equal(['applied']);
    const before = await reread(tasks(), task);
    for (const change of [{ state: 'succeeded', keepMs: MINUTE }, { state: 'waiting', delayMs: 0 }, { state: 'removed' }] as const) {
      expect(await tasks().settle([settlement(task, change)])).to.deep.equal(['lost']);
    }
    expect(await tasks().renew([heldLease(task)])).to.deep.equal([false]);
    expect(await reread(tasks(), task)).to.deep.equal(before);
  });

  it('is lost where another worker runs the task, and that one is not disturbed', async () => {
    const task = await expiredOne(tasks());
    await tasks().settle([settlement(task, { state: 'waiting', delayMs: 0 }, { guard: leaseOf(task), by: randomUUID() })]);
    const [again] = await until(() => claim(tasks()));
    const before = await reread(tasks(), task);
    expect(await tasks().settle([settlement(task, { state: 'dead', keepMs: MINUTE })])).to.deep.equal(['lost']);
    expect(await reread(tasks(), task)).to.deep.equal(before);
    expect(await tasks().settle([settlement(the(again), { state: 'succeeded', keepMs: MINUTE })])).to.deep.equal(['applied']);
  });
}
