import { BULK_BYTES, COUNT_READS } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import type { BulkFilter } from '../ports/bulk';
import type { Change } from '../task/change';
import { changeShape } from '../task/changeShape';
import { hexOf, uuidBytes } from '../task/uuidBytes';
import { countWithin } from './countWithin';
import type { SizedRow } from './countWithin';
import { changeAssignments } from './sqliteSchema';
import { changeParameters } from './sqliteSettle';
import type { Value } from './taskColumns';
import { indexedBy, TASK_BYTES } from './taskSql';

/** A statement and its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly Value[];
}

/** The tasks of one state in one index. Those that wait are in two, and come in the order of claims; all others come newest first. */
export interface Lane {
  readonly state: TaskState;
  readonly suspect?: 0 | 1;
}

/** A position in a lane: an id, or for tasks that wait the key of the claim index. */
export type LanePosition = string | readonly [priority: number, availableAt: number, seq: number];

/** A task of a part. */
export interface LaneRow extends SizedRow {
  readonly id: Uint8Array;
  readonly priority: number;
  readonly available_at: number;
}

const LANES: Readonly<Record<TaskState, readonly Lane[]>> = {
  waiting: [
    { state: 'waiting', suspect: 0 },
    { state: 'waiting', suspect: 1 },
  ],
  running: [{ state: 'running' }],
  succeeded: [{ state: 'succeeded' }],
  dead: [{ state: 'dead' }],
  cancelled: [{ state: 'cancelled' }],
};

/** Returns the lanes of these states. */
export const lanesOf = (states: readonly TaskState[]): Lane[] => states.flatMap((state) => LANES[state]);

/** The part of a statement that reads one queue's tasks of a lane by its index. Its parameter is the queue. */
export const inLane = ({ state, suspect }: Lane): string => `FROM holdfast_tasks ${indexedBy(state, suspect)} AND queue = ?`;

const ROW = `SELECT seq, id, priority, available_at, ${TASK_BYTES} AS bytes`;

/** Reads the next tasks of a lane. */
export function windowStatement(lane: Lane, queue: string, position: LanePosition | undefined, limit: number): Statement {
  const [after, order] =
    lane.suspect === undefined ? ['id < ?', 'id DESC'] : ['(priority, available_at, seq) > (?, ?, ?)', 'priority, available_at, seq'];
  const sql = `${ROW} ${inLane(lane)} ${position === undefined ? '' : `AND ${after}`} ORDER BY ${order} LIMIT ? + 0`;
  const from = position === undefined ? [] : typeof position === 'string' ? [uuidBytes(position)] : position;
  return { sql, parameters: [queue, ...from, limit] };
}

/** Reads the id of the last of the newest tasks of a lane, below an id if one is given, and that of the next one. */
export const newestStatement = (lane: Lane, queue: string, newest: number, before?: string): Statement => ({
  sql: `SELECT id ${inLane(lane)} ${before === undefined ? '' : 'AND id < ?'} ORDER BY id DESC LIMIT 2 OFFSET ?`,
  parameters: [queue, ...(before === undefined ? [] : [uuidBytes(before)]), newest - 1],
});

/** Reads tasks of a queue by their ids. */
export const idsStatement = (queue: string, ids: readonly string[]): Statement => ({
  sql: `${ROW} FROM holdfast_tasks WHERE id IN (SELECT unhex(value) FROM json_each(?)) AND queue = ?`,
  parameters: [JSON.stringify(ids.map(hexOf)), queue],
});

/** Returns as many of the first rows as one write may take. */
export const writable = (rows: readonly LaneRow[]): readonly LaneRow[] => rows.slice(0, countWithin(rows, BULK_BYTES));

/** The conditions of a filter beside its queue and its ids. */
function conditionsOf({ name, tag, finishedBefore, addedUntil }: BulkFilter): Statement {
  const conditions: (readonly [sql: string, value: Value | undefined])[] = [
    ['name = ?', name],
    [`? IN (SELECT value FROM json_each(settings, '$.tags'))`, tag],
    ['finished_at < ?', finishedBefore?.getTime()],
    ['created_at <= ?', addedUntil?.getTime()],
  ];
  const given = conditions.flatMap(([sql, value]) => (value === undefined ? [] : [[sql, value] as const]));
  return { sql: given.map(([sql]) => `AND ${sql}`).join(' '), parameters: given.map(([, value]) => value) };
}

/** Matches tasks by their places, where the filter lets them through. */
function matching(filter: BulkFilter, states: readonly TaskState[], rows: readonly LaneRow[]): Statement {
  const conditions = conditionsOf(filter);
  return {
    sql: `WHERE seq IN (SELECT value FROM json_each(?)) AND state IN (${states.map(() => '?').join(', ')}) ${conditions.sql}`,
    parameters: [JSON.stringify(rows.map(({ seq }) => seq)), ...states, ...conditions.parameters],
  };
}

/** Counts the tasks of a part that the filter lets through. */
export function matchingStatement(filter: BulkFilter, states: readonly TaskState[], rows: readonly LaneRow[]): Statement {
  const { sql, parameters } = matching(filter, states, rows);
  return { sql: `SELECT COUNT(*) AS count FROM holdfast_tasks ${sql}`, parameters };
}

/** What keeps follow-ups is removed only when they are in their queues. */
const KEEPS_NONE = 'AND seq NOT IN (SELECT task FROM holdfast_follow_ups)';

/** Changes the tasks of a part that the filter lets through. One whose unique key a live task has stays as it is. */
export function bulkStatement(
  filter: BulkFilter,
  states: readonly TaskState[],
  rows: readonly LaneRow[],
  change: Change,
  by: string,
  nowMs: number,
): Statement {
  const { sql, parameters } = matching(filter, states, rows);
  return {
    sql: `UPDATE OR IGNORE holdfast_tasks SET ${changeAssignments(changeShape(change))} ${sql} ${change.state === 'removed' ? KEEPS_NONE : ''}`,
    parameters: [...changeParameters(change, nowMs), by, ...parameters],
  };
}

/** Counts the tasks of a lane that a filter lets through, and how many were read for it: by the index alone where the filter has no more conditions. */
export function countLaneStatement(lane: Lane, queue: string, filter: BulkFilter, most: number): Statement {
  const conditions = conditionsOf(filter);
  if (conditions.sql === '')
    return { sql: `SELECT COUNT(*) AS count, 0 AS isCut FROM (SELECT 1 ${inLane(lane)} LIMIT ? + 0)`, parameters: [queue, most + 1] };
  const read = `SELECT name, settings, finished_at, created_at ${inLane(lane)} LIMIT ${COUNT_READS + 1}`;
  return {
    sql: `SELECT COALESCE(SUM(matches), 0) AS count, COUNT(*) > ${COUNT_READS} AS isCut FROM (SELECT (1 ${conditions.sql}) AS matches FROM (${read}))`,
    parameters: [...conditions.parameters, queue],
  };
}
