import type { mongo } from 'mongoose';
import { mongoId } from '../../modules/mongo/mongoSchema';
import type { TaskDocument } from '../../modules/mongo/taskFields';
import type { MongoConnection } from './mongoConnection';
import type { ProgressBoard, ProgressReport } from '../../modules/ports/progressBoard';

/** The progress of tasks in MongoDB. */
export class MongoProgressBoard implements ProgressBoard {
  readonly #connection: MongoConnection;

  constructor(connection: MongoConnection) {
    this.#connection = connection;
  }

  async report(reports: readonly ProgressReport[]): Promise<void> {
    const updates = reports.map(({ id, token, progress }): mongo.AnyBulkWriteOperation<TaskDocument> => ({
      updateOne: { filter: { _id: mongoId(id), 'lease.token': token }, update: { $set: { progress } } },
    }));
    await this.#connection.ask(() => this.#connection.tasks.bulkWrite(updates, { ordered: false }));
  }
}
