import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Settlement, TaskStore } from '../../modules/ports/taskStore';
import type { Change } from '../../modules/task/change';
import type { Task } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, heldLease, leaseOf, QUEUE, reread, sample, settlement, the, tokenOf, until } from './samples';

const MINUTE = 60_000;

const succeeded = (result: string): Change => ({ state: 'succeeded', keepMs: MINUTE, result: JSON.stringify(result) });

/** The contract of batches whose tokens come from many holders: each token opens the task of its own pair alone. */
export function pairs(opening: Opening): void {
  let tasks: TaskStore;
  beforeEach(async () => {
    ({ tasks } = await opening.database());
  });
  describe('a batch of pairs, settled,', () => settledSuite(() => tasks));
  describe('a batch of pairs, renewed,', () => renewedSuite(() => tasks));
}

/** Claims a task twice. Returns it under its lost lease and under its present one. */
async function claimedTwice(tasks: TaskStore): Promise<[stale: Task, good: Task]> {
  const stale = await claimedOne(tasks);
  await tasks.settle([settlement(stale, { state: 'waiting', delayMs: 0 }, { by: randomUUID() })]);
  const [good] = await until(() => claim(tasks));
  return [stale, the(good)];
}

function settledSuite(tasks: () => TaskStore): void {
  for (const order of ['the lost lease first', 'the present one first']) {
    it(`keeps apart two leases of one task: ${order}`, async () => {
      const [stale, good] = await claimedTwice(tasks());
      const batch = [settlement(stale, succeeded('stale')), settlement(good, succeeded('good'))];
      const isReversed = order === 'the present one first';
      const answers = await tasks().settle(isReversed ? batch.reverse() : batch);
      expect(answers).to.deep.equal(isReversed ? ['applied', 'lost'] : ['lost', 'applied']);
      expect(await reread(tasks(), good)).to.include({ state: 'succeeded', result: '"good"' });
    });

    it(`removes nothing by a lost lease beside the present one: ${order}`, async () => {
      const [stale, good] = await claimedTwice(tasks());
      const batch = [settlement(stale, { state: 'removed' }), settlement(good, { state: 'waiting', delayMs: MINUTE })];
      const isReversed = order === 'the present one first';
      const answers = await tasks().settle(isReversed ? batch.reverse() : batch);
      expect(answers).to.deep.equal(isReversed ? ['applied', 'lost'] : ['lost', 'applied']);
      expect(await reread(tasks(), good)).to.include({ state: 'waiting', rev: 2 });
    });
  }

  it('lets no token of the batch open the task of another', async () => {
    const [stale] = await claimedTwice(tasks());
    const other = await claimedOne(tasks());
    const present = tokenOf(await reread(tasks(), stale));
    // The batch has the token under which the stale task now runs, in the pair of another task.
    const batch = [settlement(stale, succeeded('stale')), settlement(other, succeeded('other'), { guard: { token: present }, by: present })];
    const before = [await reread(tasks(), stale), await reread(tasks(), other)];
    expect(await tasks().settle(batch)).to.deep.equal(['lost', 'lost']);
    expect([await reread(tasks(), stale), await reread(tasks(), other)]).to.deep.equal(before);
  });

  it('of many tokens gives each task its own outcome', async () => {
    const batch = await claimedOneByOne(tasks(), 40);
    const isStale = (index: number): boolean => index % 5 === 0;
    const settlements = batch.map((task, index) => {
      const token = isStale(index) ? tokenOf(the(batch[index + 1])) : tokenOf(task);
      return settlement(task, succeeded(`result ${index}`), { guard: { token }, by: token });
    });
    expect(await tasks().settle(settlements)).to.deep.equal(batch.map((_, index) => (isStale(index) ? 'lost' : 'applied')));
    for (const [index, task] of batch.entries()) {
      const found = await reread(tasks(), task);
      expect([found.state, found.result]).to.deep.equal(isStale(index) ? ['running', null] : ['succeeded', JSON.stringify(`result ${index}`)]);
    }
  });

  it('of many tokens by one writer removes what each token opens, and tells what is lost', async () => {
    const batch = [...(await claimed(tasks(), 6)), ...(await claimed(tasks(), 6)), ...(await claimedOneByOne(tasks(), 4))];
    const isStale = (index: number): boolean => index % 5 === 0;
    const by = randomUUID();
    const settlements = batch.map((task, index) => {
      const token = isStale(index) ? randomUUID() : tokenOf(task);
      return settlement(task, { state: 'removed' }, { guard: { token }, by });
    });
    const answers = batch.map((_, index) => (isStale(index) ? 'lost' : 'applied'));
    expect(await tasks().settle(settlements)).to.deep.equal(answers);
    expect(await tasks().settle(settlements), 'sent again').to.deep.equal(answers);
    for (const [index, task] of batch.entries()) expect((await tasks().find(QUEUE, task.id))?.state).to.equal(isStale(index) ? 'running' : undefined);
  });

  it('that names one pair twice applies the first, and answers so both times', async () => {
    const batch = await claimed(tasks(), 6);
    const twice = batch.flatMap((task) => [settlement(task, succeeded('first')), settlement(task, succeeded('second'))]);
    expect(await tasks().settle(twice)).to.deep.equal(twice.map(() => 'applied'));
    for (const task of batch) expect(await reread(tasks(), task)).to.include({ state: 'succeeded', result: '"first"' });
  });

  it('that holds one settlement twice applies it once', async () => {
    const task = await claimedOne(tasks());
    const sent = settlement(task, { state: 'waiting', delayMs: MINUTE, failures: 1 });
    expect(await tasks().settle([sent, sent])).to.deep.equal(['applied', 'applied']);
    expect(await reread(tasks(), task)).to.include({ state: 'waiting', rev: 1, failures: 1 });
  });

  it('that changes one task by hand several times is carried out in order', async () => {
    const task = sample();
    await tasks().insert([task]);
    const byHand = (rev: number): Settlement => ({
      id: task.id,
      queue: QUEUE,
      guard: { state: 'waiting', rev },
      change: { state: 'waiting', delayMs: MINUTE },
      by: `hand ${rev}`,
    });
    expect(await tasks().settle([byHand(0), byHand(1), byHand(3), byHand(2)])).to.deep.equal(['applied', 'applied', 'lost', 'applied']);
    expect(await reread(tasks(), task)).to.include({ rev: 3 });
  });
}

