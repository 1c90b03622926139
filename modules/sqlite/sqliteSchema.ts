import { SETTLED_MEMORY_MS } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import type { ChangeShape } from '../task/changeShape';
import { instantAfter } from '../time/instantAfter';
import type { Part } from '../ports/taskStore';
import { CHANGED_COLUMNS, HEAD_COLUMNS, indexedBy, leaseAssignments, NO_LEASE, PLACED_COLUMNS, READ_COLUMNS, STRIPPED, TASK_BYTES } from './taskSql';

const CHANGED = CHANGED_COLUMNS.map(({ column }) => `${column} = COALESCE(?, ${column})`).join(', ');

/**
 * Places that each priority has in the table; the best priority has the first ones. A file keeps rows in the order of `seq`, so tasks that are
 * claimed together lie together. Otherwise a claim would write a page for each task: 14 kB in place of 1.6.
 */
const PRIORITY_PLACES = 2 ** 48;

/** Finds the tasks whose time to be kept is over. The parameters are the time and the most of them. */
export const expiredTasks = (column: 'seq' | 'id'): string =>
  `SELECT ${column} FROM holdfast_tasks INDEXED BY holdfast_tasks_expiry WHERE expire_at IS NOT NULL AND expire_at <= ? ORDER BY expire_at LIMIT ? + 0`;

/** The statements of the ports by name. Parameters are in the order of the question marks. */
export const SQLITE_STATEMENTS = {
  unique: `SELECT id FROM holdfast_tasks INDEXED BY holdfast_tasks_unique WHERE queue = ? AND unique_key = ? AND state IN ('waiting', 'running')`,
  lock: 'DELETE FROM holdfast_tasks WHERE 0',
  lastPlace: `SELECT COALESCE(MAX(seq), ?1 * ${PRIORITY_PLACES}) AS place FROM holdfast_tasks WHERE seq BETWEEN ?1 * ${PRIORITY_PLACES} AND (?1 + 1) * ${PRIORITY_PLACES} - 1`,
  exists: 'SELECT 1 FROM holdfast_tasks WHERE id = ?',
  held: `SELECT seq, ${TASK_BYTES} AS bytes FROM holdfast_tasks INDEXED BY holdfast_tasks_lease WHERE state = 'running' AND lease_token = ?`,
  heldHeads: `SELECT ${HEAD_COLUMNS} FROM holdfast_tasks INDEXED BY holdfast_tasks_lease WHERE state = 'running' AND lease_token = ?`,
  renew: `UPDATE holdfast_tasks SET
    lease_expires_at = MAX(?1 + COALESCE(?2, lease_ms), (1 - ?8) * MIN(lease_expires_at, ?1 + MAX(lease_ms, lease_extended_ms, COALESCE(?2, 0)))),
    lease_extended_ms = MAX((1 - ?8) * lease_extended_ms, COALESCE(?2, 0)), lease_alone = MAX(lease_alone, ?3),
    failures = COALESCE(?4, failures), lease_timed_out = MAX(lease_timed_out, ?4 IS NOT NULL),
    lease_beside = MAX(lease_beside, ?5) WHERE id = ?6 AND lease_token = ?7`,
  settledBy: 'SELECT settled_by FROM holdfast_tasks WHERE id = ?',
  expired: `SELECT ${HEAD_COLUMNS} FROM holdfast_tasks INDEXED BY holdfast_tasks_lease
    WHERE state = 'running' AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT ? + 0 OFFSET ?`,
  find: `SELECT ${READ_COLUMNS} FROM holdfast_tasks WHERE id = ? AND state <> 'removed'`,
  findHead: `SELECT ${HEAD_COLUMNS} FROM holdfast_tasks WHERE id = ? AND state <> 'removed'`,
  prune: `DELETE FROM holdfast_tasks WHERE seq IN (${expiredTasks('seq')})`,
  hold: `UPDATE holdfast_tasks SET state = 'running', ${leaseAssignments({ token: '?', workerId: '?', expiresAt: '?', ms: '?', extendedMs: '?', alone: '?', timedOut: '?', beside: '?' })}
    WHERE id = ? AND state = 'waiting' AND rev = ?`,
  forget: `DELETE FROM holdfast_tasks WHERE id = ? AND state = 'removed' AND settled_by GLOB (? || '')`,
  place: `INSERT INTO holdfast_tasks (id, ${PLACED_COLUMNS.join(', ')}) VALUES (?, ${PLACED_COLUMNS.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  release: `UPDATE holdfast_tasks SET state = 'waiting', rev = rev + 1, ${NO_LEASE} WHERE id = ? AND lease_token = ?`,
  paused: 'SELECT name FROM holdfast_queues WHERE paused = 1',
  progress: 'UPDATE holdfast_tasks SET progress = ? WHERE id = ? AND lease_token = ?',
  pause: 'INSERT INTO holdfast_queues (name, paused) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET paused = 1',
  resume: 'DELETE FROM holdfast_queues WHERE name = ?',
} as const;

/** Counts the tasks of one state by queue. The live states have indexes of their own. */
export const countStatement = (state: TaskState): string => {
  const count = (source: string): string => `SELECT queue, COUNT(*) AS count FROM holdfast_tasks ${source} GROUP BY queue`;
  if (state !== 'waiting') return count(indexedBy(state));
  const [others, suspects] = [count(indexedBy(state, 0)), count(indexedBy(state, 1))];
  return `SELECT queue, SUM(count) AS count FROM (${others} UNION ALL ${suspects}) GROUP BY queue`;
};

/** Reads tasks by their places, newest first or oldest first. */
export const readStatement = (part: Part | undefined, order: 'ASC' | 'DESC'): string =>
  `SELECT ${part ? HEAD_COLUMNS : READ_COLUMNS} FROM holdfast_tasks WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY id ${order}`;

/** The kinds of guards of a settlement. */
export type GuardKind = 'token' | 'expiry' | 'rev';

export const GUARDS: Readonly<Record<GuardKind, string>> = {
  token: 'lease_token = ?',
  expiry: 'lease_token = ? AND lease_expires_at = ?',
  // What keeps follow-ups is removed only when they are in their queues.
  rev: 'state = ? AND rev = ? AND seq NOT IN (SELECT task FROM holdfast_follow_ups)',
};

const CHANGES: Readonly<Record<ChangeShape, string>> = {
  waiting: `state = 'waiting', rev = rev + 1, available_at = ?, finished_at = NULL, expire_at = NULL, ${CHANGED}`,
  finished: `state = ?, finished_at = ?, expire_at = ?, ${CHANGED}`,
  kept: `state = ?, finished_at = ?, expire_at = NULL, ${CHANGED}`,
  removed: `${STRIPPED}, expire_at = ?`,
};

/** The assignments of a change. The parameters are those of the change, and `settled_by`. */
export const changeAssignments = (change: ChangeShape): string => `${CHANGES[change]}, ${NO_LEASE}, settled_by = ?`;

/** Applies one change. The parameters are those of the assignments, the id, and those of the guard. */
export const settleStatement = (change: ChangeShape, guard: GuardKind): string =>
  `UPDATE holdfast_tasks SET ${changeAssignments(change)} WHERE id = ? AND ${GUARDS[guard]}`;

/** Returns when a finished task is deleted. */
export const expiryAfter = (nowMs: number, keepMs: number): number => instantAfter(nowMs, Math.max(keepMs, SETTLED_MEMORY_MS)).getTime();
