import { SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { SqliteConnection } from './sqliteConnection';
import type { ProgressBoard, ProgressReport } from '../../modules/ports/progressBoard';

/** The progress of tasks in a SQLite file. */
export class SqliteProgressBoard implements ProgressBoard {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  report(reports: readonly ProgressReport[]): Promise<void> {
    return this.#connection.write(() => {
      const statement = this.#connection.prepare(SQLITE_STATEMENTS.progress);
      for (const { id, token, progress } of reports) statement.run(progress, uuidBytes(id), token);
    });
  }
}
