import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { nextChange } from '../../modules/task/outcome';
import { headOf } from '../../modules/task/task';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Opening } from '../support/stores';
import {
  claim,
  claimed,
  claimedOne,
  claimRequest,
  expiredOne,
  heldLease,
  idsOf,
  leaseOf,
  pause,
  reread,
  sample,
  settlement,
  the,
  tokenOf,
  until,
} from './samples';

/** The contract of held, renewed and expired leases. */
export function leases(opening: Opening): void {
  let tasks: TaskStore;
  beforeEach(async () => {
    ({ tasks } = await opening.database());
  });
  describe('held', () => heldSuite(() => tasks));
  describe('renew', () => renewSuite(() => tasks));
  describe('expired', () => expiredSuite(() => tasks));
}

function heldSuite(tasks: () => TaskStore): void {
  it('finds all tasks that run under a token, and no others', async () => {
    const mine = await claimed(tasks(), 3);
    const others = await claimed(tasks(), 2);
    await tasks().insert([sample()]);
    expect(idsOf(await tasks().held({ token: tokenOf(the(mine[0])) }))).to.have.members(idsOf(mine));
    expect(idsOf(await tasks().held({ token: tokenOf(the(others[0])) }))).to.have.members(idsOf(others));
    expect(await tasks().held({ token: randomUUID() })).to.deep.equal([]);
  });

  it('tells them as the store has them', async () => {
    const task = await claimedOne(tasks());
    expect(await tasks().held({ token: tokenOf(task) })).to.deep.equal([await reread(tasks(), task)]);
  });

  it('forgets a task that was settled', async () => {
    const [first, second] = await claimed(tasks(), 2);
    await tasks().settle([settlement(the(first), { state: 'waiting', delayMs: 0 })]);
    expect(idsOf(await tasks().held({ token: tokenOf(the(first)) }))).to.deep.equal([the(second).id]);
  });
}

