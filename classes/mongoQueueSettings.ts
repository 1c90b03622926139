import type { mongo } from 'mongoose';
import { storeErrorOf } from '../modules/mongoErrors';
import type { QueueDocument } from '../modules/mongoSchema';
import type { QueueSettings } from './taskStore';

/** The settings of queues in MongoDB. */
export class MongoQueueSettings implements QueueSettings {
  readonly #collection: mongo.Collection<QueueDocument>;
  readonly #maxTimeMS: number;

  constructor(collection: mongo.Collection<QueueDocument>, maxTimeMS: number) {
    this.#collection = collection;
    this.#maxTimeMS = maxTimeMS;
  }

  async paused(): Promise<ReadonlySet<string>> {
    try {
      const documents = await this.#collection.find({ paused: true }, { maxTimeMS: this.#maxTimeMS }).toArray();
      return new Set(documents.map(({ _id }) => _id));
    } catch (error) {
      throw storeErrorOf(error);
    }
  }

  async setPaused(queue: string, paused: boolean): Promise<void> {
    try {
      await this.#collection.updateOne({ _id: queue }, { $set: { paused } }, { upsert: true, maxTimeMS: this.#maxTimeMS });
    } catch (error) {
      throw storeErrorOf(error);
    }
  }
}
