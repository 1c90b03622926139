import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { isSafe, loadSqlite, versionOf } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseConstructor, DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import type { Clock } from '../../modules/time/clock';
import { FileIdentity } from './fileIdentity';

/** The path of a database in memory. */
export const IN_MEMORY = ':memory:';

/** Connections whose file was deleted or replaced. They are kept, because garbage is closed. */
const LOST = new Set<DatabaseSync>();

/** Free pages that a file keeps, and their part of it; and how many more are returned at once, in some ten milliseconds. A page is 4 KiB. */
const SPARE_PAGES = 250;
const SPARE_PART = 0.25;
const SHRINK_PAGES = 2_000;

/** Size to which the log is cut after it was moved into the file. A log in use has 4 MiB. */
const LOG_BYTES = 16 * 1024 * 1024;

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
      // Another process that makes the file has it locked for an instant.
      database.exec(`PRAGMA busy_timeout = 1000; ATTACH '${(path ?? IN_MEMORY).replaceAll("'", "''")}' AS file; PRAGMA busy_timeout = 0`);
      return new SqliteFile(database, path, false, clock);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Opens the file of a database of the caller once more, by the same driver: two copies of SQLite in one process undo each other's locks. A database
   * in memory cannot be opened twice, and is shared.
   *
   * @throws HOLDFAST_SQLITE_MISSING where its SQLite is not safe with several processes.
   */
  static beside(callers: DatabaseSync, clock: Clock): SqliteFile {
    const Driver = callers.constructor as DatabaseConstructor;
    const version = versionOf(Driver);
    if (!isSafe(version)) {
      throw new HoldfastError('HOLDFAST_SQLITE_MISSING', { field: 'that of the connection given', expected: '3.51.3 or later', got: version });
    }
    const path = callers.location();
    return path ? SqliteFile.open(path, clock, Driver) : new SqliteFile(callers, undefined, true, clock);
  }

  /** Gives the file a log, and a new file the means to shrink: on one that has tables already, that would wait for the lock and do nothing. */
  prepare(): void {
    const shrinks = this.#count('page_count') === 0 ? `PRAGMA ${this.schema}.auto_vacuum = INCREMENTAL;` : '';
    this.database.exec(`${shrinks} PRAGMA ${this.schema}.journal_mode = WAL; PRAGMA ${this.schema}.journal_size_limit = ${LOG_BYTES}`);
  }

  /** Returns some free pages to the disk, in a transaction. Pages that new tasks will soon fill again stay in the file. */
  shrink(): void {
    const spare = this.#count('freelist_count') - Math.max(SPARE_PAGES, this.#count('page_count') * SPARE_PART);
    if (spare > 0) this.database.exec(`PRAGMA ${this.schema}.incremental_vacuum(${Math.ceil(Math.min(spare, SHRINK_PAGES))})`);
  }

  #count(name: string): number {
    return Number(Object.values(this.database.prepare(`PRAGMA ${this.schema}.${name}`).get() as object)[0]);
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
