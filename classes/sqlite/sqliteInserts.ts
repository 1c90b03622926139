import { planInsert } from '../../modules/sqlite/sqliteInsert';
import { SQLITE_STATEMENTS } from '../../modules/sqlite/sqliteSchema';
import type { Namespace } from '../../modules/ports/namespace';
import type { Inserted } from '../../modules/ports/taskStore';
import type { NewTask } from '../../modules/task/task';
import { uuidBytes, uuidOf } from '../../modules/task/uuidBytes';
import type { SqliteConnection } from './sqliteConnection';

/** The inserts of SQLite, inside of a transaction. */
export class SqliteInserts {
  readonly #connection: Pick<SqliteConnection, 'prepare'>;
  readonly #namespace: Namespace;

  constructor(connection: Pick<SqliteConnection, 'prepare'>, namespace: Namespace) {
    this.#connection = connection;
    this.#namespace = namespace;
  }

  /** Inserts the tasks that are not there yet, and answers for each in order. */
  insert(tasks: readonly NewTask[], nowMs: number): Inserted[] {
    const inserted = new Array<Inserted>(tasks.length);
    const lastPlace = (priority: number): number => this.#lastPlace(priority);
    const inserts = planInsert(tasks, { namespace: this.#namespace, nowMs, lastPlace });
    for (const { indexes, sql, parameters } of inserts) {
      const { changes } = this.#connection.prepare(sql).run(...parameters);
      const mayClash = Number(changes) < indexes.length;
      for (const index of indexes) inserted[index] = this.#insertedOf(tasks[index] as NewTask, mayClash);
    }
    return inserted;
  }

  #lastPlace(priority: number): number {
    return (this.#connection.prepare(SQLITE_STATEMENTS.lastPlace).get(priority) as { place: number }).place;
  }

  #insertedOf(task: NewTask, mayClash: boolean): Inserted {
    return mayClash && task.uniqueKey !== null ? this.#nowThere(task) : { id: task.id, added: true };
  }

  /** Returns the task itself where it was added, now or before, else the live task with its unique key. */
  #nowThere({ id, queue, uniqueKey }: NewTask): Inserted {
    const same: unknown = this.#connection.prepare(SQLITE_STATEMENTS.exists).get(uuidBytes(id));
    if (same) return { id, added: true };
    const other = this.#connection.prepare(SQLITE_STATEMENTS.unique).get(this.#namespace.inside(queue), uniqueKey) as { id: Uint8Array };
    return { id: uuidOf(other.id), added: false };
  }
}
