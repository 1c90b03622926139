import { randomUUID } from 'node:crypto';
import { newId } from '../../modules/task/newId';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync, StatementSync } from '../../modules/sqlite/sqliteDriver';
import { uuidBytes } from '../../modules/task/uuidBytes';
import { coalesced, QUEUE, runAll, sleep } from './common';
import type { Ended } from './common';
import type { Client, Job, Payload, System, WorkerAsk, Working } from './system';

/** Maximum size of a claim. Larger ones gain nothing. */
const BATCH = 2_000;
const LEASE_MS = 30_000;
const EMPTY_PAUSE_MS = 2;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS tasks (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    queue TEXT NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    available_at INTEGER NOT NULL,
    finished_at INTEGER,
    lease_token TEXT,
    lease_worker TEXT,
    lease_expires_at INTEGER,
    result TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS claim ON tasks (queue, priority, available_at) WHERE state = 0;`;

const INSERT = 'INSERT INTO tasks (id, queue, name, payload, priority, available_at) VALUES (?, ?, ?, ?, ?, ?)';
const CLAIM = `UPDATE tasks SET state = 1, attempt = attempt + 1, lease_token = ?, lease_worker = ?, lease_expires_at = ?
  WHERE seq IN (SELECT seq FROM tasks INDEXED BY claim WHERE queue = ? AND state = 0 AND priority = 0 AND available_at <= ?
    ORDER BY available_at, seq LIMIT ?) RETURNING seq, id, name, payload, attempt`;
const REMOVE = 'DELETE FROM tasks WHERE seq = ? AND lease_token = ?';
const KEEP = 'UPDATE tasks SET state = ?, result = ?, finished_at = ?, lease_token = NULL, lease_expires_at = NULL WHERE seq = ? AND lease_token = ?';

const STATES = { succeeded: 2, dead: 3 };

interface Row {
  readonly seq: number;
  readonly payload: string;
}

/** A batch whose handlers have ended. */
interface Done {
  readonly rows: readonly Row[];
  readonly ended: readonly Ended[];
  readonly token: string;
}

class RawSqlite implements Client {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly add = coalesced((jobs: Job[]) => this.#write(() => jobs.forEach((job) => this.#insertOne(job))));
  #end = (): Promise<void> => Promise.resolve();

  constructor(path: string) {
    const Database = loadSqlite();
    this.#database = new Database(path);
    this.#database.exec(SCHEMA);
    this.#insert = this.#database.prepare(INSERT);
  }

  async addMany(jobs: readonly Job[]): Promise<void> {
    for (let first = 0; first < jobs.length; first += BATCH) {
      this.#write(() => jobs.slice(first, first + BATCH).forEach((job) => this.#insertOne(job)));
      await new Promise(setImmediate);
    }
  }

  work(ask: WorkerAsk): Promise<Working> {
    let isStopping = false;
    const ended = this.#loop(ask, () => isStopping);
    this.#end = () => {
      isStopping = true;
      return ended;
    };
    return Promise.resolve({ stop: this.#end });
  }

  async close(): Promise<void> {
    await this.#end();
    this.#database.close();
  }

  /** Records the outcomes of a batch and claims the next in one transaction. */
  async #loop(ask: WorkerAsk, isStopping: () => boolean): Promise<void> {
    const limit = Math.min(BATCH, ask.maxConcurrency);
    const claim = this.#database.prepare(CLAIM);
    const settle = this.#settler(ask.keep);
    for (let done: Done | undefined; ;) {
      const token = randomUUID();
      const now = Date.now();
      const rows = this.#write((): readonly Row[] => {
        if (done) settle(done, now);
        return isStopping() ? [] : (claim.all(token, 'raw', now + LEASE_MS, QUEUE, now, limit) as readonly Row[]);
      });
      if (done) ask.onSettled(done.rows.length);
      if (isStopping() && rows.length === 0) return;
      const ended = await runAll(rows, ({ payload }) => ask.handler(JSON.parse(payload) as Payload));
      done = rows.length > 0 ? { rows, ended, token } : undefined;
      await (rows.length > 0 ? new Promise(setImmediate) : sleep(EMPTY_PAUSE_MS));
    }
  }

  #settler(keep: boolean): (done: Done, now: number) => void {
    const removal = this.#database.prepare(REMOVE);
    const keeping = this.#database.prepare(KEEP);
    return ({ rows, ended, token }, now) =>
      rows.forEach(({ seq }, index) => {
        const { ok, result } = ended[index] as Ended;
        if (ok && !keep) removal.run(seq, token);
        else keeping.run(ok ? STATES.succeeded : STATES.dead, result === undefined ? null : JSON.stringify(result), now, seq, token);
      });
  }

  #insertOne({ payload, delayMs = 0, priority = 0 }: Job): void {
    this.#insert.run(uuidBytes(newId()), QUEUE, 'measure', JSON.stringify(payload), priority, Date.now() + delayMs);
  }

  #write<T>(run: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    const result = run();
    this.#database.exec('COMMIT');
    return result;
  }
}

/** The limit of SQLite: the same writes by its own API alone, in the fastest known form. */
export const rawSqlite: System = {
  name: 'raw-sqlite',
  server: 'sqlite',
  settings: `WAL, synchronous=FULL; outcomes and the next claim in one transaction, ${BATCH} a batch`,
  works: ['add-one', 'add-one-100', 'add-bulk', 'drain', 'drain-10', 'drain-100', 'drain-5ms', 'drain-kept', 'drain-failing'],
  open: (url) => Promise.resolve(new RawSqlite(url.replace(/^sqlite:/, ''))),
};
