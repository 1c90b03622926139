import { withPrefix } from '../../modules/sqlite/migrateSqlite';
import type { DatabaseSync, StatementSync } from '../../modules/sqlite/sqliteDriver';

/** The statements of one connection, each prepared once. */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prefix: string;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync, prefix: string) {
    this.#database = database;
    this.#prefix = prefix;
  }

  /** Prepares a statement, with the prefix of the store in its names, or returns the one prepared before. */
  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) this.#prepared.set(sql, (statement = this.#database.prepare(withPrefix(sql, this.#prefix))));
    return statement;
  }

  /** Forgets all statements. */
  end(): void {
    this.#prepared.clear();
  }
}
