import { CONSUMER } from '../../constants/limits';
import { sequenceText } from '../ports/fifoStore';
import type { Namespace } from '../ports/namespace';
import type { Lease, Task, TaskSettings } from '../task/task';
import { uuidOf } from '../task/uuidBytes';
import { lastMade } from '../values/lastMade';

/** A message as it is stored. */
export interface FifoRow {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly queue: string;
  readonly grp: string;
  readonly payload: string;
  readonly settings: string | null;
  readonly attempt: number;
  readonly created_at: number;
  readonly visible_at: number;
  readonly token: string | null;
  readonly lease_ms: number | null;
}

/** A message in flight is one under a token whose lease has not ended. */
const IN_FLIGHT = 'token IS NOT NULL AND visible_at > ';

const GROUP_OF = 'queue = ?1 AND grp = ?2';

const CHANGED = `WHERE id = ? AND queue = ? AND token = ? AND visible_at > ? RETURNING grp`;

/** Reads a page in the order of sending, which the index on the age has: messages of one instant are in that of their sequence. */
const listed = (after: '<' | '>', order: 'ASC' | 'DESC', none: number): string => {
  const last = (column: string): string => `COALESCE((SELECT ${column} FROM holdfast_fifo WHERE id = ?2), ${none})`;
  return `SELECT * FROM holdfast_fifo INDEXED BY holdfast_fifo_age WHERE queue = ?1 AND (created_at, seq) ${after} (${last('created_at')}, ${last('seq')})
    ORDER BY created_at ${order}, seq ${order} LIMIT ?3 + 0`;
};

/** The statements of FIFO queues. Parameters are in the order of the question marks. */
export const FIFO_STATEMENTS = {
  sent: 'SELECT id, seq FROM holdfast_fifo_sent WHERE queue = ? AND once = ? AND until > ?',
  remember: `INSERT INTO holdfast_fifo_sent (queue, once, id, seq, until) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (queue, once) DO UPDATE SET id = excluded.id, seq = excluded.seq, until = excluded.until`,
  forget: `DELETE FROM holdfast_fifo_sent WHERE (queue, once) IN (
    SELECT queue, once FROM holdfast_fifo_sent INDEXED BY holdfast_fifo_sent_until WHERE until <= ? ORDER BY until LIMIT ? + 0)`,
  forgetQueue: 'DELETE FROM holdfast_fifo_sent WHERE queue = ?1 AND once IN (SELECT once FROM holdfast_fifo_sent WHERE queue = ?1 LIMIT ?2 + 0)',
  seqOf: 'SELECT seq FROM holdfast_fifo WHERE id = ?',
  insert: `INSERT INTO holdfast_fifo (id, queue, grp, payload, settings, attempt, created_at, visible_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`,
  // A group that is there keeps its time: its first message stays the first one.
  open: 'INSERT INTO holdfast_fifo_groups (queue, grp, ready_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  ready: `SELECT grp FROM holdfast_fifo_groups INDEXED BY holdfast_fifo_groups_ready WHERE queue = ? AND ready_at <= ? ORDER BY ready_at LIMIT 1`,
  due: `SELECT seq, octet_length(payload) AS bytes, visible_at FROM holdfast_fifo INDEXED BY holdfast_fifo_group
    WHERE queue = ? AND grp = ? ORDER BY seq LIMIT ? + 0`,
  claim: `UPDATE holdfast_fifo SET token = ?, visible_at = ?, lease_ms = ?, attempt = attempt + 1 WHERE seq = ? RETURNING *`,
  lock: 'UPDATE holdfast_fifo_groups SET ready_at = ? WHERE queue = ? AND grp = ?',
  remove: `DELETE FROM holdfast_fifo ${CHANGED}`,
  removeAt: 'DELETE FROM holdfast_fifo WHERE seq = ?',
  wait: `UPDATE holdfast_fifo SET token = NULL, lease_ms = NULL, visible_at = ? ${CHANGED}`,
  renew: `UPDATE holdfast_fifo SET lease_ms = ?, visible_at = ? ${CHANGED}`,
  held: `SELECT * FROM holdfast_fifo WHERE id = ? AND queue = ? AND ${IN_FLIGHT} ? AND token = ?`,
  idle: `SELECT * FROM holdfast_fifo WHERE id = ? AND queue = ? AND NOT (${IN_FLIGHT} ?) AND attempt = ?`,
  /** Sets when the first message of a group can be claimed: not before it is visible, nor while another one is in flight. */
  refresh: `UPDATE holdfast_fifo_groups SET ready_at = MAX(?3,
    (SELECT visible_at FROM holdfast_fifo INDEXED BY holdfast_fifo_group WHERE ${GROUP_OF} ORDER BY seq LIMIT 1),
    COALESCE((SELECT MAX(visible_at) FROM holdfast_fifo INDEXED BY holdfast_fifo_held WHERE ${GROUP_OF} AND token IS NOT NULL), 0))
    WHERE ${GROUP_OF} AND EXISTS (SELECT 1 FROM holdfast_fifo INDEXED BY holdfast_fifo_group WHERE ${GROUP_OF})`,
  close: 'DELETE FROM holdfast_fifo_groups WHERE queue = ? AND grp = ?',
  find: 'SELECT * FROM holdfast_fifo WHERE queue = ? AND id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY seq',
  first: listed('>', 'ASC', -1),
  newest: listed('<', 'DESC', Number.MAX_SAFE_INTEGER),
  overdue: `SELECT * FROM holdfast_fifo INDEXED BY holdfast_fifo_age WHERE queue = ?1 AND created_at <= ?2 AND NOT (${IN_FLIGHT} ?3)
    ORDER BY created_at LIMIT ?4 + 0`,
  oldest: `SELECT seq, grp FROM holdfast_fifo INDEXED BY holdfast_fifo_age WHERE queue = ? AND created_at <= ? ORDER BY created_at LIMIT ? + 0`,
  tally: `SELECT COUNT(*) FILTER (WHERE ${IN_FLIGHT} ?2) AS inFlight, COUNT(*) FILTER (WHERE token IS NULL AND visible_at > ?2) AS delayed,
    COUNT(*) FILTER (WHERE visible_at <= ?2) AS waiting, MIN(visible_at) FILTER (WHERE visible_at <= ?2) AS since
    FROM (SELECT token, visible_at FROM holdfast_fifo INDEXED BY holdfast_fifo_age WHERE queue = ?1 ORDER BY created_at LIMIT ?3 + 0)`,
  inFlight: `SELECT COUNT(*) AS count FROM (SELECT 1 FROM holdfast_fifo INDEXED BY holdfast_fifo_held WHERE queue = ? AND ${IN_FLIGHT} ? LIMIT ? + 0)`,
  nextDue: `SELECT MIN(ready_at) AS due FROM holdfast_fifo_groups INDEXED BY holdfast_fifo_groups_ready WHERE queue = ?`,
} as const;

