import type { mongo } from 'mongoose';
import { PRIORITIES } from '../../constants/limits';
import { CLAIM_INDEX } from '../../modules/mongo/mongoSchema';
import { talliesOf, tallyPipeline } from '../../modules/mongo/tallyPipeline';
import type { AskedTally, TallyRow } from '../../modules/mongo/tallyPipeline';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { BulkCount } from '../../modules/ports/bulk';
import type { Namespace } from '../../modules/ports/namespace';
import { boundedCount, tallyOf } from '../../modules/ports/queueTally';
import type { PlacedTask, QueueTallies, QueueTally } from '../../modules/ports/queueTally';
import { Batch } from '../async/batch';
import type { MongoConnection } from './mongoConnection';

type Filter = mongo.Filter<TaskDocument>;

/** Maximum number of queues that are counted by one command, and of commands under way while more wait. */
const MOST_QUEUES = 8;
const COMMANDS = 4;

/** The answer comes in one batch: seven rows a queue at most. */
const BATCH = 7 * MOST_QUEUES + 1;

/** The counts of one queue of a MongoDB. */
export class MongoTallies implements QueueTallies {
  readonly atOnce = MOST_QUEUES * COMMANDS;
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;
  /** Counts of one turn share a command. */
  readonly #asked: Batch<AskedTally, QueueTally>;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
    const count = (asked: AskedTally[]): Promise<QueueTally[]> => connection.askAgain(() => this.#countAll(asked));
    this.#asked = new Batch(count, setImmediate, MOST_QUEUES, COMMANDS);
  }

  of(queue: string, most: number): Promise<QueueTally> {
    return this.#asked.push({ queue: this.#namespace.inside(queue), most });
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

  async #countAll(asked: readonly AskedTally[]): Promise<QueueTally[]> {
    const { tasks, clock, maxTimeMS } = this.#connection;
    const now = new Date((await clock.now()).latestMs);
    const rows = await tasks
      .aggregate<TallyRow>(tallyPipeline(asked, now, tasks.collectionName), { hint: CLAIM_INDEX, batchSize: BATCH, maxTimeMS })
      .toArray();
    return talliesOf(rows, asked.length).map(({ counts, nextDue }, place) => tallyOf(counts, asked[place]?.most ?? 0, nextDue, now));
  }

  async #count(filter: Filter, hint: string, most: number): Promise<number> {
    const { tasks, maxTimeMS } = this.#connection;
    const pipeline = [{ $match: filter }, { $limit: most + 1 }, { $count: 'count' }];
    const [row] = await tasks.aggregate<{ count: number }>(pipeline, { hint, maxTimeMS }).toArray();
    return row?.count ?? 0;
  }
}
