import type { StoreOptions } from '../../config/optionTypes';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import { migrateOnce, schemaVersion, withPrefix } from '../../modules/sqlite/migrateSqlite';
import type { TablePlace } from '../../modules/sqlite/migrateSqlite';
import type { DatabaseSync, StatementSync } from '../../modules/sqlite/sqliteDriver';
import { asStoreError, busy, isBusy, orUnusable, unusable } from '../../modules/sqlite/sqliteErrors';
import { runWithin } from '../../modules/sqlite/runWithin';
import { SQLITE_MIGRATIONS } from '../../modules/sqlite/sqliteMigrations';
import { LockLine } from './lockLine';
import { SqliteFile } from './sqliteFile';
import { Statements } from './statements';

interface PendingWrite {
  readonly askedAt: number;
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** The name of a caller's connection in errors. */
const GIVEN = 'the connection given';

/** A write that changes nothing. */
const NOTHING = 'DELETE FROM holdfast_queues WHERE FALSE';

/** The turns of the event loop after which no more writes follow an answer: the caller adds, and adds are gathered once. */
const FOLLOWS_AFTER = 3;

/**
 * A connection to a SQLite file that other processes share.
 *
 * Writes that are asked for in one turn of the event loop share a transaction, because each commit costs a flush to the disk. The lock of another
 * process is waited for asynchronously: a busy time-out inside SQLite would stop the event loop, and the heartbeats with it.
 */
export class SqliteConnection {
  readonly file: SqliteFile;
  readonly #database: DatabaseSync;
  readonly #callers: DatabaseSync | undefined;
  readonly #statements: Statements;
  readonly #callersStatements: Statements | undefined;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #callTimeoutMs: number;
  readonly #place: TablePlace;
  readonly #line: LockLine;
  #target: Statements;
  #waiting: PendingWrite[] = [];
  #flushing: Promise<void> | null = null;
  #closed = false;

  private constructor(file: SqliteFile, callers: DatabaseSync | undefined, { callTimeoutMs, prefix }: StoreOptions, clock: Clock, random: Random) {
    this.file = file;
    this.#database = file.database;
    this.#callers = callers;
    this.#statements = this.#target = new Statements(file.database, prefix);
    this.#callersStatements = callers === undefined ? undefined : callers === file.database ? this.#statements : new Statements(callers, prefix);
    this.#clock = clock;
    this.#random = random;
    this.#callTimeoutMs = callTimeoutMs;
    this.#place = { database: file.database, schema: file.schema, prefix };
    this.#line = new LockLine(file.path, clock);
  }

  /**
   * Opens a file, or `:memory:`, and brings its schema up to date.
   *
   * @throws HOLDFAST_FILE_UNUSABLE, HOLDFAST_STORE_NEWER, HOLDFAST_PREFIX_TAKEN or HOLDFAST_SQLITE_MISSING.
   */
  static async open(path: string, options: StoreOptions, clock: Clock, random: Random): Promise<SqliteConnection> {
    const file = orUnusable(() => SqliteFile.open(path, clock), path);
    return new SqliteConnection(file, undefined, options, clock, random).#prepared(path, options);
  }

