import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseConstructor, DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import type { Clock } from '../../modules/time/clock';
import { FileIdentity } from './fileIdentity';

/** The path of a database in memory. */
export const IN_MEMORY = ':memory:';

/** Connections whose file was deleted or replaced. They are kept, because garbage is closed. */
const LOST = new Set<DatabaseSync>();

/**
 * A file that a connection has open, or a database in memory.
 *
 * A file of ours is attached to an empty connection, because detaching closes it at once: the prebuilt driver keeps a file open until the last
 * statement on it is garbage, and has no way to end a statement.
 */
export class SqliteFile {
  /** The name of the file in statements. */
  readonly schema: 'file' | 'main';
  readonly #identity: FileIdentity | undefined;

  private constructor(
    readonly database: DatabaseSync,
    /** The absolute path; undefined for a database in memory. */
    readonly path: string | undefined,
    private readonly isCallers: boolean,
    clock: Clock,
  ) {
    this.schema = isCallers ? 'main' : 'file';
    this.#identity = path === undefined ? undefined : new FileIdentity(path, clock);
  }

  /** Opens a file, or `:memory:`, by a driver. */
  static open(given: string, clock: Clock, Driver: DatabaseConstructor = loadSqlite()): SqliteFile {
    const path = given === IN_MEMORY ? undefined : resolve(given);
    if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
    const database = new Driver(IN_MEMORY);
    try {
      database.exec(`PRAGMA busy_timeout = 0; ATTACH '${(path ?? IN_MEMORY).replaceAll("'", "''")}' AS file`);
      return new SqliteFile(database, path, false, clock);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Opens the file of a database of the caller once more, by the same driver: two copies of SQLite in one process undo each other's locks. A database
   * in memory cannot be opened twice, and is shared.
   */
  static beside(callers: DatabaseSync, clock: Clock): SqliteFile {
    const path = callers.location();
    return path ? SqliteFile.open(path, clock, callers.constructor as DatabaseConstructor) : new SqliteFile(callers, undefined, true, clock);
  }

  /** Begins to watch the files, which are all there after the first statement. */
  noteIdentity(): void {
    this.#identity?.note();
  }

  /**
   * Refuses a file that was deleted or replaced since it was opened.
   *
   * @throws HOLDFAST_FILE_UNUSABLE
   */
  checkIdentity(): void {
    this.#identity?.check();
  }

  /** As `checkIdentity`, but looks at most a hundred times a second. */
  checkIdentityNowAndThen(): void {
    this.#identity?.checkNowAndThen();
  }

  /** Moves the log into the file, and closes it. A database that is shared with the caller stays open. */
  close(): void {
    if (this.isCallers) return;
    // Closing moves the log into the file: a log that is no longer that of the file would spoil it. So this connection stays open.
    if (this.#identity?.holds === false) return void LOST.add(this.database);
    try {
      this.database.exec('PRAGMA file.wal_checkpoint(TRUNCATE)');
    } catch {
      // Another process reads the log or has a lock, or the disk is full; the log holds everything, and who closes last tries again.
    }
    this.database.exec('DETACH file');
    this.database.close();
  }
}
