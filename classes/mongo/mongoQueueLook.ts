import { dueQueuesPipeline } from '../../modules/mongo/dueQueuesPipeline';
import { CLAIM_INDEX } from '../../modules/mongo/mongoSchema';
import type { Namespace } from '../../modules/ports/namespace';
import type { DueQueue, QueueLook } from '../../modules/ports/queueLook';
import type { MongoConnection } from './mongoConnection';

/** The answer comes in one batch, whatever the number of queues. */
const BATCH = 100_000;

interface FoundQueue {
  readonly _id: string;
  readonly priority: number;
}

/** The look at the queues of a MongoDB: one command, which reads one key of the claim index a queue. */
export class MongoQueueLook implements QueueLook {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  due(queues: readonly string[]): Promise<DueQueue[]> {
    return this.#connection.ask(async () => {
      const { latestMs } = await this.#connection.clock.now();
      const found = await this.#find(queues, latestMs);
      return found.map(({ _id, priority }) => ({ queue: this.#namespace.outside(_id), priority }));
    });
  }

  /** Several names or patterns may name a queue twice; it is told once. */
  async #find(queues: readonly string[], dueMs: number): Promise<FoundQueue[]> {
    const { tasks, maxTimeMS } = this.#connection;
    const pipeline = dueQueuesPipeline(queues.map(this.#namespace.inside), tasks.collectionName, dueMs);
    const rows = await tasks.aggregate<FoundQueue>(pipeline, { hint: CLAIM_INDEX, batchSize: BATCH, maxTimeMS }).toArray();
    return [...new Map(rows.filter(({ _id }) => this.#namespace.owns(_id)).map((row) => [row._id, row])).values()];
  }
}
