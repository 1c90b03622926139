import type { mongo } from 'mongoose';
import { PRIORITIES } from '../../constants/limits';
import { countFilter } from '../../modules/mongo/bulkFilters';
import { CLAIM_INDEX } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { BulkCount } from '../../modules/ports/bulk';
import type { Namespace } from '../../modules/ports/namespace';
import { boundedCount, PLAIN_STATES, TALLY_KEYS, tallyOf } from '../../modules/ports/queueTally';
import type { PlacedTask, QueueTallies, QueueTally, TallyKey } from '../../modules/ports/queueTally';
import type { MongoConnection } from './mongoConnection';
import type { MongoQueueLook } from './mongoQueueLook';

type Filter = mongo.Filter<TaskDocument>;

/** A kind of tasks that is counted. */
interface CountFilter {
  readonly key: TallyKey;
  readonly filter: Filter;
}

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
      const [counts, dueSince] = await Promise.all([
        this.#countEach(countFilters(queue, now), most),
        this.#looks.nextDueIn([{ match: { queue, state: 'waiting' }, each: 'priority' }]),
      ]);
      return tallyOf(counts, most, dueSince, now);
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

  /** Counts by one command, which costs a third of one for each kind. Each kind has an index of its own that serves it alone. */
  async #countEach(filters: readonly CountFilter[], most: number): Promise<Record<TallyKey, number>> {
    const { tasks, maxTimeMS } = this.#connection;
    const [first, ...others] = filters.map(({ key, filter }) => [{ $match: filter }, { $limit: most + 1 }, { $count: 'count' }, { $set: { key } }]);
    const pipeline = [...(first ?? []), ...others.map((other) => ({ $unionWith: { coll: tasks.collectionName, pipeline: other } }))];
    const rows = await tasks.aggregate<{ key: TallyKey; count: number }>(pipeline, { hint: CLAIM_INDEX, maxTimeMS }).toArray();
    const counts = new Map(rows.map(({ key, count }) => [key, count]));
    return Object.fromEntries(TALLY_KEYS.map((key) => [key, counts.get(key) ?? 0])) as Record<TallyKey, number>;
  }

  async #count(filter: Filter, hint: string, most: number): Promise<number> {
    const { tasks, maxTimeMS } = this.#connection;
    const pipeline = [{ $match: filter }, { $limit: most + 1 }, { $count: 'count' }];
    const [row] = await tasks.aggregate<{ count: number }>(pipeline, { hint, maxTimeMS }).toArray();
    return row?.count ?? 0;
  }
}

/** What is counted of a queue, the kinds that wait first. */
function countFilters(queue: string, now: Date): CountFilter[] {
  const waiting = { queue, state: 'waiting', priority: { $in: PRIORITIES } } as const;
  return [
    { key: 'due', filter: { ...waiting, availableAt: { $lte: now } } },
    { key: 'delayed', filter: { ...waiting, availableAt: { $gt: now } } },
    ...PLAIN_STATES.map((key): CountFilter => ({ key, filter: countFilter(queue, key) })),
  ];
}
