import { LISTED_READS } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import type { ListRequest, Part } from '../ports/taskStore';
import { uuidBytes } from '../task/uuidBytes';
import { inLane, lanesOf } from './sqliteBulk';
import type { Statement } from './sqliteBulk';
import type { Value } from './taskColumns';
import { HEAD_BYTES, TASK_BYTES } from './taskSql';

/** What a listing asks of each of its lanes. */
export type LaneRequest = Pick<ListRequest, 'name' | 'tag' | 'failureGroup' | 'states' | 'after' | 'limit'> & { readonly queue: string };

/** The columns that are looked at, and those of a row that is found. */
const LOOKED = 'seq, id, queue, state, name, settings';
const FOUND = 'SELECT seq, id';

/** The conditions beside the queue and the state. */
function conditionsOf({ name, tag, states }: LaneRequest): Statement {
  const given: (readonly [sql: string, value: Value | undefined])[] = [
    ['name = ?', name],
    ['state IN (SELECT value FROM json_each(?))', states && JSON.stringify(states)],
    [`? IN (SELECT value FROM json_each(settings, '$.tags'))`, tag],
  ];
  const conditions = given.flatMap(([sql, value]) => (value === undefined ? [] : [[sql, value] as const]));
  return { sql: conditions.map(([sql]) => ` AND ${sql}`).join(''), parameters: conditions.map(([, value]) => value) };
}

const afterOf = ({ after }: LaneRequest): Statement =>
  after === undefined ? { sql: '', parameters: [] } : { sql: 'AND id < ?', parameters: [uuidBytes(after)] };

/** Reads one more row than a page has, of rows that come newest first. Of an inner query with a limit the order stays. */
function foundIn(from: string, given: readonly Value[], request: LaneRequest, reads = LISTED_READS): Statement {
  const conditions = conditionsOf(request);
  const isPlain = conditions.sql === '';
  const after = afterOf(request);
  // Without conditions an index has all that is looked at.
  const inner = `SELECT ${isPlain ? 'seq, id' : LOOKED} ${from} ${after.sql} ORDER BY id DESC LIMIT ? + 0`;
  return {
    sql: `${FOUND} FROM (${inner}) WHERE 1 ${conditions.sql} LIMIT ? + 0`,
    parameters: [...given, ...after.parameters, isPlain ? request.limit + 1 : reads, ...conditions.parameters, request.limit + 1],
  };
}

/** Finds the id of the last row that such a query looks at, if it does not come to the end. */
function lastIn(from: string, given: readonly Value[], request: LaneRequest): Statement {
  const after = afterOf(request);
  const sql = `SELECT id ${from} ${after.sql} ORDER BY id DESC LIMIT 1 OFFSET ${LISTED_READS - 1}`;
  return { sql, parameters: [...given, ...after.parameters] };
}

/** Finds tasks of a state but waiting by its index. Running ones are few, and have no order there. */
export const foundInState = (state: Exclude<TaskState, 'waiting'>, request: LaneRequest): Statement =>
  foundIn(inLane({ state }), [request.queue], request, state === 'running' ? -1 : LISTED_READS);

/** Finds the last of the tasks of a finished state that are looked at for a listing by name or tag. */
export const lastInState = (state: Exclude<TaskState, 'waiting'>, request: LaneRequest): Statement =>
  lastIn(inLane({ state }), [request.queue], request);

const IN_GROUP = `FROM holdfast_tasks INDEXED BY holdfast_tasks_failure WHERE queue = ? AND error IS NOT NULL AND json_extract(error, '$.group') = ?`;

/** Finds tasks of any states whose last failure is of a group. */
export const foundInGroup = (request: LaneRequest, group: string): Statement => foundIn(IN_GROUP, [request.queue, group], request);

/** Finds the last of the tasks that are looked at there. */
export const lastInGroup = (request: LaneRequest, group: string): Statement => lastIn(IN_GROUP, [request.queue, group], request);

/** Counts the waiting tasks of a queue, up to a bound. */
export const waitingStatement = (queue: string, most: number): Statement => {
  const lanes = lanesOf(['waiting']).map((lane) => `SELECT 1 ${inLane(lane)}`);
  return { sql: `SELECT COUNT(*) AS count FROM (${lanes.join(' UNION ALL ')} LIMIT ? + 0)`, parameters: [queue, queue, most] };
};

/** Finds waiting tasks by reading all of them: their index has the order of claims. */
export function waitingByIndex(request: LaneRequest): Statement {
  const [conditions, after] = [conditionsOf(request), afterOf(request)];
  const lanes = lanesOf(['waiting']).map((lane) => `SELECT seq, id ${inLane(lane)} ${after.sql} ${conditions.sql}`);
  const given = [request.queue, ...after.parameters, ...conditions.parameters];
  return { sql: `${FOUND} FROM (${lanes.join(' UNION ALL ')}) ORDER BY id DESC LIMIT ? + 0`, parameters: [...given, ...given, request.limit + 1] };
}

const EVERY = 'FROM holdfast_tasks WHERE 1';

/** Finds waiting tasks among the newest tasks of all queues and states. */
export function waitingById(request: LaneRequest): Statement {
  const [conditions, after] = [conditionsOf(request), afterOf(request)];
  const inner = `SELECT ${LOOKED} ${EVERY} ${after.sql} ORDER BY id DESC LIMIT ${LISTED_READS}`;
  return {
    sql: `${FOUND} FROM (${inner}) WHERE state = 'waiting' AND queue = ? ${conditions.sql} LIMIT ? + 0`,
    parameters: [...after.parameters, request.queue, ...conditions.parameters, request.limit + 1],
  };
}

/** Finds the last of the tasks that are looked at there. */
export const lastById = (request: LaneRequest): Statement => lastIn(EVERY, [], request);

/** Reads the sizes of tasks by their places, newest first. */
export const sizesStatement = (part: Part | undefined, places: readonly number[]): Statement => ({
  sql: `SELECT seq, id, ${part ? HEAD_BYTES : TASK_BYTES} AS bytes FROM holdfast_tasks WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY id DESC`,
  parameters: [JSON.stringify(places)],
});
