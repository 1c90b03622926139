import { withPrefix } from '../../modules/sqlite/migrateSqlite';
import type { DatabaseSync, StatementSync } from '../../modules/sqlite/sqliteDriver';

/**
 * The statements of one connection, each prepared once.
 *
 * SQLite reads a bare parameter after LIMIT or GLOB for its plan, and prepares the statement anew whenever it is bound: a claim then costs 70
 * microseconds instead of 3 for each priority. So these parameters stand in an expression, as in `LIMIT ? + 0`.
 */
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
