import type { MongoConnection } from './mongoConnection';
import type { QueueSettings } from '../../modules/ports/queueSettings';

/** The settings of queues in MongoDB. */
export class MongoQueueSettings implements QueueSettings {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  paused(): Promise<ReadonlySet<string>> {
    const { queues, maxTimeMS } = this.#connection;
    return this.#connection.ask(async () => {
      const documents = await queues.find({ paused: true }, { maxTimeMS }).toArray();
      return new Set(documents.map(({ _id }) => _id));
    });
  }

  async setPaused(queue: string, paused: boolean): Promise<void> {
    const { queues, maxTimeMS } = this.#connection;
    await this.#connection.ask(() => queues.updateOne({ _id: queue }, { $set: { paused } }, { upsert: true, maxTimeMS }));
  }
}
