import { expect } from 'chai';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import { systemClock } from '../../modules/time/clock';
import type { MongoOpening, Opening } from '../support/stores';
import { claimed, claimedOne, heldLease, idsOf, leaseOf, reread, the, tokenOf, until } from './samples';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Most time between a renewal and the look at its end. */
const SLACK_MS = 10_000;

/** A store of which the clock is an hour ahead, until a test sets it right. */
interface Ahead {
  readonly tasks: TaskStore;
  /** Sets the clock right. The clock of a MongoDB server cannot be set: the tasks get the leases that they would have. */
  setRight(tasks: readonly Task[]): Promise<unknown>;
}

async function openAhead(opening: Opening): Promise<Ahead> {
  if (opening.kind === 'mongodb') return { ...(await opening.database()), setRight: (tasks) => moveLeases(opening as MongoOpening, tasks) };
  let aheadMs = HOUR;
  const database = await opening.database({ clock: { ...systemClock, now: () => systemClock.now() + aheadMs } });
  return { tasks: database.tasks, setRight: () => Promise.resolve((aheadMs = 0)) };
}

const moveLeases = (opening: MongoOpening, tasks: readonly Task[]): Promise<unknown> =>
  opening
    .db()
    .collection('holdfast_tasks')
    .updateMany({ 'lease.token': { $in: tasks.map(tokenOf) } }, [{ $set: { 'lease.expiresAt': { $add: ['$lease.expiresAt', HOUR] } } }]);

/** What a step of the store's clock back leaves of leases that were taken before. */
export function clockSteps(opening: Opening): void {
  let ahead: Ahead;
  beforeEach(async () => (ahead = await openAhead(opening)));

  const leftOf = async (task: Task): Promise<number> => leaseOf(await reread(ahead.tasks, task)).expiresAt.getTime() - Date.now();

  it('is followed by each renewal: the lease ends after its own length from then', async () => {
    const batch = await claimed(ahead.tasks, 3, { leaseMs: MINUTE });
    await ahead.setRight(batch);
    expect(await leftOf(the(batch[0]))).to.be.above(HOUR);
    await ahead.tasks.renew(batch.slice(0, 2).map((task) => heldLease(task)));
    for (const task of batch.slice(0, 2)) expect(await leftOf(task)).to.be.within(MINUTE - SLACK_MS, MINUTE + SLACK_MS);
    expect(await leftOf(the(batch[2]))).to.be.above(HOUR);
  });

  it('is followed by each renewal of an extended lease, which holds no longer than it was extended by', async () => {
    const task = await claimedOne(ahead.tasks, { leaseMs: 1_000 });
    await ahead.tasks.renew([heldLease(task)], { ms: 10 * MINUTE });
    await ahead.setRight([task]);
    await ahead.tasks.renew([heldLease(task)]);
    expect(await leftOf(task)).to.be.within(10 * MINUTE - SLACK_MS, 10 * MINUTE + SLACK_MS);
  });

  it('lets a crash after a renewal wait for the length of the lease, not for the step', async () => {
    const task = await claimedOne(ahead.tasks, { leaseMs: 300 });
    await ahead.setRight([task]);
    await ahead.tasks.renew([heldLease(task)]);
    const over = await until(() => ahead.tasks.expired(10));
    expect(idsOf(over)).to.deep.equal([task.id]);
    expect(await leftOf(task)).to.be.at.most(0);
  });

  it('is none: heartbeats shorten no lease that its handler has extended', async () => {
    const task = await claimedOne(ahead.tasks, { leaseMs: 1_000 });
    await ahead.tasks.renew([heldLease(task)], { ms: 10 * MINUTE });
    const extended = leaseOf(await reread(ahead.tasks, task)).expiresAt;
    for (const renewal of [{}, { alone: true }, { beside: true }, { ms: 5_000 }, { failures: 1 }])
      await ahead.tasks.renew([heldLease(task)], renewal);
    expect(leaseOf(await reread(ahead.tasks, task)).expiresAt).to.deep.equal(extended);
  });
}
