import { dueQueuesPipeline, namesPipelines, rangesOf } from '../../modules/mongo/dueQueuesPipeline';
import { CLAIM_INDEX, LEASE_FENCE_QUEUE } from '../../modules/mongo/mongoSchema';
import { dueTimesPipeline, nextDuePipeline, partsOfMany } from '../../modules/mongo/nextDuePipeline';
import type { DuePart } from '../../modules/mongo/nextDuePipeline';
import type { Namespace } from '../../modules/ports/namespace';
import type { DueQueue, QueueLook } from '../../modules/ports/queueLook';
import { isNamed } from '../../modules/ports/queuePatterns';
import type { MongoConnection } from './mongoConnection';

/** The answer comes in one batch, whatever the number of queues. */
const BATCH = 100_000;

/** Most ranges that a look at due times takes apart. A pipeline has at most a thousand stages, and each range ten. */
const RANGES = 50;

interface DueTime {
  readonly _id: string;
  readonly availableAt: Date;
}

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
    return this.#connection.askAgain(async () => {
      const { latestMs } = await this.#connection.clock.now();
      const found = await this.#find(queues, latestMs);
      return found.map(({ _id, priority }) => ({ queue: this.#namespace.outside(_id), priority }));
    });
  }

  names(): Promise<string[]> {
    const { tasks, maxTimeMS } = this.#connection;
    return this.#connection.askAgain(async () => {
      const found = await Promise.all(
        namesPipelines(this.#namespace.inside('*')).map(({ pipeline, hint }) =>
          tasks.aggregate<{ _id: string }>(pipeline, { hint, batchSize: BATCH, maxTimeMS }).toArray(),
        ),
      );
      const names = new Set(found.flat().map(({ _id }) => _id));
      names.delete(LEASE_FENCE_QUEUE);
      return [...names].filter(this.#namespace.owns).map(this.#namespace.outside);
    });
  }

  /** Returns the instant at which the next task in these parts of the index is due, or null. */
  async nextDueIn(parts: readonly DuePart[]): Promise<Date | null> {
    if (parts.length === 0) return null;
    const [next] = await this.#ask<DueTime>(nextDuePipeline(parts, this.#connection.tasks.collectionName));
    return next?.availableAt ?? null;
  }

  /** Returns the instant at which the next task of queues is due, of which patterns name some and some are left out, or null. */
  async nextDueOf(queues: readonly string[], except: readonly string[]): Promise<Date | null> {
    const ranges = rangesOf(queues.map(this.#namespace.inside));
    const parts = (ranges.length > RANGES ? rangesOf([this.#namespace.inside('*')]) : ranges).flatMap(partsOfMany);
    const rows = await this.#ask<DueTime>(dueTimesPipeline(parts, this.#connection.tasks.collectionName));
    const isWanted = (queue: string): boolean => isNamed(queues, queue) && !except.includes(queue);
    const own = rows.filter(({ _id }) => this.#namespace.owns(_id) && isWanted(this.#namespace.outside(_id)));
    return own.length === 0 ? null : own.reduce((next, row) => (row.availableAt < next.availableAt ? row : next)).availableAt;
  }

  /** Several names or patterns may name a queue twice; it is told once. */
  async #find(queues: readonly string[], dueMs: number): Promise<FoundQueue[]> {
    const { collectionName } = this.#connection.tasks;
    const rows = await this.#ask<FoundQueue>(dueQueuesPipeline(queues.map(this.#namespace.inside), collectionName, dueMs));
    return [...new Map(rows.filter(({ _id }) => this.#namespace.owns(_id)).map((row) => [row._id, row])).values()];
  }

  #ask<Row extends object>(pipeline: object[]): Promise<Row[]> {
    const { tasks, maxTimeMS } = this.#connection;
    return tasks.aggregate<Row>(pipeline, { hint: CLAIM_INDEX, batchSize: BATCH, maxTimeMS }).toArray();
  }
}