function renewedSuite(tasks: () => TaskStore): void {
  for (const order of ['the lost lease first', 'the present one first']) {
    it(`keeps apart two leases of one task: ${order}`, async () => {
      const [stale, good] = await claimedTwice(tasks());
      const batch = [heldLease(stale), heldLease(good)];
      const isReversed = order === 'the present one first';
      expect(await tasks().renew(isReversed ? batch.reverse() : batch)).to.deep.equal(isReversed ? [true, false] : [false, true]);
    });
  }

  it('lets no token of the batch extend the lease of another', async () => {
    const [stale] = await claimedTwice(tasks());
    const other = await claimedOne(tasks());
    const before = await reread(tasks(), stale);
    const batch = [heldLease(stale), heldLease(other, tokenOf(before))];
    expect(await tasks().renew(batch, { ms: MINUTE, alone: true })).to.deep.equal([false, false]);
    expect(await reread(tasks(), stale)).to.deep.equal(before);
  });

  it('of many tokens extends those that hold', async () => {
    const batch = await claimedOneByOne(tasks(), 40);
    const isStale = (index: number): boolean => index % 5 === 0;
    const leases = batch.map((task, index) => heldLease(task, isStale(index) ? tokenOf(the(batch[index + 1])) : tokenOf(task)));
    expect(await tasks().renew(leases, { ms: 10 * MINUTE })).to.deep.equal(batch.map((_, index) => !isStale(index)));
    for (const [index, task] of batch.entries()) {
      const longer = leaseOf(await reread(tasks(), task)).expiresAt.getTime() - leaseOf(task).expiresAt.getTime();
      expect(longer > 5 * MINUTE).to.equal(!isStale(index));
    }
  });

  it('that names one pair twice answers so both times', async () => {
    const [one, other] = await claimed(tasks(), 2);
    const lease = heldLease(the(one));
    expect(await tasks().renew([lease, lease, heldLease(the(other)), { ...lease }])).to.deep.equal([true, true, true, true]);
  });
}

/** Adds tasks and claims each under a token of its own. */
async function claimedOneByOne(tasks: TaskStore, count: number): Promise<Task[]> {
  const batch: Task[] = [];
  for (let index = 0; index < count; index += 1) batch.push(await claimedOne(tasks));
  return batch;
}
