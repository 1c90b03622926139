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

/** The groups of a call, as pairs of queue and name. */
const TOUCHED = '(queue, grp) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))';

const OF_GROUP = 'holdfast_fifo.queue = holdfast_fifo_groups.queue AND holdfast_fifo.grp = holdfast_fifo_groups.grp';

const CHANGED = `WHERE id = ? AND queue = ? AND token = ? AND visible_at > ? RETURNING grp`;

/** Reads a page in the order of sending, which the index on the age has: messages of one instant are in that of their sequence. */
const listed = (after: '<' | '>', order: 'ASC' | 'DESC', none: number): string => {
  const last = (column: string): string => `COALESCE((SELECT ${column} FROM holdfast_fifo WHERE id = ?2), ${none})`;
  return `SELECT * FROM holdfast_fifo INDEXED BY holdfast_fifo_age WHERE queue = ?1 AND (created_at, seq) ${after} (${last('created_at')}, ${last('seq')})
    ORDER BY created_at ${order}, seq ${order} LIMIT ?3 + 0`;
};

/** The statements of FIFO queues. Parameters are in the order of the question marks. */
export const FIFO_STATEMENTS = {
  sent: `SELECT once, id, seq FROM holdfast_fifo_sent WHERE queue = ?1 AND until > ?2 AND once IN (SELECT value FROM json_each(?3))`,
  remember: `INSERT INTO holdfast_fifo_sent (queue, once, id, seq, until)
    SELECT ?1, value ->> 0, unhex(value ->> 1), value ->> 2, ?2 FROM json_each(?3) WHERE true
    ON CONFLICT (queue, once) DO UPDATE SET id = excluded.id, seq = excluded.seq, until = excluded.until`,
  forget: `DELETE FROM holdfast_fifo_sent WHERE (queue, once) IN (
    SELECT queue, once FROM holdfast_fifo_sent INDEXED BY holdfast_fifo_sent_until WHERE until <= ? ORDER BY until LIMIT ? + 0)`,
  forgetQueue: 'DELETE FROM holdfast_fifo_sent WHERE queue = ?1 AND once IN (SELECT once FROM holdfast_fifo_sent WHERE queue = ?1 LIMIT ?2 + 0)',
  seqOf: 'SELECT seq FROM holdfast_fifo WHERE id = ?',
  insert: `INSERT INTO holdfast_fifo (id, queue, grp, payload, settings, attempt, created_at, visible_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`,
  // A group that is there keeps its time: its first message stays the first one.
  open: `INSERT INTO holdfast_fifo_groups (queue, grp, ready_at) SELECT ?1, key, value FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING`,
  /** The first messages of some of the groups that can be claimed. */
  ready: `WITH ready AS (SELECT grp, ready_at FROM holdfast_fifo_groups INDEXED BY holdfast_fifo_groups_ready
      WHERE queue = ?1 AND ready_at <= ?2 ORDER BY ready_at LIMIT ?3 + 0)
    SELECT ready.grp, message.seq, octet_length(message.payload) AS bytes, message.visible_at FROM ready CROSS JOIN holdfast_fifo AS message
    WHERE message.seq IN (SELECT seq FROM holdfast_fifo INDEXED BY holdfast_fifo_group WHERE queue = ?1 AND grp = ready.grp ORDER BY seq LIMIT ?4 + 0)
    ORDER BY ready.ready_at, ready.grp, message.seq`,
  claim: `UPDATE holdfast_fifo SET token = ?1, visible_at = ?2, lease_ms = ?3, attempt = attempt + 1
    WHERE seq IN (SELECT value FROM json_each(?4)) RETURNING *`,
  lock: 'UPDATE holdfast_fifo_groups SET ready_at = ?1 WHERE queue = ?2 AND grp IN (SELECT value FROM json_each(?3))',
  /** Those of some pairs of id and token that are in flight, each with its place among the pairs. */
  inFlightOf: `SELECT pair.key AS at, message.seq, message.queue, message.grp FROM json_each(?1) AS pair CROSS JOIN holdfast_fifo AS message
    WHERE message.id = unhex(pair.value ->> 0) AND message.queue = pair.value ->> 1 AND message.token = pair.value ->> 2 AND message.visible_at > ?2
    ORDER BY pair.key`,
  // Two statements: one that removes and returns the rows took a third more time.
  remove: 'DELETE FROM holdfast_fifo WHERE seq IN (SELECT value FROM json_each(?))',
  removeAt: 'DELETE FROM holdfast_fifo WHERE seq = ?',
  wait: `UPDATE holdfast_fifo SET token = NULL, lease_ms = NULL, visible_at = ? ${CHANGED}`,
  renew: `UPDATE holdfast_fifo SET lease_ms = ?, visible_at = ? ${CHANGED}`,
  held: `SELECT * FROM holdfast_fifo WHERE id = ? AND queue = ? AND ${IN_FLIGHT} ? AND token = ?`,
  idle: `SELECT * FROM holdfast_fifo WHERE id = ? AND queue = ? AND NOT (${IN_FLIGHT} ?) AND attempt = ?`,
  /** Removes those groups that have no message any more. */
  close: `DELETE FROM holdfast_fifo_groups WHERE ${TOUCHED} AND NOT EXISTS (SELECT 1 FROM holdfast_fifo INDEXED BY holdfast_fifo_group WHERE ${OF_GROUP})`,
  /** Sets when the first message of a group can be claimed: not before it is visible, nor while another one is in flight. */
  refresh: `UPDATE holdfast_fifo_groups SET ready_at = MAX(?2,
    (SELECT visible_at FROM holdfast_fifo INDEXED BY holdfast_fifo_group WHERE ${OF_GROUP} ORDER BY seq LIMIT 1),
    COALESCE((SELECT MAX(visible_at) FROM holdfast_fifo INDEXED BY holdfast_fifo_held WHERE ${OF_GROUP} AND token IS NOT NULL), 0))
    WHERE ${TOUCHED}`,
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