  /**
   * Opens the file of a database that the caller has opened once more, so that nothing but writes in a session gets into a transaction of the caller.
   * A database in memory is shared.
   *
   * @throws HOLDFAST_SQLITE_MISSING where its SQLite is not safe with several processes, or as `open`.
   */
  static async on(callers: DatabaseSync, options: StoreOptions, clock: Clock, random: Random): Promise<SqliteConnection> {
    const file = orUnusable(() => SqliteFile.beside(callers, clock), GIVEN);
    return new SqliteConnection(file, callers, options, clock, random).#prepared(GIVEN, options);
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
      this.#waiting.push({ askedAt: this.#clock.monotonic(), run, resolve: resolve as (value: unknown) => void, reject });
      this.#flushing ??= this.#turnOfLoop().then(() => this.#flush());
    });
  }

  /**
   * Runs statements at once, in the transaction that the caller has open on its connection.
   *
   * @throws HOLDFAST_SESSION_UNUSABLE where the session is not this connection, or has no transaction.
   */
  writeWithin<T>(session: unknown, run: () => T): T {
    if (this.#closed) throw new HoldfastError('HOLDFAST_STORE_CLOSED');
    if (!this.#callersStatements || session !== this.#callers)
      throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'the database that the store was opened with' });
    if (!this.#callers?.isTransaction) throw new HoldfastError('HOLDFAST_SESSION_UNUSABLE', { expected: 'a transaction that is open' });
    this.#target = this.#callersStatements;
    try {
      return run();
    } finally {
      this.#target = this.#statements;
    }
  }

  /** Prepares a statement once, with the prefix of this store in its names. */
  prepare(sql: string): StatementSync {
    return this.#target.prepare(sql);
  }

  /** Returns a number that changes when another connection has written to the file. */
  dataVersion(): number {
    return (this.#statements.prepare(`PRAGMA ${this.file.schema}.data_version`).get() as { data_version: number }).data_version;
  }

  /**
   * Refuses a file that a newer release has changed since it was opened.
   *
   * @throws HOLDFAST_STORE_NEWER
   */
  async checkSchema(): Promise<void> {
    await this.read(() => schemaVersion(this.#place));
  }

  /** The path of the write-ahead log; undefined for a database in memory. */
  get logPath(): string | undefined {
    return this.file.path === undefined ? undefined : `${this.file.path}-wal`;
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** Writes what is waiting, moves the log into the file and closes the file. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    while (this.#flushing) await this.#flushing;
    this.#closeFile();
  }

  #closeFile(): void {
    this.#line.close();
    this.#statements.end();
    this.#callersStatements?.end();
    this.file.close();
  }

  async #prepared(path: string, { durability }: StoreOptions): Promise<this> {
    const { schema } = this.file;
    const synchronous = `synchronous = ${durability === 'full' ? 'FULL' : 'NORMAL'}`;
    try {
      await this.#retryWhileBusy(() => this.file.prepare());
      this.#database.exec(`PRAGMA ${schema}.${synchronous}`);
      this.#callers?.exec(`PRAGMA main.${synchronous}`);
      await this.#migrate();
      this.#checkWritable();
      this.file.noteIdentity();
      return this;
    } catch (error) {
      this.#closeFile();
      const isAway = isHoldfastError(error, 'HOLDFAST_FILE_UNUSABLE');
      if (isHoldfastError(error) && !isAway) throw error;
      throw unusable(isAway ? error.cause : error, path);
    }
  }

  /** Refuses a read-only file. It opens and begins a transaction without an error; only a write is refused, even one that changes nothing. */
  #checkWritable(): void {
    try {
      this.prepare(NOTHING).run();
      if (!this.#callers?.isTransaction) this.#callers?.exec(withPrefix(NOTHING, this.#place.prefix));
    } catch (error) {
      // The lock of another process says nothing about the file.
      if (!isBusy(error)) throw error;
    }
  }

  async #migrate(): Promise<void> {
    while ((await this.#retryWhileBusy(() => schemaVersion(this.#place))) < SQLITE_MIGRATIONS.length) {
      await this.#retryWhileBusy(() => this.#transaction(() => migrateOnce(this.#place)));
    }
  }

  async #flush(): Promise<void> {
    do {
      while (this.#waiting.length > 0) {
        await this.#tryNow();
        if (this.#waiting.length > 0) await this.#turnOfLoop();
      }
      await this.#untilMore();
    } while (this.#waiting.length > 0);
    this.#line.leave();
    this.#flushing = null;
  }

  async #tryNow(): Promise<void> {
    const waitMs = this.#line.waitMs();
    if (waitMs === 0 && this.#tryAll()) return;
    this.#refuseLate();
    await sleep(this.#clock, waitMs || this.#line.noteRefused(this.#random()));
  }

  /** Who has a turn in the line gives it back only when nothing follows. What follows an answer is asked for a few turns of the event loop later. */
  async #untilMore(): Promise<void> {
    for (let turns = 0; turns < FOLLOWS_AFTER && this.#waiting.length === 0 && this.#line.hasTurn && !this.#closed; turns += 1) {
      await this.#turnOfLoop();
    }
  }

  #turnOfLoop(): Promise<void> {
    return new Promise((done) => this.#clock.soon(done));
  }

  /** Writes what waits in one transaction, as much of it as may hold up the process. Returns false if another connection has the lock. */
  #tryAll(): boolean {
    const batch = this.#waiting;
    this.#waiting = [];
    const done = this.#tryCommit(batch);
    if (done > 0) this.#line.noteGiven();
    if (done < batch.length) this.#waiting = [...batch.slice(done), ...this.#waiting];
    return done > 0;
  }

  /** Returns the number of writes that were answered; none if another connection has the lock. */
  #tryCommit(batch: readonly PendingWrite[]): number {
    try {
      this.file.checkIdentityNowAndThen();
      const results = this.#transaction(() => runWithin(batch, this.#clock));
      this.file.checkIdentityNowAndThen();
      results.forEach((result, index) => batch[index]?.resolve(result));
      return results.length;
    } catch (error) {
      if (isBusy(error)) return 0;
      if (batch.length > 1) this.#commitEach(batch);
      else batch.forEach(({ reject }) => reject(asStoreError(error)));
    }
    return batch.length;
  }

  /** One write failed and undid all. Each runs by itself now, so that only the faulty one is refused. */
  #commitEach(batch: readonly PendingWrite[]): void {
    for (const work of batch) if (this.#tryCommit([work]) === 0) this.#waiting.push(work);
  }

  #refuseLate(): void {
    const before = this.#clock.monotonic() - this.#callTimeoutMs;
    const late = this.#waiting.filter(({ askedAt }) => askedAt < before);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ askedAt }) => askedAt >= before);
    for (const { reject } of late) reject(new HoldfastError('HOLDFAST_STORE_TIMEOUT', { because: 'another connection holds the lock of the file' }));
  }

  #transaction<T>(run: () => T): T {
    // A transaction of the caller in memory is waited for like that of another process: nothing may get into it unasked.
    if (this.#database.isTransaction) throw busy('the caller has a transaction open');
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
