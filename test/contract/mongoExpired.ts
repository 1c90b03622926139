import { expect } from 'chai';
import { ExpiredLeases } from '../../classes/mongo/expiredLeases';
import type { MongoConnection } from '../../classes/mongo/mongoConnection';
import { systemClock } from '../../modules/time/clock';
import { LEASE_FENCE_ID } from '../../modules/mongo/mongoSchema';
import { mongoId } from '../../modules/mongo/uuid';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { MongoOpening } from '../support/stores';
import { claimed, claimedOne, pause, the, tokenOf } from './samples';

/** The collection of tasks. */
const TASKS = 'holdfast_tasks';

const DAY = 24 * 60 * 60_000;

/** The search for expired leases in MongoDB. */
export function mongoExpired(opening: MongoOpening): void {
  const collection = () => opening.db().collection<TaskDocument>(TASKS);

  /** Returns the search of one process. Each look seems to take `tookMs`; a test adds more time through `passed`. */
  async function process(tookMs: number, passed = { ms: 0 }): Promise<ExpiredLeases> {
    await opening.database();
    const nowMs = Date.now();
    const time = () => Promise.resolve({ earliestMs: nowMs, latestMs: nowMs });
    const findAtOnce: MongoConnection['findAtOnce'] = async (filter, options) => ({
      documents: await collection().find(filter, options).toArray(),
      isCut: false,
    });
    const connection = { tasks: collection(), mongoId, findAtOnce, clock: { now: time }, maxTimeMS: 10_000 } as unknown as MongoConnection;
    return new ExpiredLeases(connection, { ...systemClock, monotonic: () => (passed.ms += tookMs) });
  }

  it('is made by every process while it is cheap', async () => {
    const [one, other] = [await process(4.9), await process(4.9)];
    for (const leases of [one, other, one, other]) {
      await leases.find(10);
      expect(await leases.takeTurn()).to.equal(true);
    }
  });

  it('is made by one process at a time when it is expensive', async () => {
    const [one, other] = [await process(5), await process(5)];
    for (const leases of [one, one, other, other]) await leases.find(10);
    expect([await one.takeTurn(), await other.takeTurn(), await one.takeTurn()]).to.deep.equal([true, false, false]);
    await pause(450);
    expect([await other.takeTurn(), await one.takeTurn()]).to.deep.equal([true, false]);
  });

  it('is not left to another process for ever after the clock of the server was set back', async () => {
    const leases = await process(5);
    for (let n = 0; n < 2; n += 1) await leases.find(10);
    await collection().updateOne({ _id: mongoId(LEASE_FENCE_ID) }, { $set: { 'lease.expiresAt': new Date(Date.now() + DAY) } });
    expect(await leases.takeTurn()).to.equal(true);
  });

  it('never shows the key that ends it', async () => {
    const { tasks } = await opening.database();
    await collection().updateOne({ _id: mongoId(LEASE_FENCE_ID) }, { $set: { 'lease.expiresAt': new Date(0) } });
    expect(await tasks.expired(10)).to.deep.equal([]);
    expect(await tasks.counts(['running'])).to.deep.equal({});
    expect(await tasks.find(null, LEASE_FENCE_ID)).to.equal(null);
  });

  it('is made by every process once in ten seconds if the key was deleted, until a store is opened again', async () => {
    const passed = { ms: 0 };
    const leases = await process(5, passed);
    await collection().deleteMany({});
    for (let n = 0; n < 2; n += 1) await leases.find(10);
    expect(await leases.takeTurn()).to.equal(false);
    passed.ms += 10_000;
    expect(await leases.takeTurn()).to.equal(true);
    await leases.find(10);
    await leases.find(10);
    expect(await leases.takeTurn()).to.equal(false);
    await opening.database();
    expect(await leases.takeTurn()).to.equal(true);
  });

  it('goes on where many leases came in below where it was', async () => {
    const passed = { ms: 0 };
    const leases = await process(0, passed);
    const { tasks } = await opening.database();
    const batch = await claimed(tasks, 5);
    expect(await leases.find(2)).to.deep.equal([]);
    await collection().updateMany({ 'lease.token': tokenOf(the(batch[0])) }, { $set: { 'lease.expiresAt': new Date(0) } });
    passed.ms += 2_000;
    const taken: number[] = [];
    for (let found = await leases.find(2); found.length > 0; found = await leases.find(2)) {
      taken.push(found.length);
      await collection().updateMany({ _id: { $in: found.map(({ _id }) => _id) } }, { $set: { state: 'waiting' } });
    }
    expect(taken).to.deep.equal([2, 2, 1]);
  });

  it('sees a lease that came in below where it was, at its next look at all of them', async () => {
    const passed = { ms: 0 };
    const leases = await process(0, passed);
    const { tasks } = await opening.database();
    const task = await claimedOne(tasks);
    expect(await leases.find(10)).to.deep.equal([]);
    await collection().updateOne({ 'lease.token': tokenOf(task) }, { $set: { 'lease.expiresAt': new Date(0) } });
    expect(await leases.find(10), 'it looked at all of them a moment ago').to.deep.equal([]);
    passed.ms += 2_000;
    expect(await leases.find(10)).to.have.lengthOf(1);
  });
}
