import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Guard, SettleAnswer, Settlement, TaskStore } from '../../modules/ports/taskStore';
import type { Change } from '../../modules/task/change';
import type { Task } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, idsOf, leaseOf, listed, QUEUE, reread, sample, samples, settlement, the, tokenOf, until } from './samples';

const MINUTE = 60_000;
const ERROR = { name: 'TypeError', message: 'it broke', code: 'E_BROKE', stack: 'TypeError: it broke\n  at here' };

const NO_LEASE_FINISHED = { lease: null, attempt: 1 };

/** The contract of writing outcomes. */
export function settle(opening: Opening): void {
  let tasks: TaskStore;
  beforeEach(async () => {
    ({ tasks } = await opening.database());
  });
  describe('a change', () => changeSuite(() => tasks));
  describe('a guard', () => guardSuite(() => tasks));
  describe('a batch of settlements', () => batchSuite(() => tasks));
}

function changeSuite(tasks: () => TaskStore): void {
  const apply = async (task: Task, change: Change): Promise<void> => {
    expect(await tasks().settle([settlement(task, change)])).to.deep.equal(['applied']);
  };

  it('returns a task to waiting after a delay, by the clock of the store', async () => {
    const task = await claimedOne(tasks());
    await apply(task, { state: 'waiting', delayMs: MINUTE, failures: 2, suspect: true, error: ERROR });
    const waiting = await reread(tasks(), task);
    const startedAt = leaseOf(task).expiresAt.getTime() - leaseOf(task).ms;
    expect(waiting).to.deep.include({ state: 'waiting', failures: 2, suspect: true, error: ERROR, rev: 1, finishedAt: null, ...NO_LEASE_FINISHED });
    expect(waiting.availableAt.getTime() - startedAt).to.be.within(MINUTE - 1_000, 2 * MINUTE);
    expect(await claim(tasks())).to.deep.equal([]);
  });

  it('returns a task to waiting at once, and leaves as it is what it does not name', async () => {
    const task = await claimedOne(tasks());
    await apply(task, { state: 'waiting', delayMs: 0, failures: 2, error: ERROR });
    const [again] = await until(() => claim(tasks()));
    await apply(the(again), { state: 'waiting' });
    expect(await reread(tasks(), task)).to.deep.include({ failures: 2, error: ERROR, suspect: false, rev: 2, attempt: 2, lease: null });
  });

  it('records a success with its result', async () => {
    const task = await claimedOne(tasks());
    await apply(task, { state: 'succeeded', keepMs: MINUTE, suspect: false, result: '{"a":[1]}' });
    const found = await reread(tasks(), task);
    expect(found).to.deep.include({ state: 'succeeded', result: '{"a":[1]}', error: null, ...NO_LEASE_FINISHED });
    expect(the(found.finishedAt).getTime()).to.be.at.least(found.createdAt.getTime());
  });

  for (const state of ['dead', 'cancelled'] as const) {
    it(`makes a task ${state}, with its error`, async () => {
      const task = await claimedOne(tasks());
      await apply(task, { state, keepMs: MINUTE, failures: 3, error: ERROR });
      expect(await reread(tasks(), task)).to.deep.include({ state, failures: 3, error: ERROR, result: null, ...NO_LEASE_FINISHED });
    });
  }

  it('makes a dead task wait again, with its history', async () => {
    const task = await claimedOne(tasks());
    await apply(task, { state: 'dead', keepMs: MINUTE, failures: 3, error: ERROR });
    const guard: Guard = { state: 'dead', rev: 0 };
    const by = randomUUID();
    const change = { state: 'waiting', delayMs: 0, failures: 0, suspect: false } as const;
    expect(await tasks().settle([{ id: task.id, queue: QUEUE, guard, change, by }])).to.deep.equal(['applied']);
    const redriven = { state: 'waiting', failures: 0, error: ERROR, finishedAt: null, rev: 1, ...NO_LEASE_FINISHED };
    expect(await reread(tasks(), task)).to.deep.include(redriven);
    expect(idsOf(await until(() => claim(tasks())))).to.deep.equal([task.id]);
  });

  it('removes a task, and nothing shows it any more', async () => {
    const task = await claimedOne(tasks());
    await apply(task, { state: 'removed' });
    expect(await tasks().find(null, task.id)).to.equal(null);
    expect(await listed(tasks(), { queue: QUEUE, limit: 10 })).to.deep.equal([]);
    const states = ['waiting', 'running', 'succeeded', 'dead', 'cancelled'] as const;
    const total = Object.values(await tasks().counts(states)).flatMap((counts) => Object.values(counts));
    expect(total.reduce((sum, count) => sum + count, 0)).to.equal(0);
  });
}

