import type { mongo } from 'mongoose';
import type { Namespace } from '../../modules/ports/namespace';
import { mongoId } from '../../modules/mongo/mongoSchema';
import { BY_ID } from '../../modules/mongo/taskFilters';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { MongoConnection } from './mongoConnection';
import type { ProgressBoard, ProgressReport } from '../../modules/ports/progressBoard';

/** The progress of tasks in MongoDB. */
export class MongoProgressBoard implements ProgressBoard {
  readonly #connection: MongoConnection;
  readonly #namespace: Namespace;

  constructor(connection: MongoConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  async report(reports: readonly ProgressReport[]): Promise<void> {
    const updates = reports.map(({ id, queue, token, progress }): mongo.AnyBulkWriteOperation<TaskDocument> => ({
      updateOne: {
        filter: { _id: mongoId(id), queue: this.#namespace.inside(queue), 'lease.token': token },
        update: { $set: { progress } },
        hint: BY_ID,
      },
    }));
    await this.#connection.ask(() => this.#connection.tasks.bulkWrite(updates, { ordered: false }));
  }
}
