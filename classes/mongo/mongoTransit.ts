import type { mongo } from 'mongoose';
import { TRANSIT_PREFIX } from '../../constants/limits';
import { groupBy } from '../../modules/values/groupBy';
import { duplicatesOf } from '../../modules/mongo/mongoErrors';
import { documentOfTask, mongoId } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { Task } from '../../modules/task/task';
import type { Namespace } from '../../modules/ports/namespace';
import { endlessLease } from '../../modules/ports/transitLease';
import type { MongoConnection } from './mongoConnection';
import type { Transit, TransitLease } from '../../modules/ports/transit';

type Filter = mongo.Filter<TaskDocument>;

/** Moves tasks from and to MongoDB. */
export class MongoTransit implements Transit {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  async hold(tasks: readonly Pick<Task, 'id' | 'rev'>[], lease: TransitLease): Promise<void> {
    const { tasks: collection, maxTimeMS } = this.#connection;
    for (const [rev, alike] of groupBy(tasks, (task) => task.rev)) {
      const filter = { ...withIds(alike.map(({ id }) => id)), state: 'waiting', rev } as Filter;
      await this.#connection.ask(() => collection.updateMany(filter, { $set: { state: 'running', lease: endlessLease(lease) } }, { maxTimeMS }));
    }
  }

  place(tasks: readonly Task[], lease: TransitLease): Promise<void> {
    const { tasks: collection, maxTimeMS } = this.#connection;
    const taken = { ...withIds(tasks.map(({ id }) => id)), state: 'removed', settledBy: { $regex: `^${TRANSIT_PREFIX}` } } as unknown as Filter;
    const documents = tasks.map((task) => documentOfTask(task, endlessLease(lease), this.#namespace));
    return this.#connection.ask(async () => {
      await collection.deleteMany(taken, { maxTimeMS });
      try {
        await collection.insertMany(documents, { ordered: false });
      } catch (error) {
        if (!duplicatesOf(error)) throw error;
      }
    });
  }

  async release(ids: readonly string[], token: string): Promise<void> {
    const { tasks: collection, maxTimeMS } = this.#connection;
    const filter = { ...withIds(ids), 'lease.token': token } as Filter;
    const update = { $set: { state: 'waiting' as const }, $inc: { rev: 1 }, $unset: { lease: '' as const } };
    await this.#connection.ask(() => collection.updateMany(filter, update, { maxTimeMS }));
  }
}

const withIds = (ids: readonly string[]): Filter => ({ _id: { $in: ids.map(mongoId) } });