/** Returns the text of the settings of a message without what has columns of its own. */
export function fifoSettings({ message: { sequence: _sequence, group: _group, ...mark } = {}, ...settings }: TaskSettings): string | null {
  const isPlain = Object.keys(mark).length + Object.keys(settings).length === 0;
  return isPlain ? null : JSON.stringify({ ...settings, message: mark });
}

/** Makes a reader for the rows of one answer: each as a task, running where it is in flight. */
export function fifoReader({ outside }: Namespace, nowMs: number): (row: FifoRow) => Task {
  const queueOf = lastMade(outside);
  return (row) => {
    const lease = leaseOf(row, nowMs);
    const { message, ...settings } = row.settings === null ? ({} as TaskSettings) : (JSON.parse(row.settings) as TaskSettings);
    return {
      id: uuidOf(row.id),
      queue: queueOf(row.queue),
      name: 'message',
      payload: row.payload,
      state: lease ? 'running' : 'waiting',
      priority: 0,
      attempt: row.attempt,
      failures: 0,
      maxRetries: 0,
      suspect: false,
      rev: 0,
      availableAt: new Date(row.visible_at),
      createdAt: new Date(row.created_at),
      finishedAt: null,
      settings: { ...settings, message: { ...message, group: row.grp, sequence: sequenceText(row.seq) } },
      uniqueKey: null,
      lease,
      result: null,
      error: null,
      progress: null,
      history: null,
    };
  };
}

const leaseOf = ({ token, visible_at: endMs, lease_ms: ms }: FifoRow, nowMs: number): Lease | null =>
  token === null || endMs <= nowMs
    ? null
    : { token, workerId: CONSUMER, expiresAt: new Date(endMs), ms: ms ?? 0, extendedMs: 0, alone: false, timedOut: false, beside: false };
