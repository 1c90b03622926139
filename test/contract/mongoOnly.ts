import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { mongo } from 'mongoose';
import sinon from 'sinon';
import { ClaimWindow } from '../../classes/mongo/claimWindow';
import { Queue } from '../../classes/queue/queue';
import type { Database } from '../../modules/ports/database';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { MongoOpening } from '../support/stores';
import { mongoBytes } from './mongoBytes';
import { mongoQueues } from './mongoQueues';
import { mongoExpired } from './mongoExpired';
import { mongoFifo } from './mongoFifo';
import { mongoFollowUps } from './mongoFollowUps';
import { mongoForeign } from './mongoForeign';
import { mongoWindow } from './mongoWindow';
import { mongoPlans } from './mongoPlans';
import { mongoWatch } from './mongoWatch';
import { claim, claimed, claimedOne, idsOf, leaseOf, pause, QUEUE, reread, samples, settlement, the, tokenOf } from './samples';

/** The collection of tasks. */
const TASKS = 'holdfast_tasks';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

type Tasks = mongo.Collection<TaskDocument>;

/** Behaviour of MongoDB alone: an index deletes old tasks, and a claim finds tasks before it writes them. */
export function mongoOnly(opening: MongoOpening): void {
  const collection = (): Tasks => opening.db().collection<TaskDocument>(TASKS);
  describe('the time to live', () => ttlSuite(opening, collection));
  describe('an edit between the find of a claim and its write', () => editSuite(opening));
  describe('the window of a claim', () => mongoWindow(opening));
  describe('a look for leases that are over', () => mongoExpired(opening));
  describe('a document that is no task', () => mongoForeign(opening));
  describe('a watch', () => mongoWatch(opening));
  describe('what is asked of the server', () => mongoPlans(opening));
  describe('the cost of many queues', () => mongoQueues(opening));
  mongoFifo(opening);
  mongoFollowUps(opening);
  describe('what crosses the wire', () => mongoBytes(opening));
}

function ttlSuite(opening: MongoOpening, collection: () => Tasks): void {
  const documentOfTask = async ({ id }: { id: string }): Promise<TaskDocument | undefined> =>
    (await collection().find({}).toArray()).find(({ _id }) => _id.toString() === id);

  it('is that of the change, and five minutes at least', async () => {
    const { tasks } = await opening.database();
    const keeps = [DAY, 5 * MINUTE + 1, 1, 0];
    const batch = await claimed(tasks, keeps.length);
    await tasks.settle(batch.map((task, index) => settlement(task, { state: 'succeeded', keepMs: the(keeps[index]) })));
    const lives = await Promise.all(
      batch.map(async (task) => {
        const { expireAt, finishedAt } = the(await documentOfTask(task));
        return the(expireAt).getTime() - the(finishedAt).getTime();
      }),
    );
    expect(lives).to.deep.equal([DAY, 5 * MINUTE + 1, 5 * MINUTE, 5 * MINUTE]);
  });

  it('of a removed task leaves nothing but what answers a resent write', async () => {
    const { tasks } = await opening.database();
    const task = await claimedOne(tasks);
    await tasks.settle([settlement(task, { state: 'removed' })]);
    const left = the(await documentOfTask(task));
    expect(Object.keys(left)).to.have.members(['_id', 'queue', 'state', 'settledBy', 'expireAt']);
    const startedAt = leaseOf(task).expiresAt.getTime() - leaseOf(task).ms;
    expect(the(left.expireAt).getTime() - startedAt).to.be.within(5 * MINUTE - 1_000, 6 * MINUTE);
  });

  it('ends with a redrive', async () => {
    const { tasks } = await opening.database();
    const task = await claimedOne(tasks);
    await tasks.settle([settlement(task, { state: 'dead', keepMs: DAY })]);
    const redrive = {
      id: task.id,
      queue: task.queue,
      guard: { state: 'dead', rev: 0 },
      change: { state: 'waiting', delayMs: 0 },
      by: randomUUID(),
    } as const;
    await tasks.settle([redrive]);
    expect(await documentOfTask(task)).not.to.have.any.keys('expireAt', 'finishedAt', 'lease', 'patch');
  });

  it('is kept by an index on that instant', async () => {
    await opening.database();
    const indexes = (await collection().indexes()) as { key: object; expireAfterSeconds?: number }[];
    expect(indexes.find(({ expireAfterSeconds }) => expireAfterSeconds === 0)?.key).to.deep.equal({ expireAt: 1 });
  });

  it('is all that deletes', async () => {
    const { tasks } = await opening.database();
    expect(await tasks.prune(10)).to.equal(0);
  });
}