function guardSuite(tasks: () => TaskStore): void {
  const attempt = async (task: Task, guard: Guard): Promise<SettleAnswer> => {
    const change = { state: 'succeeded', keepMs: MINUTE, result: '1' } as const;
    return the((await tasks().settle([{ id: task.id, queue: QUEUE, guard, change, by: randomUUID() }]))[0]);
  };

  it('of a token holds for the lease and no other', async () => {
    const task = await claimedOne(tasks());
    const before = await reread(tasks(), task);
    expect(await attempt(task, { token: randomUUID() })).to.equal('lost');
    expect(await reread(tasks(), task)).to.deep.equal(before);
    expect(await attempt(task, { token: tokenOf(task) })).to.equal('applied');
    expect(await attempt(task, { token: tokenOf(task) })).to.equal('lost');
  });

  it('of a token and its end holds until the lease is renewed', async () => {
    const task = await reread(tasks(), await claimedOne(tasks()));
    const { token, expiresAt } = leaseOf(task);
    expect(await attempt(task, { token, expiresAt: new Date(expiresAt.getTime() - 1) })).to.equal('lost');
    expect(await attempt(task, { token: randomUUID(), expiresAt })).to.equal('lost');
    expect((await reread(tasks(), task)).state).to.equal('running');
    expect(await attempt(task, { token, expiresAt })).to.equal('applied');
  });

  it('of a state and a revision holds until the task is written to', async () => {
    const task = sample();
    await tasks().insert([task]);
    const read = await reread(tasks(), task);
    expect(await attempt(read, { state: 'waiting', rev: 1 })).to.equal('lost');
    expect(await attempt(read, { state: 'dead', rev: 0 })).to.equal('lost');
    const later = {
      id: task.id,
      queue: QUEUE,
      guard: { state: 'waiting', rev: 0 },
      change: { state: 'waiting', delayMs: 0 },
      by: randomUUID(),
    } as const;
    expect(await tasks().settle([later])).to.deep.equal(['applied']);
    expect(await attempt(read, { state: 'waiting', rev: 0 })).to.equal('lost');
    expect(await attempt(read, { state: 'waiting', rev: 1 })).to.equal('applied');
  });

  it('of a state and a revision does not hold for a task that was claimed, or claimed and given back', async () => {
    const task = await claimedOne(tasks());
    expect(await attempt(task, { state: 'waiting', rev: 0 })).to.equal('lost');
    await tasks().settle([settlement(task, { state: 'waiting', delayMs: MINUTE })]);
    expect(await attempt(task, { state: 'waiting', rev: 0 })).to.equal('lost');
  });

  it('does not hold for a task that is not there', async () => {
    expect(await attempt(await claimedOne(tasks()), { token: randomUUID() })).to.equal('lost');
    const gone = { ...(await claimedOne(tasks())), id: sample().id };
    expect(await attempt(gone, { token: tokenOf(gone) })).to.equal('lost');
    expect(await attempt(gone, { state: 'waiting', rev: 0 })).to.equal('lost');
  });
}

