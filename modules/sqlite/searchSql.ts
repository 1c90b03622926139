import type { FinishedState } from '../../constants/states';
import { hexOf, uuidBytes } from '../task/uuidBytes';
import type { Statement } from './sqliteBulk';
import type { Value } from './taskColumns';
import { indexedBy } from './taskSql';

/** Bounds of a part of a lane: ids below one and above another. */
export interface IdBounds {
  readonly after: string | undefined;
  /** Rows below it are not wanted, because enough newer ones are known. */
  readonly floor?: string | undefined;
}

const FOUND = 'SELECT seq, id, queue, state';

function boundsOf({ after, floor }: IdBounds): { readonly sql: string; readonly parameters: Value[] } {
  const given = [after === undefined ? [] : [`AND id < ?`, uuidBytes(after)], floor === undefined ? [] : [`AND id > ?`, uuidBytes(floor)]];
  const set = given.filter(({ length }) => length > 0) as [string, Uint8Array][];
  return { sql: set.map(([sql]) => sql).join(' '), parameters: set.map(([, value]) => value) };
}

/** Finds tasks of one queue in a finished state, by its index. */
export function finishedStatement(state: FinishedState, queue: string, bounds: IdBounds, limit: number): Statement {
  const { sql, parameters } = boundsOf(bounds);
  return {
    sql: `SELECT seq, id, queue, '${state}' AS state FROM holdfast_tasks ${indexedBy(state)} AND queue = ? ${sql} ORDER BY id DESC LIMIT ? + 0`,
    parameters: [queue, ...parameters, limit],
  };
}

/** Finds tasks of one queue whose last failure is of a group, by its index. */
export function groupStatement(group: string, queue: string, bounds: IdBounds, limit: number): Statement {
  const { sql, parameters } = boundsOf(bounds);
  const from = `FROM holdfast_tasks INDEXED BY holdfast_tasks_failure WHERE queue = ? AND error IS NOT NULL AND json_extract(error, '$.group') = ?`;
  return { sql: `${FOUND} ${from} ${sql} ORDER BY id DESC LIMIT ? + 0`, parameters: [queue, group, ...parameters, limit] };
}

/** Finds the newest tasks of all queues and states. */
export function newestStatement(after: string | undefined, limit: number): Statement {
  const { sql, parameters } = boundsOf({ after });
  return { sql: `${FOUND} FROM holdfast_tasks WHERE 1 ${sql} ORDER BY id DESC LIMIT ? + 0`, parameters: [...parameters, limit] };
}

/** Finds running tasks of all queues by their index, which has another order. */
export const runningStatement = (limit: number): Statement => ({
  sql: `${FOUND} FROM holdfast_tasks ${indexedBy('running')} LIMIT ? + 0`,
  parameters: [limit],
});

/** Waiting tasks of some queues by their indexes, which have another order. */
const waitingOf = (columns: string): string => {
  const lanes = ([0, 1] as const).map((suspect) => {
    const [by = '', condition = ''] = indexedBy('waiting', suspect).split(' WHERE ');
    return `SELECT ${columns} FROM json_each(?1) AS named CROSS JOIN holdfast_tasks ${by} WHERE ${condition} AND queue = named.value`;
  });
  return lanes.join(' UNION ALL ');
};

const WAITING = `SELECT * FROM (${waitingOf('seq, holdfast_tasks.id AS id, queue, state')}) LIMIT ?2 + 0`;
const COUNT_WAITING = `SELECT COUNT(*) AS count FROM (SELECT 1 FROM (${waitingOf('1')}) LIMIT ?2 + 0)`;

/** Finds waiting tasks of some queues. */
export const waitingStatement = (queues: readonly string[], limit: number): Statement => ({
  sql: WAITING,
  parameters: [JSON.stringify(queues), limit],
});

/** Counts the waiting tasks of some queues, up to a bound. */
export const countWaitingStatement = (queues: readonly string[], most: number): Statement => ({
  sql: COUNT_WAITING,
  parameters: [JSON.stringify(queues), most],
});

/** Finds tasks by their ids. */
export const byIdsStatement = (ids: readonly string[]): Statement => ({
  sql: `${FOUND} FROM holdfast_tasks WHERE id IN (SELECT unhex(value) FROM json_each(?))`,
  parameters: [JSON.stringify(ids.map(hexOf))],
});

/** Finds the live tasks of some queues that have one of these unique keys. */
export const byKeysStatement = (queues: readonly string[], keys: readonly string[]): Statement => ({
  sql: `SELECT seq, holdfast_tasks.id AS id, queue, state FROM json_each(?1) AS named CROSS JOIN json_each(?2) AS given
    CROSS JOIN holdfast_tasks INDEXED BY holdfast_tasks_unique
    WHERE queue = named.value AND unique_key = given.value AND unique_key IS NOT NULL AND state IN ('waiting', 'running')`,
  parameters: [JSON.stringify(queues), JSON.stringify(keys)],
});
