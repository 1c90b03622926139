import type { TaskError } from '../../constants/events';
import { headOf } from '../task/task';
import type { Lease, Task, TaskHead, TaskSettings } from '../task/task';
import { uuidOf } from '../task/uuidBytes';
import type { Namespace } from '../ports/namespace';
import { lastMade } from '../values/lastMade';
import type { ColumnField, InitialField, LeaseRow, RowOf } from './taskColumns';

/** Columns that mostly have their value of a new task. */
export type InitialRow = RowOf<InitialField>;

/** All other columns. */
export type OtherRow = RowOf<Exclude<ColumnField, InitialField>>;

/** A whole task, as `READ_COLUMNS` reads it. */
export type TaskRow = { readonly id: Uint8Array; readonly follow_ups?: string | null } & OtherRow & InitialRow & LeaseRow;

/** A task to which a claim adds its place and lease. */
type ReadTask = { -readonly [F in keyof Task]: Task[F] };

const NO_SETTINGS: TaskSettings = Object.freeze({});

/** Makes a reader for the rows of one answer. Neighbours share the queue, the instants and the settings that are equal. */
export function rowReader({ outside }: Namespace): (id: string, row: OtherRow, rest: InitialRow, lease: Lease | null) => ReadTask {
  const queueOf = lastMade(outside);
  const dateOf = lastMade((ms: number) => new Date(ms));
  const settingsOf = lastMade((text: string) => JSON.parse(text) as TaskSettings);
  // An object made by spreading would cost ten times as much as one literal.
  return (id, row, rest, lease) => ({
    id,
    queue: queueOf(row.queue),
    name: row.name,
    payload: row.payload,
    state: row.state,
    priority: row.priority,
    attempt: row.attempt,
    failures: rest.failures,
    maxRetries: row.max_retries,
    suspect: row.suspect === 1,
    rev: rest.rev,
    availableAt: dateOf(row.available_at),
    createdAt: dateOf(row.created_at),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
    settings: row.settings === null ? NO_SETTINGS : settingsOf(row.settings),
    uniqueKey: row.unique_key,
    lease,
    result: rest.result,
    error: rest.error === null ? null : (JSON.parse(rest.error) as TaskError),
    progress: rest.progress,
    history: rest.history,
  });
}

/** Reads the heads of tasks. */
export const headsOfRows = (rows: readonly TaskRow[], namespace: Namespace): TaskHead[] => tasksOfRows(rows, namespace).map(headOf);

/** Reads whole tasks. */
export function tasksOfRows(rows: readonly TaskRow[], namespace: Namespace): Task[] {
  const read = rowReader(namespace);
  return rows.map((row) => {
    const task = read(uuidOf(row.id), row, row, leaseOfRow(row));
    return row.follow_ups ? { ...task, followUps: row.follow_ups } : task;
  });
}

const leaseOfRow = (row: TaskRow): Lease | null =>
  row.lease_token === null
    ? null
    : {
        token: row.lease_token,
        workerId: row.lease_worker,
        expiresAt: new Date(row.lease_expires_at),
        ms: row.lease_ms,
        extendedMs: row.lease_extended_ms,
        alone: row.lease_alone === 1,
        timedOut: row.lease_timed_out === 1,
        beside: row.lease_beside === 1,
      };