function editSuite(opening: MongoOpening): void {
  // A sandbox for this suite alone: stubs of other files must stay.
  const sandbox = sinon.createSandbox();
  afterEach(() => sandbox.restore());

  /** Runs an edit between the first find of a claim and its write. */
  function afterFind(edit: (found: string[]) => Promise<unknown>): void {
    const find = sandbox.stub(ClaimWindow.prototype, 'find');
    find.callsFake(async function (this: ClaimWindow, request) {
      const found = await find.wrappedMethod.call(this, request);
      find.restore();
      await edit(found.map(({ _id }) => _id.toString()));
      return found;
    });
  }

  /** Asserts that tasks were returned as they are in the store, and are held. */
  async function expectFresh(database: Database, handed: Awaited<ReturnType<typeof claim>>): Promise<void> {
    for (const task of handed) {
      const stored = await reread(database.tasks, task);
      expect({ ...task, lease: tokenOf(task) }).to.deep.equal({ ...stored, lease: tokenOf(stored) });
    }
  }

  it('by hand that makes a task due anew: it is not handed out as it was', async () => {
    const database = await opening.database();
    const queue = new Queue(await opening.open(), QUEUE);
    await database.tasks.insert(samples(3));
    let edited = '';
    afterFind((ids) => queue.retry((edited = the(ids[1]))));
    const handed = await claim(database.tasks);
    expect(handed).to.have.lengthOf(2);
    expect(idsOf(handed)).not.to.include(edited);
    await expectFresh(database, handed);
    expect(await reread(database.tasks, { id: edited })).to.include({ state: 'waiting', rev: 1, attempt: 0 });
  });

  it('that cancels a task: it is not handed out', async () => {
    const database = await opening.database();
    const queue = new Queue(await opening.open(), QUEUE);
    await database.tasks.insert(samples(3));
    afterFind((ids) => queue.cancel(the(ids[0])));
    const handed = await claim(database.tasks);
    expect(handed).to.have.lengthOf(2);
    await expectFresh(database, handed);
    expect(await database.tasks.counts(['cancelled'])).to.have.nested.property(`${QUEUE}.cancelled`, 1);
  });

  it('of all tasks: none is handed out', async () => {
    const database = await opening.database();
    await database.tasks.insert(samples(3));
    const other = await opening.database();
    let token = '';
    afterFind(async () => {
      token = tokenOf(the((await claim(other.tasks))[0]));
    });
    expect(await claim(database.tasks)).to.deep.equal([]);
    expect(await database.tasks.held({ token: token })).to.have.lengthOf(3);
  });

  it('that runs and fails a task: it is not handed out with its old failures', async () => {
    const [database, other] = [await opening.database(), await opening.database()];
    await database.tasks.insert(samples(4));
    afterFind(async () => {
      const run = await claim(other.tasks, { limit: 2 });
      await other.tasks.settle(run.map((task) => settlement(task, { state: 'waiting', delayMs: 0, failures: 1 })));
    });
    const handed = await claim(database.tasks);
    await expectFresh(database, handed);
    expect(handed.every(({ attempt, failures }) => attempt === failures + 1)).to.equal(true);
  });

  it('by nobody: tasks of different revisions are handed out as they are', async () => {
    const { tasks } = await opening.database();
    const again = await claimed(tasks, 2);
    await tasks.settle(again.map((task) => settlement(task, { state: 'waiting', delayMs: 0, failures: 1 })));
    await pause(20);
    await tasks.insert(samples(2));
    const handed = await claim(tasks);
    expect(handed).to.have.lengthOf(4);
    expect(handed.map(({ attempt, failures, rev }) => [attempt, failures, rev])).to.have.deep.members([
      ...[[2, 1, 1], [2, 1, 1]], // prettier-ignore
      ...[[1, 0, 0], [1, 0, 0]], // prettier-ignore
    ]);
  });

  it('that takes longer than any call may: the claim is answered with what it took', async () => {
    const store = await opening.open({ callTimeoutMs: 500 });
    const batch = samples(2);
    await store.parts.tasks.insert(batch);
    const late = new Promise<void>((resolve) => afterFind(() => pause(800).then(resolve)));
    const given = await store.parts.claimer.claim({ queues: [QUEUE], limit: 10, workerId: 'w', leaseMs: 300 }).catch(() => ({ tasks: [] }));
    await late;
    await pause(200);
    const stored = await Promise.all(batch.map((task) => reread(store.parts.tasks, task)));
    expect(idsOf(stored.filter(({ attempt }) => attempt > 0))).to.have.members(idsOf(given.tasks));
  });
}
