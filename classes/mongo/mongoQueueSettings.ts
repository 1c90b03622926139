import type { MongoConnection } from './mongoConnection';
import type { Namespace } from '../../modules/ports/namespace';
import type { QueueSettings } from '../../modules/ports/queueSettings';

/** The settings of queues in MongoDB. */
export class MongoQueueSettings implements QueueSettings {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  paused(): Promise<ReadonlySet<string>> {
    const { queues, maxTimeMS } = this.#connection;
    return this.#connection.askAgain(async () => {
      const documents = await queues.find({ paused: true }, { maxTimeMS }).toArray();
      return new Set(documents.filter(({ _id }) => this.#namespace.owns(_id)).map(({ _id }) => this.#namespace.outside(_id)));
    });
  }

  /** Only a queue that is paused now has a document: every process reads all of them twice a second. */
  async setPaused(queue: string, paused: boolean): Promise<void> {
    const { queues, maxTimeMS } = this.#connection;
    const named = { _id: this.#namespace.inside(queue) };
    await this.#connection.askAgain(async () => {
      if (paused) await queues.updateOne(named, { $set: { paused } }, { upsert: true, maxTimeMS });
      else await queues.deleteOne(named, { maxTimeMS });
    });
  }
}
