import type { mongo } from 'mongoose';
import type { MongoKeys } from '../../modules/mongo/mongoKeys';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import { BY_ID } from '../../modules/mongo/taskFilters';
import type { MongoConnection } from './mongoConnection';
import type { ProgressBoard, ProgressReport } from '../../modules/ports/progressBoard';

/** The progress of tasks in MongoDB. */
export class MongoProgressBoard implements ProgressBoard {
  readonly #connection: MongoConnection;
  readonly #keys: MongoKeys;

  constructor(connection: MongoConnection, keys: MongoKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async report(reports: readonly ProgressReport[]): Promise<void> {
    const updates = reports.map(({ id, queue, token, progress }): mongo.AnyBulkWriteOperation<TaskDocument> => ({
      updateOne: {
        filter: { _id: this.#keys.mongoId(id), queue: this.#keys.inside(queue), 'lease.token': token },
        update: { $set: { progress } },
        hint: BY_ID,
      },
    }));
    await this.#connection.askAgain(() => this.#connection.tasks.bulkWrite(updates, { ordered: false }));
  }
}
