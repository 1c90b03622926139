import type { TaskError } from '../../constants/events';
import { lastMade } from '../values/lastMade';
import type { Lease, Task, TaskSettings } from '../task/task';
import { uuidOfHex } from '../task/uuidBytes';

/** A payload larger than this is read by itself: what a claim reads is one text, which has a bound. */
const LARGE_BYTES = 8 * 1024;

/** Leaves out the ids of a JSON array of hexadecimal strings. */
const EXCEPT = 'AND hex(id) NOT IN (SELECT value FROM json_each(?))';

/** A suspect of a queue that is due. */
export const suspectStatement = (except: boolean): string => `
  SELECT lower(hex(id)) AS hexId FROM tasks INDEXED BY tasks_suspect
  WHERE queue = ? AND state = 'waiting' AND suspect = 1 AND available_at <= ? ${except ? EXCEPT : ''} LIMIT 1`;

/** Which tasks a claim takes: due ones of one priority, suspects or others. */
const dueTasks = (columns: string, suspect: boolean, except: boolean): string => `
  SELECT ${columns} FROM tasks INDEXED BY ${suspect ? 'tasks_suspect' : 'tasks_claim'}
    WHERE queue = ? AND state = 'waiting' AND suspect = ${suspect ? 1 : 0} AND priority = ? AND available_at <= ?
    ${except ? EXCEPT : ''} ORDER BY available_at, seq LIMIT ?`;

/** A task that has nothing to tell of earlier attempts, and whose payload is small, as most are. */
const IS_PLAIN = `failures = 0 AND rev = 0 AND COALESCE(result, error, progress, history) IS NULL AND octet_length(payload) <= ${LARGE_BYTES}`;

/**
 * What a claim will take, in its order, as the text of one JSON array of `DueRow`: a value for each column, let alone a buffer for each id, costs
 * three times as much (14 and 4 microseconds a task).
 */
export const dueStatement = (suspect: boolean, except: boolean): string => `
  SELECT json_group_array(json_array(seq, lower(hex(id)), name, max_retries, attempt, available_at, created_at, unique_key, settings,
    CASE WHEN ${IS_PLAIN} THEN payload END)) AS due FROM (${dueTasks('*', suspect, except)})`;

const CLAIM = `UPDATE tasks SET state = 'running', attempt = attempt + 1, lease_token = ?, lease_worker = ?, lease_alone = 0,
  lease_ms = COALESCE(own_lease_ms, ?), lease_expires_at = ? + COALESCE(own_lease_ms, ?)`;

/** The claim of what `dueStatement` shows in the same transaction: to return the rows from here would cost as much again. */
export const claimStatement = (suspect: boolean, except: boolean): string => `${CLAIM} WHERE seq IN (${dueTasks('seq', suspect, except)})`;

/** The same where their places follow each other, in four fifths of the time. */
export const CLAIM_RANGE_STATEMENT = `${CLAIM} WHERE seq BETWEEN ? AND ?`;

/** What else there is to tell of a task that is not plain. */
export const REST_STATEMENT = 'SELECT payload, failures, rev, result, error, progress, history FROM tasks WHERE seq = ?';

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
  /** Null where the task is not plain. */
  payload: string | null,
];

/** A row of `REST_STATEMENT`. */
export interface RestRow {
  readonly payload: string;
  readonly failures: number;
  readonly rev: number;
  readonly result: string | null;
  readonly error: string | null;
  readonly progress: string | null;
  readonly history: string | null;
}

/** What all tasks of one claim have in common. */
export interface ClaimedAlike {
  readonly queue: string;
  readonly priority: number;
  readonly suspect: boolean;
  readonly token: string;
  readonly workerId: string;
  readonly leaseMs: number;
  readonly nowMs: number;
}

const NO_SETTINGS: TaskSettings = Object.freeze({});

/**
 * Reads the tasks of a claim as it has made them of what waited. Neighbours share what is equal: their lease, settings and instants.
 *
 * @param restOf what else there is to tell of one that is not plain.
 */
export function claimedTasks(due: string, alike: ClaimedAlike, restOf: (place: number) => RestRow): Task[] {
  const dateOf = lastMade((ms: number) => new Date(ms));
  const settingsOf = lastMade((text: string) => JSON.parse(text) as TaskSettings);
  const leaseOf = lastMade((ms: number) => leaseFor(ms, alike));
  const { queue, priority, suspect, leaseMs } = alike;
  return (JSON.parse(due) as DueRow[]).map(([place, hexId, name, maxRetries, attempt, availableAt, createdAt, uniqueKey, settingsText, payload]) => {
    const settings = settingsText === null ? NO_SETTINGS : settingsOf(settingsText);
    const rest = payload === null ? restOf(place) : null;
    // One literal: put together by spreading, it costs ten times as much.
    return {
      place,
      id: uuidOfHex(hexId),
      queue,
      name,
      payload: payload ?? (rest as RestRow).payload,
      state: 'running',
      priority,
      attempt: attempt + 1,
      failures: rest ? rest.failures : 0,
      maxRetries,
      suspect,
      rev: rest ? rest.rev : 0,
      availableAt: dateOf(availableAt),
      createdAt: dateOf(createdAt),
      finishedAt: null,
      settings,
      uniqueKey,
      lease: leaseOf(settings.leaseMs ?? leaseMs),
      result: rest ? rest.result : null,
      error: rest?.error ? (JSON.parse(rest.error) as TaskError) : null,
      progress: rest ? rest.progress : null,
      history: rest ? rest.history : null,
    };
  });
}

const leaseFor = (ms: number, { token, workerId, nowMs }: ClaimedAlike): Lease => ({
  token,
  workerId,
  expiresAt: new Date(nowMs + ms),
  ms,
  alone: false,
});
