import { SETTLED_MEMORY_MS } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import type { TaskError } from '../../constants/events';
import type { ChangeShape } from '../task/changeShape';
import type { Lease, Task, TaskSettings } from '../task/task';
import { instantAfter } from '../time/instantAfter';
import { uuidBytes, uuidOf } from '../task/uuidBytes';

const COLUMNS = `seq, id, queue, name, payload, state, priority, attempt, failures, max_retries, suspect, rev, available_at, created_at,
  finished_at, unique_key, settings, lease_token, lease_worker, lease_expires_at, lease_ms, lease_alone, result, error, progress, history`;

/** A lease that has ended. */
export const NO_LEASE = 'lease_token = NULL, lease_worker = NULL, lease_expires_at = NULL, lease_ms = NULL, lease_alone = 0';

/** What is left of a removed task: its id, its unique key, who settled it, and until when that is known. */
export const STRIPPED = `state = 'removed', queue = '', name = '', payload = '', settings = NULL, result = NULL, error = NULL, progress = NULL,
  history = NULL`;

const CHANGED = `failures = COALESCE(?, failures), suspect = COALESCE(?, suspect), result = COALESCE(?, result), error = COALESCE(?, error),
  history = COALESCE(?, history)`;

/**
 * How many places in the table each priority has, those of the best first. A file keeps rows in the order of `seq`, so that tasks that are claimed
 * together lie together; among others a claim would write a page for each, 14 kB a task in place of 1.6.
 */
const PRIORITY_PLACES = 2 ** 48;

