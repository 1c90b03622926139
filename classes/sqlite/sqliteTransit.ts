import { TRANSIT_PREFIX } from '../../constants/limits';
import { SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import { leaseValues, placedValues } from '../../modules/sqlite/taskSql';
import type { Task } from '../../modules/task/task';
import type { TaskKey } from '../../modules/ports/taskStore';
import type { Namespace } from '../../modules/ports/namespace';
import { endlessLease } from '../../modules/ports/transitLease';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { SqliteConnection } from './sqliteConnection';
import type { Transit, TransitLease } from '../../modules/ports/transit';

/** Moves tasks from and to a SQLite file. */
export class SqliteTransit implements Transit {
  readonly #connection: SqliteConnection;
  readonly #namespace: Namespace;

  constructor(connection: SqliteConnection, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  hold(tasks: readonly Pick<Task, 'id' | 'rev'>[], lease: TransitLease): Promise<void> {
    return this.#connection.write(() => {
      const statement = this.#connection.prepare(SQLITE_STATEMENTS.hold);
      for (const { id, rev } of tasks) statement.run(...leaseValues(endlessLease(lease)), uuidBytes(id), rev);
    });
  }

  place(tasks: readonly Task[], lease: TransitLease): Promise<void> {
    return this.#connection.write(() => {
      const forget = this.#connection.prepare(SQLITE_STATEMENTS.forget);
      const place = this.#connection.prepare(SQLITE_STATEMENTS.place);
      for (const task of tasks) {
        forget.run(uuidBytes(task.id), `${TRANSIT_PREFIX}*`);
        const queue = this.#namespace.inside(task.queue);
        place.run(uuidBytes(task.id), ...placedValues({ ...task, queue, state: 'running' }, endlessLease(lease)));
      }
    });
  }

  release(tasks: readonly TaskKey[], token: string): Promise<void> {
    return this.#connection.write(() => {
      const statement = this.#connection.prepare(SQLITE_STATEMENTS.release);
      for (const { id } of tasks) statement.run(uuidBytes(id), token);
    });
  }
}
