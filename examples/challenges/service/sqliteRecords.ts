import { setTimeout as sleep } from 'node:timers/promises';
import { loadSqlite } from '../../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../../modules/sqlite/sqliteDriver';
import type { Challenge, ChallengeFields, Change, Message, Participant } from './challenge';
import type { Condition } from './challengeFilter';
import type { ChallengeRecords, Session } from './challengeRecords';

const TABLES = `
CREATE TABLE IF NOT EXISTS challenges (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, projectSource TEXT NOT NULL, status TEXT NOT NULL, subEndAt INTEGER NOT NULL, workflowId TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS challenges_by_end ON challenges (status, subEndAt);
CREATE TABLE IF NOT EXISTS participants (
  challengeId INTEGER NOT NULL, userId TEXT NOT NULL, userHandle TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (challengeId, userId, role)
) STRICT;
CREATE TABLE IF NOT EXISTS messages (
  id TEXT PRIMARY KEY, discussionId TEXT NOT NULL, challengeId INTEGER NOT NULL, createdBy TEXT NOT NULL, content TEXT NOT NULL, createdAt TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS changes (
  challengeId INTEGER NOT NULL, "from" TEXT NOT NULL, "to" TEXT NOT NULL, subEndAt TEXT NOT NULL, at TEXT NOT NULL
) STRICT`;

/** The time for which a write waits for those of other processes, and between two of its tries. A wait in SQLite itself would block this process. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 5;

const SQLITE_BUSY = 5;

/** Opens the records as tables of a SQLite file. */
export async function openSqliteRecords(path: string): Promise<ChallengeRecords> {
  const open = (): DatabaseSync => new (loadSqlite())(path);
  const writer = open();
  await patiently(() => writer.exec('PRAGMA journal_mode = WAL'));
  await patiently(() => writer.exec('BEGIN IMMEDIATE'));
  writer.exec(`${TABLES}; COMMIT; PRAGMA synchronous = FULL`);
  return new SqliteRecords(writer, open());
}

class SqliteRecords implements ChallengeRecords {
  readonly connection: DatabaseSync;
  readonly #reader: DatabaseSync;
  /** The end of the last transaction: a connection has one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(writer: DatabaseSync, reader: DatabaseSync) {
    this.connection = writer;
    // The reader sees only what is committed, while the writer is in the middle of a transaction.
    this.#reader = reader;
  }

  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => this.#alone(work));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  find(id: number): Promise<Challenge | null> {
    return Promise.resolve(challengeOf(this.#reader, id));
  }

  list(conditions: readonly Condition[], limit: number, offset: number): Promise<Challenge[]> {
    const rows = this.#all(`SELECT * FROM challenges WHERE ${whereOf(conditions)} ORDER BY id LIMIT ? + 0 OFFSET ? + 0`, [
      ...valuesOf(conditions),
      limit,
      offset,
    ]);
    return Promise.resolve(rows.map((row) => toChallenge(row as Row)));
  }

  participants(challengeId: number): Promise<Participant[]> {
    return Promise.resolve(this.#all('SELECT * FROM participants WHERE challengeId = ?', [challengeId]) as Participant[]);
  }

  async add({ id, title, projectSource, status, subEndAt, workflowId }: Challenge, participants: readonly Participant[]): Promise<void> {
    await this.#run('INSERT INTO challenges VALUES (?, ?, ?, ?, ?, ?)', [id, title, projectSource, status, Date.parse(subEndAt), workflowId]);
    for (const { challengeId, userId, userHandle, role } of participants)
      await this.#run('INSERT INTO participants VALUES (?, ?, ?, ?)', [challengeId, userId, userHandle, role]);
  }

  async change(id: number, conditions: readonly Condition[], { title, projectSource, status, subEndAt }: ChallengeFields): Promise<Challenge | null> {
    const before = challengeOf(this.connection, id);
    const sql = `UPDATE challenges SET title = ?, projectSource = ?, status = ?, subEndAt = ? WHERE id = ? AND ${whereOf(conditions)}`;
    const changed = await this.#run(sql, [title, projectSource, status, Date.parse(subEndAt), id, ...valuesOf(conditions)]);
    if (!before || changed === 0) return null;
    await this.#run('INSERT INTO changes VALUES (?, ?, ?, ?, ?)', [id, before.status, status, before.subEndAt, new Date().toISOString()]);
    return before;
  }

  findMessage(id: string): Promise<Message | null> {
    return Promise.resolve((this.#all('SELECT * FROM messages WHERE id = ?', [id])[0] ?? null) as Message | null);
  }

  async addMessage({ id, discussionId, challengeId, createdBy, content, createdAt }: Message): Promise<void> {
    await this.#run('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)', [id, discussionId, challengeId, createdBy, content, createdAt]);
  }

  messages(): Promise<Message[]> {
    return Promise.resolve(this.#all('SELECT * FROM messages ORDER BY createdAt', []) as Message[]);
  }

  changes(): Promise<Change[]> {
    return Promise.resolve(this.#all('SELECT * FROM changes ORDER BY rowid', []) as Change[]);
  }

  async close(): Promise<void> {
    await this.#last;
    this.#reader.close();
    this.connection.close();
  }

  async #alone<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await patiently(() => this.connection.exec('BEGIN IMMEDIATE'));
    try {
      const result = await work(this.connection);
      this.connection.exec('COMMIT');
      return result;
    } catch (error) {
      this.connection.exec('ROLLBACK');
      throw error;
    }
  }

  #all(sql: string, values: readonly Value[]): unknown[] {
    return this.#reader.prepare(sql).all(...values);
  }

  #run(sql: string, values: readonly Value[]): Promise<number> {
    return Promise.resolve(Number(this.connection.prepare(sql).run(...values).changes));
  }
}

type Value = string | number | null;
type Row = Omit<Challenge, 'subEndAt'> & { readonly subEndAt: number };

const toChallenge = (row: Row): Challenge => ({ ...row, subEndAt: new Date(row.subEndAt).toISOString() });

function challengeOf(database: DatabaseSync, id: number): Challenge | null {
  const row = database.prepare('SELECT * FROM challenges WHERE id = ?').get(id) as Row | undefined;
  return row ? toChallenge(row) : null;
}

/** The fields of conditions are of a closed list, so they can stand in SQL. */
const whereOf = (conditions: readonly Condition[]): string => ['TRUE', ...conditions.map(({ field, is }) => `${field} ${is} ?`)].join(' AND ');

const valuesOf = (conditions: readonly Condition[]): Value[] => conditions.map(({ value }) => value);

/** Waits for the lock of the file without blocking the process. */
async function patiently(write: () => void): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return write();
    } catch (error) {
      if ((error as { readonly errcode?: number }).errcode !== SQLITE_BUSY || Date.now() > end) throw error;
    }
    await sleep(AGAIN_MS * (0.5 + Math.random()));
  }
}