/** The statements of the port by name. Parameters are in the order of the question marks. */
export const SQLITE_STATEMENTS = {
  unique: `SELECT id FROM tasks INDEXED BY tasks_unique WHERE queue = ? AND unique_key = ? AND state IN ('waiting', 'running')`,
  lock: 'DELETE FROM tasks WHERE 0',
  lastPlace: `SELECT COALESCE(MAX(seq), ?1 * ${PRIORITY_PLACES}) AS place FROM tasks WHERE seq BETWEEN ?1 * ${PRIORITY_PLACES} AND (?1 + 1) * ${PRIORITY_PLACES} - 1`,
  exists: 'SELECT 1 FROM tasks WHERE id = ?',
  held: `SELECT ${COLUMNS} FROM tasks INDEXED BY tasks_lease WHERE state = 'running' AND lease_token = ?`,
  renew: `UPDATE tasks SET lease_expires_at = MAX(lease_expires_at, ? + COALESCE(?, lease_ms)), lease_alone = MAX(lease_alone, ?)
    WHERE id = ? AND lease_token = ?`,
  settledBy: 'SELECT settled_by FROM tasks WHERE id = ?',
  expired: `SELECT ${COLUMNS} FROM tasks INDEXED BY tasks_lease
    WHERE state = 'running' AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT ?`,
  find: `SELECT ${COLUMNS} FROM tasks WHERE id = ? AND state <> 'removed'`,
  nextDue: `SELECT MIN(due) AS due FROM (
    SELECT MIN(available_at) AS due FROM tasks INDEXED BY tasks_claim WHERE queue = ?1 AND state = 'waiting' AND suspect = 0 AND priority = ?2
    UNION ALL
    SELECT MIN(available_at) FROM tasks INDEXED BY tasks_suspect WHERE queue = ?1 AND state = 'waiting' AND suspect = 1 AND priority = ?2)`,
  prune: `DELETE FROM tasks WHERE seq IN
    (SELECT seq FROM tasks INDEXED BY tasks_expiry WHERE expire_at IS NOT NULL AND expire_at <= ? ORDER BY expire_at LIMIT ?)`,
  hold: `UPDATE tasks SET state = 'running', lease_token = ?, lease_worker = ?, lease_expires_at = ?, lease_ms = ?, lease_alone = 0
    WHERE id = ? AND state = 'waiting' AND rev = ?`,
  forget: `DELETE FROM tasks WHERE id = ? AND state = 'removed' AND settled_by GLOB ?`,
  place: `INSERT INTO tasks (id, queue, name, payload, state, priority, attempt, failures, max_retries, suspect, rev, available_at, created_at, unique_key,
      own_lease_ms, settings, result, error, progress, history, lease_token, lease_worker, lease_expires_at, lease_ms)
    VALUES (?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  release: `UPDATE tasks SET state = 'waiting', rev = rev + 1, ${NO_LEASE} WHERE id = ? AND lease_token = ?`,
  paused: 'SELECT name FROM queues WHERE paused = 1',
  progress: 'UPDATE tasks SET progress = ? WHERE id = ? AND lease_token = ?',
  setPaused: 'INSERT INTO queues (name, paused) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET paused = excluded.paused',
} as const;

/** The counts of one state by queue. The live states have indexes of their own. */
export const countStatement = (state: TaskState): string => {
  const count = (source: string): string => `SELECT queue, COUNT(*) AS count FROM tasks ${source} GROUP BY queue`;
  if (state !== 'waiting') return count(`${state === 'running' ? 'INDEXED BY tasks_lease' : ''} WHERE state = '${state}'`);
  const others = count(`INDEXED BY tasks_claim WHERE state = 'waiting' AND suspect = 0`);
  const suspects = count(`INDEXED BY tasks_suspect WHERE state = 'waiting' AND suspect = 1`);
  return `SELECT queue, SUM(count) AS count FROM (${others} UNION ALL ${suspects}) GROUP BY queue`;
};

/** One page of a listing, with as many states as the request names. */
export const listStatement = (states: number, named: boolean, tagged: boolean, after: boolean): string => `
  SELECT ${COLUMNS} FROM tasks WHERE queue = ? AND state IN (${Array(states).fill('?').join(', ')})
  ${named ? 'AND name = ?' : ''} ${tagged ? `AND ? IN (SELECT value FROM json_each(settings, '$.tags'))` : ''} ${after ? 'AND id < ?' : ''} ORDER BY id DESC LIMIT ?`;

/** The kinds of guards that a settlement combines with the shapes of changes. */
export type GuardKind = 'token' | 'expiry' | 'rev';

const GUARDS: Readonly<Record<GuardKind, string>> = {
  token: 'lease_token = ?',
  expiry: 'lease_token = ? AND lease_expires_at = ?',
  rev: 'state = ? AND rev = ?',
};

const CHANGES: Readonly<Record<ChangeShape, string>> = {
  waiting: `state = 'waiting', rev = rev + 1, available_at = ?, finished_at = NULL, expire_at = NULL, ${CHANGED}`,
  finished: `state = ?, finished_at = ?, expire_at = ?, ${CHANGED}`,
  removed: `${STRIPPED}, expire_at = ?`,
};

/** One guarded change: the parameters of the change, then `settled_by`, the id and the guard. */
export const settleStatement = (change: ChangeShape, guard: GuardKind): string =>
  `UPDATE tasks SET ${CHANGES[change]}, ${NO_LEASE}, settled_by = ? WHERE id = ? AND ${GUARDS[guard]}`;

/** When a finished task is deleted. */
export const expiryAfter = (nowMs: number, keepMs: number): number => instantAfter(nowMs, Math.max(keepMs, SETTLED_MEMORY_MS)).getTime();

export interface TaskRow {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly queue: string;
  readonly name: string;
  readonly payload: string;
  readonly state: TaskState;
  readonly priority: number;
  readonly attempt: number;
  readonly failures: number;
  readonly max_retries: number;
  readonly suspect: number;
  readonly rev: number;
  readonly available_at: number;
  readonly created_at: number;
  readonly finished_at: number | null;
  readonly unique_key: string | null;
  readonly settings: string | null;
  readonly lease_token: string | null;
  readonly lease_worker: string;
  readonly lease_expires_at: number;
  readonly lease_ms: number;
  readonly lease_alone: number;
  readonly result: string | null;
  readonly error: string | null;
  readonly progress: string | null;
  readonly history: string | null;
}

/** The parameters of `place`, but those of the lease. */
export const rowOfTask = (task: Task): (string | number | Uint8Array | null)[] => [
  uuidBytes(task.id),
  task.queue,
  task.name,
  task.payload,
  task.priority,
  task.attempt,
  task.failures,
  task.maxRetries,
  Number(task.suspect),
  task.rev,
  task.availableAt.getTime(),
  task.createdAt.getTime(),
  task.uniqueKey,
  task.settings.leaseMs ?? null,
  settingsText(task.settings),
  task.result,
  task.error && JSON.stringify(task.error),
  task.progress,
  task.history,
];

/** Settings as a column has them: null without any. */
export const settingsText = (settings: TaskSettings): string | null => (Object.keys(settings).length > 0 ? JSON.stringify(settings) : null);

export const taskOfRow = (row: TaskRow): Task => ({
  id: uuidOf(row.id),
  queue: row.queue,
  name: row.name,
  payload: row.payload,
  state: row.state,
  priority: row.priority,
  attempt: row.attempt,
  failures: row.failures,
  maxRetries: row.max_retries,
  suspect: row.suspect === 1,
  rev: row.rev,
  availableAt: new Date(row.available_at),
  createdAt: new Date(row.created_at),
  finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
  settings: row.settings === null ? {} : (JSON.parse(row.settings) as TaskSettings),
  uniqueKey: row.unique_key,
  lease: leaseOfRow(row),
  result: row.result,
  error: row.error === null ? null : (JSON.parse(row.error) as TaskError),
  progress: row.progress,
  history: row.history,
});

const leaseOfRow = (row: TaskRow): Lease | null =>
  row.lease_token === null
    ? null
    : {
        token: row.lease_token,
        workerId: row.lease_worker,
        expiresAt: new Date(row.lease_expires_at),
        ms: row.lease_ms,
        alone: row.lease_alone === 1,
      };
