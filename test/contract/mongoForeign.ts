import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { mongo } from 'mongoose';
import type { Database } from '../../modules/ports/database';
import { mongoId } from '../../modules/mongo/uuid';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { MongoOpening } from '../support/stores';
import { claim, claimed, idsOf, listed, QUEUE, samples } from './samples';

/** The collection of tasks. */
const TASKS = 'holdfast_tasks';

const HOUR = 3_600_000;

/** Documents that somebody wrote by hand: the store must still serve all others. */
export function mongoForeign(opening: MongoOpening): void {
  const ids: readonly [string, unknown][] = [
    ['an ObjectId', new mongo.BSON.ObjectId()],
    ['a text', 'task-1'],
    ['a number', 5],
  ];
  const collection = (): mongo.Collection<TaskDocument> => opening.db().collection<TaskDocument>(TASKS);

  /** Inserts a copy of the task under another id, with a change. */
  const insertLike = async (id: string, change: object): Promise<void> => {
    const document = await collection().findOne({ _id: mongoId(id) });
    await collection().insertOne({ ...document, ...change } as TaskDocument);
  };

  const addedTo = async ({ tasks }: Database, count: number): Promise<string[]> => {
    const added = samples(count);
    await tasks.insert(added);
    return added.map(({ id }) => id);
  };

  for (const [title, _id] of ids) {
    it(`under ${title} is passed over by claims, of one and of several, and by lists`, async () => {
      const database = await opening.database();
      const [first = '', ...rest] = await addedTo(database, 4);
      await insertLike(first, { _id, priority: 0, availableAt: new Date(Date.now() - HOUR) });
      expect(idsOf(await claim(database.tasks, { limit: 1 }))).to.deep.equal([first]);
      expect(idsOf(await claim(database.tasks, { limit: 10 }))).to.deep.equal(rest);
      expect(await listed(database.tasks, { queue: QUEUE, limit: 10 })).to.have.length(4);
    });

    it(`under ${title} and a lease that is over keeps no other lease from being found`, async () => {
      const database = await opening.database();
      await addedTo(database, 1);
      const [task] = await claimed(database.tasks, 1);
      await collection().updateOne({ 'lease.token': task?.lease?.token }, { $set: { 'lease.expiresAt': new Date(Date.now() - HOUR) } });
      await insertLike(task?.id ?? '', { _id, 'lease.token': randomUUID() });
      expect(idsOf(await database.tasks.expired(10))).to.deep.equal([task?.id]);
    });
  }
}
