import { SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import type { SqliteConnection } from './sqliteConnection';
import type { Namespace } from '../../modules/ports/namespace';
import type { QueueSettings } from '../../modules/ports/queueSettings';

/** The settings of queues in a SQLite file. */
export class SqliteQueueSettings implements QueueSettings {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  paused(): Promise<ReadonlySet<string>> {
    return this.#connection.read(() => {
      const rows = this.#connection.prepare(SQLITE_STATEMENTS.paused).all() as { name: string }[];
      return new Set(rows.filter(({ name }) => this.#namespace.owns(name)).map(({ name }) => this.#namespace.outside(name)));
    });
  }

  /** Only a queue that is paused now has a row: every process reads all of them twice a second. */
  async setPaused(queue: string, paused: boolean): Promise<void> {
    const { pause, resume } = SQLITE_STATEMENTS;
    await this.#connection.write(() => this.#connection.prepare(paused ? pause : resume).run(this.#namespace.inside(queue)));
  }
}
