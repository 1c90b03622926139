import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreOptions } from '../../config/optionTypes';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { migrateOnce, schemaVersion, withPrefix } from '../../modules/sqlite/migrateSqlite';
import { isSafe, loadSqlite, sqliteVersionOf } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync, StatementSync } from '../../modules/sqlite/sqliteDriver';
import { SQLITE_MIGRATIONS } from '../../modules/sqlite/sqliteMigrations';

/** Result codes of SQLite, https://sqlite.org/rescode.html. */
const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;

/** Codes of a file that cannot be used now but can be later: read-only, a fault of the disk, a full disk, not to be opened. */
const AWAY = [READ_ONLY, 10, 13, 14];

interface PendingWrite {
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A connection to a SQLite file that other processes share.
 *
 * Writes that are asked for in one turn of the event loop share a transaction, because each commit costs a flush to the disk. The lock of another
 * process is waited for asynchronously: a busy time-out inside SQLite would stop the event loop, and the heartbeats with it.
 */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #callTimeoutMs: number;
  readonly #prefix: string;
  #waiting: PendingWrite[] = [];
  #flushing: Promise<void> | null = null;
  #closed = false;
  readonly #isCallers: boolean;

  private constructor(database: DatabaseSync, isCallers: boolean, options: StoreOptions, clock: Clock, random: Random) {
    this.#database = database;
    this.#isCallers = isCallers;
    this.#clock = clock;
    this.#random = random;
    this.#callTimeoutMs = options.callTimeoutMs;
    this.#prefix = options.prefix;
  }

  /**
   * Opens a file, or `:memory:`, and brings its schema up to date.
   *
   * @throws HOLDFAST_FILE_UNUSABLE, HOLDFAST_STORE_NEWER, HOLDFAST_PREFIX_TAKEN or HOLDFAST_SQLITE_MISSING.
   */
  static async open(path: string, options: StoreOptions, clock: Clock, random: Random): Promise<SqliteConnection> {
    const Driver = loadSqlite();
    let database: DatabaseSync;
    try {
      if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
      database = new Driver(path);
    } catch (cause) {
      throw unusable(cause, path);
    }
    return new SqliteConnection(database, false, options, clock, random).#prepared(path, options);
  }

  /**
   * Uses a database that the caller has opened. It stays open in the end.
   *
   * @throws HOLDFAST_SQLITE_MISSING where its SQLite is not safe with several processes, or as `open`.
   */
  static async on(database: DatabaseSync, options: StoreOptions, clock: Clock, random: Random): Promise<SqliteConnection> {
    const version = sqliteVersionOf(database);
    if (!isSafe(version)) {
      throw new HoldfastError('HOLDFAST_SQLITE_MISSING', { field: 'that of the connection given', expected: '3.51.3 or later', got: version });
    }
    return new SqliteConnection(database, true, options, clock, random).#prepared('the connection given', options);
  }

