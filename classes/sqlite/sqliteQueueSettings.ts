import { SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import type { SqliteConnection } from './sqliteConnection';
import type { QueueSettings } from '../../modules/ports/queueSettings';

/** The settings of queues in a SQLite file. */
export class SqliteQueueSettings implements QueueSettings {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  paused(): Promise<ReadonlySet<string>> {
    return this.#connection.read(() => {
      const rows = this.#connection.prepare(SQLITE_STATEMENTS.paused).all() as { name: string }[];
      return new Set(rows.map(({ name }) => name));
    });
  }

  async setPaused(queue: string, paused: boolean): Promise<void> {
    await this.#connection.write(() => this.#connection.prepare(SQLITE_STATEMENTS.setPaused).run(queue, Number(paused)));
  }
}