function renewSuite(tasks: () => TaskStore): void {
  it('moves the end of a lease on by its own length', async () => {
    const [short, long] = [await claimedOne(tasks(), { leaseMs: 1_000 }), await claimedOne(tasks(), { leaseMs: 60_000 })];
    const before = [await reread(tasks(), short), await reread(tasks(), long)].map((task) => leaseOf(task).expiresAt.getTime());
    await pause(30);
    expect(await tasks().renew([short, long].map((task) => heldLease(task)))).to.deep.equal([true, true]);
    const after = [await reread(tasks(), short), await reread(tasks(), long)].map((task) => leaseOf(task).expiresAt.getTime());
    expect(after[0]).to.be.above(the(before[0]));
    expect(after[1]).to.be.above(the(before[1]));
    // A store may read its clock once for each lease.
    expect(the(after[1]) - the(after[0])).to.be.closeTo(59_000, 500);
  });

  it('renews nothing under another token, and tells which leases hold', async () => {
    const [mine, other] = await claimed(tasks(), 2);
    const before = await reread(tasks(), the(other));
    await pause(5);
    expect(await tasks().renew([heldLease(the(other), randomUUID()), heldLease(the(mine))])).to.deep.equal([false, true]);
    expect(await reread(tasks(), the(other))).to.deep.equal(before);
  });

  it('tells of a batch only the leases that hold', async () => {
    const batch = await claimed(tasks(), 5);
    await tasks().settle([settlement(the(batch[1]), { state: 'removed' }), settlement(the(batch[3]), { state: 'waiting', delayMs: 0 })]);
    const answer = await tasks().renew(batch.map((task) => heldLease(task)));
    expect(answer).to.deep.equal([true, false, true, false, true]);
  });

  it('keeps a lease whose time is over but that nobody swept', async () => {
    const task = await expiredOne(tasks());
    expect(await tasks().renew([heldLease(task)])).to.deep.equal([true]);
    expect(leaseOf(await reread(tasks(), task)).expiresAt.getTime()).to.be.above(leaseOf(task).expiresAt.getTime());
  });

  it('notes with a renewal that an attempt has passed its time limit, and counts its failure once', async () => {
    const [task, other] = await claimed(tasks(), 2);
    const lease = heldLease(the(task));
    for (let times = 0; times < 2; times += 1) expect(await tasks().renew([lease], { failures: 1, ms: 60_000 })).to.deep.equal([true]);
    await tasks().renew([lease, heldLease(the(other))]);
    const noted = await reread(tasks(), the(task));
    expect(noted).to.include({ state: 'running', failures: 1 });
    expect(leaseOf(noted)).to.include({ timedOut: true, alone: false });
    expect(leaseOf(noted).expiresAt.getTime()).to.be.above(leaseOf(the(task)).expiresAt.getTime());
    expect(leaseOf(await reread(tasks(), the(other))).timedOut).to.equal(false);
    await tasks().settle([settlement(noted, { state: 'waiting', delayMs: 0 })]);
    expect(await tasks().renew([lease], { failures: 2 })).to.deep.equal([false]);
    const again = the((await claim(tasks()))[0]);
    expect([again.failures, leaseOf(again).timedOut]).to.deep.equal([1, false]);
  });

  it('notes that a suspect runs alone, and does not forget it', async () => {
    const task = await claimedOne(tasks());
    const lease = heldLease(task);
    await tasks().renew([lease]);
    expect(leaseOf(await reread(tasks(), task)).alone).to.equal(false);
    await tasks().renew([lease], { alone: true });
    expect(leaseOf(await reread(tasks(), task)).alone).to.equal(true);
    await tasks().renew([lease]);
    expect(leaseOf(await reread(tasks(), task)).alone).to.equal(true);
  });

  it('notes of a claim that it runs beside a suspect, as it answers and as it stores', async () => {
    const [alone, beside] = [await claimedOne(tasks()), await claimedOne(tasks(), { beside: true })];
    for (const [task, isBeside] of [
      [alone, false],
      [beside, true],
    ] as const) {
      // prettier-ignore
      expect(leaseOf(task).beside).to.equal(isBeside);
      expect(leaseOf(await reread(tasks(), task)).beside).to.equal(isBeside);
    }
  });

  it('notes by a renewal that tasks run beside a suspect, the suspect as well, and does not forget it', async () => {
    const [suspect, other, apart] = await claimed(tasks(), 3);
    await tasks().renew([heldLease(the(suspect))], { alone: true });
    await tasks().renew([heldLease(the(suspect)), heldLease(the(other))], { beside: true });
    await tasks().renew([suspect, other, apart].map((task) => heldLease(the(task))));
    const marks = await Promise.all([suspect, other, apart].map(async (task) => leaseOf(await reread(tasks(), the(task)))));
    expect(marks.map(({ alone, beside }) => [alone, beside])).to.deep.equal([[true, true], [false, true], [false, false]]); // prettier-ignore
  });

  it('forgets with the lease that it ran beside a suspect', async () => {
    const task = await claimedOne(tasks(), { beside: true });
    await tasks().settle([settlement(task, { state: 'waiting', delayMs: 0 })]);
    const [again] = await tasks()
      .claim(claimRequest())
      .then(({ tasks: found }) => found);
    expect([the(again).id, leaseOf(the(again)).beside]).to.deep.equal([task.id, false]);
  });

  it('releases a task whose lease expires beside a suspect, without a failure', async () => {
    const task = await claimedOne(tasks(), { beside: true, leaseMs: 50 });
    await until(async () => (await tasks().expired(10)).length === 1);
    const head = the((await tasks().expired(10))[0]);
    const change = nextChange(head, { kind: 'expired' }, { random: () => 0.5, backoffs: {} });
    await tasks().settle([settlement(task, change)]);
    expect(await reread(tasks(), task)).to.include({ state: 'waiting', failures: 0, suspect: false, error: null });
  });
}

function expiredSuite(tasks: () => TaskStore): void {
  it('finds leases that are over by the clock of the store, as the store has them', async () => {
    const task = await expiredOne(tasks());
    await claimedOne(tasks(), { leaseMs: 60_000 });
    expect(await tasks().expired(10)).to.deep.equal([headOf(await reread(tasks(), task))]);
  });

  it('finds nothing where all leases run or are settled', async () => {
    await claimed(tasks(), 2);
    const task = await expiredOne(tasks());
    await tasks().settle([settlement(task, { state: 'succeeded', keepMs: 60_000 })]);
    expect(await tasks().expired(10)).to.deep.equal([]);
  });

  it('finds the longest over first, up to its limit', async () => {
    const first = await claimedOne(tasks(), { leaseMs: 50 });
    const second = await claimedOne(tasks(), { leaseMs: 200 });
    await until(async () => (await tasks().expired(10)).length === 2);
    expect(idsOf(await tasks().expired(10))).to.deep.equal([first.id, second.id]);
    expect(idsOf(await tasks().expired(1))).to.deep.equal([first.id]);
    expect(idsOf(await tasks().expired(1, false, 1))).to.deep.equal([second.id]);
    expect(await tasks().expired(1, false, 2)).to.deep.equal([]);
    expect(idsOf(await tasks().expired(10))).to.deep.equal([first.id, second.id]);
  });
}
