import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { ClaimWindow } from '../../classes/mongo/claimWindow';
import type { FindAtOnce, MongoConnection } from '../../classes/mongo/mongoConnection';
import { systemClock } from '../../modules/time/clock';
import { documentOf, mongoId, TASKS_COLLECTION } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { namespaceOf } from '../../modules/ports/namespace';
import type { NewTask } from '../../modules/task/task';
import type { MongoOpening } from '../support/stores';
import { claim, claimedOne, claimRequest, idsOf, pause, QUEUE, sample, samples, the, until } from './samples';

const DAY = 24 * 60 * 60_000;

type Tasks = mongo.Collection<TaskDocument>;

/** What a claim finds next, and what that costs the server. */
export function mongoWindow(opening: MongoOpening): void {
  const collection = (): Tasks => opening.db().collection<TaskDocument>(TASKS_COLLECTION);

  const documents = (tasks: readonly NewTask[]): TaskDocument[] => {
    const nowMs = Date.now();
    return tasks.map((task) => documentOf(task, { earliestMs: nowMs - 1_000, latestMs: nowMs }, namespaceOf()));
  };
  const request = (limit: number) => ({ queue: QUEUE, limit, earliestMs: Date.now(), latestMs: Date.now(), except: [], maxTimeMS: 10_000 });

  it('examines at most two keys for each task, and one for each priority, however many are delayed', async () => {
    await opening.database();
    const many = Array.from({ length: 10_000 }, (_, n) => sample({ priority: (n >> 1) % 10, due: { delayMs: n % 2 === 0 ? 0 : DAY } }));
    await collection().insertMany(documents(many));
    const asked: [mongo.Filter<TaskDocument>, FindAtOnce][] = [];
    const window = new ClaimWindow(finding(collection(), asked), systemClock, Math.random);
    expect(await window.find(request(100))).to.have.lengthOf(100);
    const explained = await collection().find(...the(asked[0])).explain('executionStats'); // prettier-ignore
    const { nReturned, totalKeysExamined } = (explained as { executionStats: { nReturned: number; totalKeysExamined: number } }).executionStats;
    expect([asked.length, nReturned]).to.deep.equal([1, 100]);
    expect(totalKeysExamined).to.be.at.most(2 * 100 + 10);
    expect(JSON.stringify(explained)).not.to.include('"SORT"');
  });

  it('goes on at once where an answer could not hold all that is due', async () => {
    const { tasks } = await opening.database();
    const large = samples(24, { payload: JSON.stringify('x'.repeat(1_000_000)) });
    await tasks.insert(large);
    const handed: string[] = [];
    for (let claims = 0; claims < 2; claims += 1) handed.push(...idsOf(await claim(tasks, { limit: 100 })));
    expect(handed).to.deep.equal(idsOf(large));
  });

  it('lets a suspect run that claims of single tasks have passed over, once nothing else runs', async () => {
    const { tasks } = await opening.database();
    const batch = samples(30);
    await tasks.insert(batch);
    await collection().updateOne({ _id: mongoId(the(batch[5]).id) }, { $set: { suspect: true } });
    for (let claims = 0; claims < 10; claims += 1) await claim(tasks, { limit: 1, alone: false });
    await pause(2_100);
    const told = async (): Promise<boolean> => (await tasks.claim(claimRequest({ limit: 1, alone: false }))).suspect !== null;
    await until(told);
    expect(idsOf(await claim(tasks, { limit: 10, alone: true }))).to.deep.equal([the(batch[5]).id]);
  });

  it('sees at once what another process has let wait again, when it is told of it', async () => {
    const [mine, other] = [await opening.database(), await opening.database()];
    const { id } = await claimedOne(other.tasks);
    let told = 0;
    const unwatch = the(mine.tasks.watch?.(() => (told += 1)));
    await until(() => told > 0);
    expect(await claim(mine.tasks)).to.deep.equal([]);
    told = 0;
    // As when the write took half a second.
    const again = { $set: { state: 'waiting', availableAt: new Date(Date.now() - 500) }, $inc: { rev: 1 } } as const;
    await collection().updateOne({ _id: mongoId(id) }, again);
    await until(() => told > 0);
    expect(idsOf(await claim(mine.tasks))).to.deep.equal([id]);
    unwatch();
  });

  it('looks at the head every few seconds also while claims miss', async () => {
    let passedMs = 0;
    await opening.database();
    await collection().insertMany(documents(samples(5, { priority: 5 })));
    const clock = { ...systemClock, monotonic: () => performance.now() + passedMs };
    const window = new ClaimWindow(finding(collection()), clock, () => 0);
    expect(await window.find(request(3))).to.have.lengthOf(3);
    const urgent = sample({ priority: 0 });
    await collection().insertMany(documents([urgent]));
    for (let seconds = 0; seconds < 5; seconds += 1) {
      window.note(QUEUE, 3, 0);
      passedMs += 1_000;
      const found = await window.find(request(3));
      if (found[0]?._id.toString() === urgent.id) return;
    }
    expect.fail('the most urgent task was not found in five seconds of misses');
  });
}

/** Finds in a collection, and records what was asked for. */
const finding = (collection: Tasks, asked: [mongo.Filter<TaskDocument>, FindAtOnce][] = []): Pick<MongoConnection, 'findAtOnce'> => ({
  findAtOnce: (filter, options) => {
    asked.push([filter, options]);
    return collection.find(filter, { ...options, batchSize: options.limit }).toArray().then((documents) => ({ documents, isCut: false })); // prettier-ignore
  },
});
