import type { mongo } from 'mongoose';
import { TRANSIT_PREFIX } from '../../constants/limits';
import { groupBy } from '../../modules/values/groupBy';
import { AGAIN } from '../../modules/mongo/again';
import { duplicatesOf } from '../../modules/mongo/mongoErrors';
import { documentOfTask } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID, keysFilter } from '../../modules/mongo/taskFilters';
import { carriedOf, stepFieldsOf } from '../../modules/mongo/stepDocuments';
import type { CarriedSteps } from '../../modules/ports/stepStore';
import type { TaskKey } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import { endlessLease } from '../../modules/ports/transitLease';
import type { MongoConnection } from './mongoConnection';
import type { Transit, TransitLease } from '../../modules/ports/transit';

type Filter = mongo.Filter<TaskDocument>;

/** Moves tasks from and to MongoDB. */
export class MongoTransit implements Transit {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;

  constructor(connection: MongoConnection, keys: MongoKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async hold(tasks: readonly Pick<Task, 'id' | 'queue' | 'rev'>[], lease: TransitLease): Promise<void> {
    const { tasks: collection, maxTimeMS } = this.#connection;
    for (const [rev, alike] of groupBy(tasks, (task) => task.rev)) {
      const filter = { ...keysFilter(alike, this.#keys), state: 'waiting', rev, held: { $exists: false } } as Filter;
      const update = { $set: { state: 'running' as const, lease: endlessLease(lease) } };
      await this.#connection.askAgain(() => collection.updateMany(filter, update, { hint: BY_ID, maxTimeMS }));
    }
  }

  async carried(tasks: readonly TaskKey[]): Promise<CarriedSteps[]> {
    const { tasks: collection, maxTimeMS } = this.#connection;
    const filter = { ...keysFilter(tasks, this.#keys), $or: [{ steps: { $exists: true } }, { signals: { $exists: true } }] } as Filter;
    const options = { projection: { steps: 1, signals: 1, awaits: 1 }, hint: BY_ID, maxTimeMS } as const;
    const found = await this.#connection.askAgain(() => collection.find(filter, options).toArray());
    return found.map(({ _id, ...fields }) => carriedOf(_id.toString(), fields));
  }

  place(tasks: readonly Task[], lease: TransitLease, carried: readonly CarriedSteps[] = []): Promise<void> {
    const { tasks: collection, maxTimeMS } = this.#connection;
    const taken = { ...keysFilter(tasks, this.#keys), state: 'removed', settledBy: { $regex: `^${TRANSIT_PREFIX}` } } as unknown as Filter;
    const steps = new Map(carried.map((own) => [own.id, stepFieldsOf(own)]));
    const documents = tasks.map((task) => documentOfTask(task, endlessLease(lease), this.#keys, steps.get(task.id)));
    return this.#connection.askAgain(async () => {
      await collection.deleteMany(taken, { maxTimeMS });
      try {
        await collection.insertMany(documents, { ordered: false });
      } catch (error) {
        if (!duplicatesOf(error)) throw error;
      }
    });
  }

  async release(tasks: readonly TaskKey[], token: string): Promise<void> {
    const { tasks: collection, maxTimeMS } = this.#connection;
    const filter = { ...keysFilter(tasks, this.#keys), 'lease.token': token } as Filter;
    const update = [{ $set: { state: 'waiting', rev: { $add: ['$rev', 1] }, again: AGAIN, lease: '$$REMOVE' } }];
    await this.#connection.askAgain(() => collection.updateMany(filter, update, { hint: BY_ID, maxTimeMS }));
  }
}
