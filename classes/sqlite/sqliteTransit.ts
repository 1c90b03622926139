import { TRANSIT_PREFIX } from '../../constants/limits';
import { SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import { leaseValues, placedValues } from '../../modules/sqlite/taskSql';
import type { Task } from '../../modules/task/task';
import type { TaskKey } from '../../modules/ports/taskStore';
import type { CarriedSteps } from '../../modules/ports/stepStore';
import type { Namespace } from '../../modules/ports/namespace';
import { endlessLease } from '../../modules/ports/transitLease';
import { uuidBytes } from '../../modules/task/uuidBytes';
import type { SqliteConnection } from './sqliteConnection';
import { carriedSteps, forgetSteps, placeSteps } from './sqliteStepStore';
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

  carried(tasks: readonly TaskKey[]): Promise<CarriedSteps[]> {
    return this.#connection.read(() => carriedSteps(this.#connection, tasks));
  }

  place(tasks: readonly Task[], lease: TransitLease, carried: readonly CarriedSteps[] = []): Promise<void> {
    const steps = new Map(carried.map((own) => [own.id, own]));
    return this.#connection.write(() => {
      const forget = this.#connection.prepare(SQLITE_STATEMENTS.forget);
      const place = this.#connection.prepare(SQLITE_STATEMENTS.place);
      for (const task of tasks) {
        if (Number(forget.run(uuidBytes(task.id), `${TRANSIT_PREFIX}*`).changes) > 0) forgetSteps(this.#connection, task.id);
        const queue = this.#namespace.inside(task.queue);
        const { changes } = place.run(uuidBytes(task.id), ...placedValues({ ...task, queue, state: 'running' }, endlessLease(lease)));
        const own = steps.get(task.id);
        if (Number(changes) === 1 && own) placeSteps(this.#connection, own);
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