function batchSuite(tasks: () => TaskStore): void {
  it('writes 200 equal changes', async () => {
    const batch = await claimed(tasks(), 200);
    const answers = await tasks().settle(batch.map((task) => settlement(task, { state: 'succeeded', keepMs: MINUTE, result: '"same"' })));
    expect(answers).to.deep.equal(batch.map(() => 'applied'));
    const found = await listed(tasks(), { queue: QUEUE, states: ['succeeded'], limit: 1_000 });
    expect(found.map(({ result }) => result)).to.deep.equal(batch.map(() => '"same"'));
  });

  it('writes 200 different changes, each to its own task', async () => {
    const batch = await claimed(tasks(), 200);
    const change = (index: number): Change => ({ state: 'succeeded', keepMs: MINUTE + index, result: JSON.stringify({ index }), failures: index });
    const answers = await tasks().settle(batch.map((task, index) => settlement(task, change(index))));
    expect(answers).to.deep.equal(batch.map(() => 'applied'));
    const found = new Map((await listed(tasks(), { queue: QUEUE, limit: 1_000 })).map(({ id, result, failures }) => [id, { result, failures }]));
    expect(found).to.deep.equal(new Map(batch.map(({ id }, index) => [id, { result: JSON.stringify({ index }), failures: index }])));
  });

  it('writes large results, more than one command may hold', async () => {
    const batch = await claimed(tasks(), 20);
    const result = (index: number): string => JSON.stringify(String(index).padEnd(1_000_000, '.'));
    const answers = await tasks().settle(batch.map((task, index) => settlement(task, { state: 'succeeded', keepMs: MINUTE, result: result(index) })));
    expect(answers).to.deep.equal(batch.map(() => 'applied'));
    for (const [index, task] of batch.entries()) expect((await reread(tasks(), task)).result === result(index)).to.equal(true);
  });

  it('writes the outcomes of several claims at once', async () => {
    const batch = [...(await claimed(tasks(), 3)), ...(await claimed(tasks(), 3))];
    const answers = await tasks().settle(batch.map((task) => settlement(task, { state: 'succeeded', keepMs: MINUTE, result: `"${task.id}"` })));
    expect(answers).to.deep.equal(batch.map(() => 'applied'));
    const found = await listed(tasks(), { queue: QUEUE, limit: 10 });
    expect(found.every(({ id, result }) => result === `"${id}"`)).to.equal(true);
  });

  it('answers mixed outcomes and guards in their order, and applies those whose guard holds', async () => {
    const running = await claimed(tasks(), 8);
    const waiting = samples(2);
    await tasks().insert(waiting);
    const read = await Promise.all([...running, ...waiting].map((task) => reread(tasks(), task)));
    const parts = mixedSettlements(read);
    expect(await tasks().settle(parts.map(({ sent }) => sent))).to.deep.equal(parts.map(({ answer }) => answer));
    for (const { sent, answer, state } of parts) {
      expect((await tasks().find(null, sent.id))?.state ?? 'removed', `${JSON.stringify(sent)} ${answer}`).to.equal(state);
    }
  });

  it('keeps lost ones from their neighbours of the same kind', async () => {
    const batch = await claimed(tasks(), 40);
    const stolen = batch.filter((_, index) => index % 3 === 0);
    await tasks().settle(stolen.map((task) => settlement(task, { state: 'waiting', delayMs: MINUTE }, { by: randomUUID() })));
    const answers = await tasks().settle(batch.map((task, index) => settlement(task, { state: 'succeeded', keepMs: MINUTE, result: String(index) })));
    expect(answers).to.deep.equal(batch.map((task) => (stolen.includes(task) ? 'lost' : 'applied')));
    expect(await listed(tasks(), { queue: QUEUE, states: ['waiting'], limit: 100 })).to.have.lengthOf(stolen.length);
  });
}

interface Part {
  readonly sent: Settlement;
  readonly answer: SettleAnswer;
  readonly state: string;
}

/** Returns the settlements of eight running and two waiting tasks. Each has another change or guard. */
function mixedSettlements(read: readonly Task[]): Part[] {
  const task = (index: number): Task => the(read[index]);
  const by = randomUUID();
  const part = (sent: Settlement, answer: SettleAnswer, state: string): Part => ({ sent, answer, state });
  const cancelled: Change = { state: 'cancelled', keepMs: MINUTE };
  const end = (index: number, byMs: number): Guard => ({
    token: tokenOf(task(index)),
    expiresAt: new Date(leaseOf(task(index)).expiresAt.getTime() + byMs),
  });
  return [
    part(settlement(task(0), { state: 'succeeded', keepMs: MINUTE, result: '0' }), 'applied', 'succeeded'),
    part(settlement(task(5), cancelled, { guard: { token: randomUUID() }, by }), 'lost', 'running'),
    part(settlement(task(1), { state: 'waiting', delayMs: MINUTE, failures: 1, error: ERROR }), 'applied', 'waiting'),
    part(settlement(task(2), { state: 'dead', keepMs: MINUTE, failures: 3, error: ERROR }), 'applied', 'dead'),
    part(settlement(task(6), cancelled, { guard: end(6, 1), by }), 'lost', 'running'),
    part(settlement(task(3), { state: 'removed' }), 'applied', 'removed'),
    part(settlement(task(4), cancelled, { by }), 'applied', 'cancelled'),
    part(settlement(task(7), cancelled, { guard: end(7, 0), by }), 'applied', 'cancelled'),
    part({ id: task(8).id, queue: QUEUE, guard: { state: 'waiting', rev: 0 }, change: { state: 'removed' }, by }, 'applied', 'removed'),
    part({ id: task(9).id, queue: QUEUE, guard: { state: 'waiting', rev: 1 }, change: { state: 'removed' }, by }, 'lost', 'waiting'),
  ];
}