  /** Runs a statement that reads. */
  read<T>(run: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new HoldfastError('HOLDFAST_STORE_CLOSED'));
    return this.#retryWhileBusy(run);
  }

  /** Runs statements in a transaction, which they share with other writes of this turn. */
  write<T>(run: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new HoldfastError('HOLDFAST_STORE_CLOSED'));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run, resolve: resolve as (value: unknown) => void, reject });
      this.#flushing ??= new Promise<void>((done) => this.#clock.soon(done)).then(() => this.#flush());
    });
  }

  /**
   * Runs statements at once, in the transaction that the caller has open on this connection.
   *
   * @throws HOLDFAST_SESSION_UNUSABLE where the session is not this connection, or has no transaction.
   */
  writeWithin<T>(session: unknown, run: () => T): T {
    if (this.#closed) throw new HoldfastError('HOLDFAST_STORE_CLOSED');
    if (session !== this.#database) throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'the database that the store was opened with' });
    if (!this.#database.isTransaction) throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'a transaction that is open' });
    return run();
  }

  /** Prepares a statement once, with the prefix of this store in its names. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(withPrefix(sql, this.#prefix))));
    return statement;
  }

  /** Returns a number that changes when another connection has written to the file. */
  dataVersion(): number {
    return (this.prepare('PRAGMA data_version').get() as { data_version: number }).data_version;
  }

  /**
   * Refuses a file that a newer release has changed since it was opened.
   *
   * @throws HOLDFAST_STORE_NEWER
   */
  async checkSchema(): Promise<void> {
    await this.read(() => schemaVersion(this.#database, this.#prefix));
  }

  /** The path of the write-ahead log; undefined for a database in memory. */
  get logPath(): string | undefined {
    const path = this.#database.location();
    return path ? `${path}-wal` : undefined;
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** Writes what is waiting, and closes the file. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#flushing) await this.#flushing;
    this.#statements.clear();
    if (!this.#isCallers) this.#database.close();
  }

  async #prepared(path: string, { durability }: StoreOptions): Promise<this> {
    try {
      if (!this.#isCallers) this.#database.exec('PRAGMA busy_timeout = 0');
      await this.#retryWhileBusy(() => this.#database.exec('PRAGMA journal_mode = WAL'));
      this.#database.exec(`PRAGMA synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`);
      await this.#migrate();
      this.#checkWritable();
      return this;
    } catch (error) {
      if (!this.#isCallers) this.#database.close();
      const isAway = isHoldfastError(error, 'HOLDFAST_FILE_UNUSABLE');
      if (isHoldfastError(error) && !isAway) throw error;
      throw unusable(isAway ? error.cause : error, path);
    }
  }

  /** Refuses a read-only file. It opens and begins a transaction without an error; only a write is refused, even one that changes nothing. */
  #checkWritable(): void {
    try {
      this.prepare('DELETE FROM holdfast_queues WHERE FALSE').run();
    } catch (error) {
      // The lock of another process says nothing about the file.
      if (!isBusy(error)) throw error;
    }
  }

  async #migrate(): Promise<void> {
    while ((await this.#retryWhileBusy(() => schemaVersion(this.#database, this.#prefix))) < SQLITE_MIGRATIONS.length) {
      await this.#retryWhileBusy(() => this.#transaction(() => migrateOnce(this.#database, this.#prefix)));
    }
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#commit(batch);
    }
    this.#flushing = null;
  }

  async #commit(batch: readonly PendingWrite[]): Promise<void> {
    try {
      const results = await this.#retryWhileBusy(() => this.#transaction(() => batch.map(({ run }) => run())));
      batch.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (error) {
      // One write failed and undid all. Each runs by itself now, so that only the faulty one is refused.
      const isFault = !isHoldfastError(error, 'HOLDFAST_STORE_TIMEOUT');
      if (batch.length > 1 && isFault) for (const work of batch) await this.#commit([work]);
      else batch.forEach(({ reject }) => reject(error));
    }
  }

  #transaction<T>(run: () => T): T {
    // A transaction of the caller is waited for like that of another process: nothing may get into it unasked.
    if (this.#database.isTransaction) throw Object.assign(new Error('the caller has a transaction open'), { errcode: BUSY });
    this.prepare('BEGIN IMMEDIATE').run();
    try {
      const result = run();
      this.prepare('COMMIT').run();
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    // After some faults, such as a full disk, SQLite has rolled back by itself.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  async #retryWhileBusy<T>(run: () => T): Promise<T> {
    const startedAt = this.#clock.monotonic();
    for (;;) {
      try {
        return run();
      } catch (error) {
        if (!isBusy(error)) throw asStoreError(error);
        if (this.#clock.monotonic() - startedAt > this.#callTimeoutMs) throw new HoldfastError('HOLDFAST_STORE_TIMEOUT', { cause: error });
      }
      await sleep(this.#clock, 1 + this.#random() * 4);
    }
  }
}

/** An extended result code carries the primary one in its low byte. */
const primaryCode = (error: unknown): number => Number((error as { errcode?: unknown } | null)?.errcode) & 0xff;

const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(primaryCode(error));

const asStoreError = (error: unknown): unknown => (AWAY.includes(primaryCode(error)) ? unusable(error) : error);

function unusable(cause: unknown, path?: string): HoldfastError {
  const because = primaryCode(cause) === READ_ONLY ? { because: 'it, or its folder, is read-only' } : {};
  return new HoldfastError('HOLDFAST_FILE_UNUSABLE', { cause, ...because, ...(path === undefined ? {} : { field: path }) });
}
