import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { documentOf } from '../../modules/mongo/mongoSchema';
import { mongoId } from '../../modules/mongo/uuid';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { namespaceOf } from '../../modules/ports/namespace';
import type { NewTask } from '../../modules/task/task';
import type { MongoOpening } from '../support/stores';
import { claim, claimedOne, claimRequest, idsOf, pause, sample, samples, the, until } from './samples';

/** The collection of tasks. */
const TASKS = 'holdfast_tasks';

const DAY = 24 * 60 * 60_000;

type Tasks = mongo.Collection<TaskDocument>;

/** An operation as the profiler of the server reports it. */
interface Profiled {
  readonly op: string;
  readonly keysExamined: number;
  readonly planSummary: string;
  readonly hasSortStage?: boolean;
}

/** The window of a claim: it must find the right tasks at little cost for the server. */
export function mongoWindow(opening: MongoOpening): void {
  const collection = (): Tasks => opening.db().collection<TaskDocument>(TASKS);

  const documents = (tasks: readonly NewTask[]): TaskDocument[] => {
    const nowMs = Date.now();
    return tasks.map((task) => documentOf(task, { earliestMs: nowMs - 1_000, latestMs: nowMs }, { ...namespaceOf(), mongoId }));
  };

  it('examines few keys for each task, and one for each priority, however many are delayed', async () => {
    const { tasks } = await opening.database();
    const many = Array.from({ length: 10_000 }, (_, n) => sample({ priority: (n >> 1) % 10, due: { delayMs: n % 2 === 0 ? 0 : DAY } }));
    await collection().insertMany(documents(many));
    await opening.db().command({ profile: 2 });
    expect(await claim(tasks, { limit: 100 })).to.have.lengthOf(100);
    await opening.db().command({ profile: 0 });
    const done = (await opening.db().collection('system.profile').find({ ns: collection().namespace }).toArray()) as unknown as Profiled[];
    const reads = done.filter(({ op }) => op === 'query');
    expect(reads).to.have.lengthOf(1);
    // A write finds each task by its id, and may examine its key twice.
    for (const { op, keysExamined } of done) expect(keysExamined, op).to.be.at.most(2 * 100 + 10);
    expect(done.filter(({ hasSortStage, planSummary }) => hasSortStage || planSummary === 'COLLSCAN')).to.deep.equal([]);
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
    // As if the write had taken half a second.
    const again = { $set: { state: 'waiting', availableAt: new Date(Date.now() - 500) }, $inc: { rev: 1 } } as const;
    await collection().updateOne({ _id: mongoId(id) }, again);
    await until(() => told > 0);
    expect(idsOf(await claim(mine.tasks))).to.deep.equal([id]);
    unwatch();
  });
}
