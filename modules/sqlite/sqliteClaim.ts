import { ANSWER_BYTES } from '../../constants/limits';
import type { Namespace } from '../ports/namespace';
import { lastMade } from '../values/lastMade';
import type { Lease, Task } from '../task/task';
import { uuidOfHex } from '../task/uuidBytes';
import type { InitialRow } from './taskRows';
import { rowReader } from './taskRows';
import { INITIAL_COLUMNS, leaseAssignments } from './taskSql';

/**
 * Largest payload, in bytes, that a claim reads with the rest. What a claim reads is one text, which has a bound; larger payloads are read one by
 * one.
 */
const LARGE_BYTES = 8 * 1024;

/** Leaves out the ids of a JSON array of hexadecimal strings. */
const EXCEPT = 'AND hex(id) NOT IN (SELECT value FROM json_each(?))';

/** Finds the id of a due suspect. */
export const suspectStatement = (except: boolean): string => `
  SELECT lower(hex(id)) AS hexId FROM holdfast_tasks INDEXED BY holdfast_tasks_suspect
  WHERE queue = ? AND state = 'waiting' AND suspect = 1 AND available_at <= ? ${except ? EXCEPT : ''} LIMIT 1`;

/** Due tasks of one priority in the order of claims: suspects, or the others. */
const dueTasks = (columns: string, suspect: boolean, except: boolean): string => `
  SELECT ${columns} FROM holdfast_tasks INDEXED BY ${suspect ? 'holdfast_tasks_suspect' : 'holdfast_tasks_claim'}
    WHERE queue = ? AND state = 'waiting' AND suspect = ${suspect ? 1 : 0} AND priority = ? AND available_at <= ?
    ${except ? EXCEPT : ''} ORDER BY available_at, seq LIMIT ? + 0`;

const INITIAL_NUMBERS = INITIAL_COLUMNS.filter(({ initial }) => initial !== null);
const INITIAL_NULLS = INITIAL_COLUMNS.filter(({ initial }) => initial === null);

/** A plain task is as it was inserted in all that mostly stays so, and its payload is small. */
const IS_PLAIN = `${INITIAL_NUMBERS.map(({ column, initial }) => `${column} = ${initial}`).join(' AND ')}
  AND COALESCE(${INITIAL_NULLS.map(({ column }) => column).join(', ')}) IS NULL AND octet_length(payload) <= ${LARGE_BYTES}`;

/**
 * Reads the tasks that a claim will take, as one JSON array of `DueRow`. A value for each column, and a buffer for each id, would cost three times
 * as much (14 and 4 microseconds a task).
 */
export const dueStatement = (suspect: boolean, except: boolean): string => `
  SELECT json_group_array(json_array(seq, lower(hex(id)), name, max_retries, attempt, available_at, created_at, unique_key, settings,
    CASE WHEN ${IS_PLAIN} THEN payload ELSE octet_length(payload) END)) AS due FROM (${dueTasks('*', suspect, except)})`;

const CLAIM = `UPDATE holdfast_tasks SET state = 'running', attempt = attempt + 1, ${leaseAssignments({
  token: '?',
  workerId: '?',
  expiresAt: '? + COALESCE(own_lease_ms, ?)',
  ms: 'COALESCE(own_lease_ms, ?)',
  extendedMs: '0',
  alone: '0',
  timedOut: '0',
  beside: '?',
})}`;

/** Claims the tasks that `dueStatement` has read in the same transaction. Returning the rows from here would cost as much as reading them again. */
export const claimStatement = (suspect: boolean, except: boolean): string => `${CLAIM} WHERE seq IN (${dueTasks('seq', suspect, except)})`;

/** Claims tasks whose places follow each other, in four fifths of the time. */
export const CLAIM_RANGE_STATEMENT = `${CLAIM} WHERE seq BETWEEN ? AND ?`;

/** Reads the columns of a task that is not plain. */
export const REST_STATEMENT = `SELECT payload, ${INITIAL_COLUMNS.map(({ column }) => column).join(', ')} FROM holdfast_tasks WHERE seq = ?`;

/** The same columns of a plain task, which are not read. */
const PLAIN = Object.fromEntries(INITIAL_COLUMNS.map(({ column, initial }) => [column, initial])) as unknown as InitialRow;

/** A row of `dueStatement`. */
export type DueRow = readonly [
  place: number,
  hexId: string,
  name: string,
  maxRetries: number,
  attempt: number,
  availableAt: number,
  createdAt: number,
  uniqueKey: string | null,
  settings: string | null,
  /** Of a task that is not plain, its size in bytes. */
  payload: string | number,
];

/** What a claim may still take. */
export interface ClaimRoom {
  tasks: number;
  bytes: number;
}

/** Most tasks that one statement reads: their names, settings and small payloads are one text, which V8 bounds at half a gigabyte. */
export const DUE_TASKS = 4_000;

/** Takes from the room of a claim what fits into it of due tasks; of a claim that has nothing yet, one at least. */
export function takeRoom(due: readonly DueRow[], room: ClaimRoom): readonly DueRow[] {
  let taken = 0;
  for (const row of due) {
    const bytes = bytesOf(row);
    if (bytes > room.bytes && room.bytes < ANSWER_BYTES) {
      room.bytes = 0;
      break;
    }
    room.bytes -= bytes;
    taken += 1;
  }
  room.tasks -= taken;
  return taken === due.length ? due : due.slice(0, taken);
}

const bytesOf = ([, , , , , , , , settings, payload]: DueRow): number =>
  (settings?.length ?? 0) + (typeof payload === 'number' ? payload : payload.length);

/** A row of `REST_STATEMENT`. */
export type RestRow = { readonly payload: string } & InitialRow;

/** The part that all tasks of one claim have in common. */
export interface ClaimedAlike {
  readonly namespace: Namespace;
  /** Its name in the database. */
  readonly queue: string;
  readonly priority: number;
  readonly suspect: boolean;
  readonly token: string;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly beside: boolean;
  readonly nowMs: number;
}

/**
 * Reads the tasks of a claim as they are after it. Neighbours share the lease, the instants and the settings that are equal.
 *
 * @param restOf reads the columns of a task that is not plain.
 */
export function claimedTasks(due: readonly DueRow[], alike: ClaimedAlike, restOf: (place: number) => RestRow): Task[] {
  const read = rowReader(alike.namespace);
  const leaseOf = lastMade((ms: number) => leaseFor(ms, alike));
  const { queue, priority, leaseMs } = alike;
  const [state, suspect, finished_at] = ['running' as const, Number(alike.suspect), null];
  return due.map(([place, hexId, name, max_retries, claims, available_at, created_at, unique_key, settings, small]) => {
    const rest = typeof small === 'number' ? restOf(place) : null;
    const payload = rest ? rest.payload : (small as string);
    const row = {
      queue,
      name,
      payload,
      state,
      priority,
      attempt: claims + 1,
      max_retries,
      suspect,
      available_at,
      created_at,
      finished_at,
      unique_key,
      settings,
    };
    const task = read(uuidOfHex(hexId), row, rest ?? PLAIN, null);
    task.place = place;
    task.lease = leaseOf(task.settings.leaseMs ?? leaseMs);
    return task;
  });
}

const leaseFor = (ms: number, { token, workerId, beside, nowMs }: ClaimedAlike): Lease => ({
  token,
  workerId,
  expiresAt: new Date(nowMs + ms),
  ms,
  extendedMs: 0,
  alone: false,
  timedOut: false,
  beside,
});
