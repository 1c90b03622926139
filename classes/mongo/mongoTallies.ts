import type { mongo } from 'mongoose';
import { PRIORITIES } from '../../constants/limits';
import { countFilter, indexOf } from '../../modules/mongo/bulkFilters';
import { CLAIM_INDEX } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { BulkCount } from '../../modules/ports/bulk';
import type { Namespace } from '../../modules/ports/namespace';
import { boundedCount, PLAIN_STATES, tallyOf } from '../../modules/ports/queueTally';
import type { PlacedTask, QueueTallies, QueueTally } from '../../modules/ports/queueTally';
import type { MongoConnection } from './mongoConnection';
import type { MongoQueueLook } from './mongoQueueLook';

type Filter = mongo.Filter<TaskDocument>;

/** The counts of one queue of a MongoDB. */
export class MongoTallies implements QueueTallies {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;
  readonly #looks: Pick<MongoQueueLook, 'nextDueIn'>;

  constructor(connection: MongoConnection, namespace: Namespace, looks: Pick<MongoQueueLook, 'nextDueIn'>) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#looks = looks;
  }

  of(known: string, most: number): Promise<QueueTally> {
    return this.#connection.askAgain(async () => {
      const queue = this.#namespace.inside(known);
      const now = new Date((await this.#connection.clock.now()).latestMs);
      const [due, delayed, dueSince, ...plain] = await Promise.all([
        this.#countWaiting(queue, { $lte: now }, most),
        this.#countWaiting(queue, { $gt: now }, most),
        this.#looks.nextDueIn([{ match: { queue, state: 'waiting' }, each: 'priority' }]),
        ...PLAIN_STATES.map((state) => this.#count(countFilter(queue, state), indexOf(state), most)),
      ]);
      const states = Object.fromEntries(PLAIN_STATES.map((state, at) => [state, plain[at]])) as Record<(typeof PLAIN_STATES)[number], number>;
      return tallyOf({ due, delayed, ...states }, most, dueSince, now);
    });
  }

  before({ id, queue: known, priority, availableAt }: PlacedTask, most: number): Promise<BulkCount> {
    return this.#connection.askAgain(async () => {
      const waiting = { queue: this.#namespace.inside(known), state: 'waiting' } as const;
      const now = new Date((await this.#connection.clock.now()).latestMs);
      const ranges = [
        { priority: { $in: PRIORITIES.filter((each) => each < priority) }, availableAt: { $lte: now } },
        { priority, availableAt: { $lt: availableAt } },
        { priority, availableAt, _id: { $lt: this.#connection.mongoId(id) } },
      ];
      const found = await Promise.all(ranges.map((range) => this.#count({ ...waiting, ...range }, CLAIM_INDEX, most)));
      return boundedCount(
        found.reduce((sum, count) => sum + count),
        most,
      );
    });
  }

  #countWaiting(queue: string, availableAt: object, most: number): Promise<number> {
    return this.#count({ queue, state: 'waiting', priority: { $in: PRIORITIES }, availableAt }, CLAIM_INDEX, most);
  }

  async #count(filter: Filter, hint: string, most: number): Promise<number> {
    const { tasks, maxTimeMS } = this.#connection;
    const pipeline = [{ $match: filter }, { $limit: most + 1 }, { $count: 'count' }];
    const [row] = await tasks.aggregate<{ count: number }>(pipeline, { hint, maxTimeMS }).toArray();
    return row?.count ?? 0;
  }
}
