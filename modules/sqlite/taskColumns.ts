import type { Change } from '../task/change';
import type { Lease, NewTask, Task, TaskSettings } from '../task/task';

/** A value as SQLite takes it. */
export type Value = string | number | Uint8Array | null;

/** The fields with a column each. The id, the place and the lease are read and written in their own way; follow-ups have a table of their own. */
export type ColumnField = Exclude<keyof Task, 'place' | 'id' | 'lease' | 'followUps'>;

/** The fields that a change may name, beside its state, its times, its follow-ups and the signals that it waits for. */
export type ChangedField = Exclude<keyof Change, 'state' | 'delayMs' | 'signals' | 'keepMs' | 'followUps'>;

/** The fields that are equal for all tasks of one INSERT. */
export type SharedField = Exclude<keyof NewTask, 'id' | 'due' | 'payload' | 'uniqueKey'>;

/** The column of a field. */
interface Column<T> {
  readonly column: string;
  readonly bind: (value: T) => Value;
  /** The value in a new task. A claim reads such a column only for tasks that have another value in one of them. */
  readonly initial?: 0 | null;
  /** The value in a removed task, where the field does not keep its own. */
  readonly removed?: '' | null;
}

/** The table has to say which fields a change may name, and which are bound once for several new tasks. */
type Marks<F> = (F extends ChangedField ? { readonly changed: true } : { readonly changed?: never }) &
  (F extends SharedField ? { readonly shared: true } : { readonly shared?: never });

const asIs = <T extends Value>(value: T): T => value;
const instant = (value: Date): number => value.getTime();
/** Returns the text of the settings of a task, null if it has none. */
export const settingsText = (settings: TaskSettings): string | null => (Object.keys(settings).length > 0 ? JSON.stringify(settings) : null);

/**
 * The fields of a task. Every statement is made from this table; a new field is a row here, its migration, and its line in `rowReader`.
 */
export const TASK_COLUMNS = {
  queue: { column: 'queue', bind: asIs, removed: '', shared: true },
  name: { column: 'name', bind: asIs, removed: '', shared: true },
  payload: { column: 'payload', bind: asIs, removed: '' },
  state: { column: 'state', bind: asIs },
  priority: { column: 'priority', bind: asIs, shared: true },
  attempt: { column: 'attempt', bind: asIs },
  failures: { column: 'failures', bind: asIs, initial: 0, changed: true },
  maxRetries: { column: 'max_retries', bind: asIs, shared: true },
  suspect: { column: 'suspect', bind: Number, changed: true },
  rev: { column: 'rev', bind: asIs, initial: 0 },
  availableAt: { column: 'available_at', bind: instant },
  createdAt: { column: 'created_at', bind: instant },
  finishedAt: { column: 'finished_at', bind: (value) => value && instant(value) },
  settings: { column: 'settings', bind: settingsText, removed: null, shared: true },
  uniqueKey: { column: 'unique_key', bind: asIs },
  result: { column: 'result', bind: asIs, initial: null, removed: null, changed: true },
  error: { column: 'error', bind: (value) => value && JSON.stringify(value), initial: null, removed: null, changed: true },
  progress: { column: 'progress', bind: asIs, initial: null, removed: null },
  history: { column: 'history', bind: asIs, initial: null, removed: null, changed: true },
} as const satisfies { readonly [F in ColumnField]: Column<Task[F]> & Marks<F> };

/** The parts of a lease, with what a task that is not running has in them. */
export const LEASE_COLUMNS = {
  token: { column: 'lease_token', bind: asIs, none: null },
  workerId: { column: 'lease_worker', bind: asIs, none: null },
  expiresAt: { column: 'lease_expires_at', bind: instant, none: null },
  ms: { column: 'lease_ms', bind: asIs, none: null },
  extendedMs: { column: 'lease_extended_ms', bind: asIs, none: 0 },
  alone: { column: 'lease_alone', bind: Number, none: 0 },
  timedOut: { column: 'lease_timed_out', bind: Number, none: 0 },
  beside: { column: 'lease_beside', bind: Number, none: 0 },
} as const satisfies { readonly [F in keyof Lease]: Omit<Column<Lease[F]>, 'initial' | 'removed'> & { readonly none: 0 | null } };

type Table = typeof TASK_COLUMNS;

/** The fields whose columns a claim mostly need not read. */
export type InitialField = { [F in ColumnField]: Table[F] extends { readonly initial: unknown } ? F : never }[ColumnField];

/** The type that a column has for a field of that type. */
type Stored<T> = T extends string | null ? T : T extends number | boolean | Date ? number : string;

/** Columns as they are read, by their names in the table. */
export type RowOf<F extends ColumnField> = {
  readonly [K in F as Table[K]['column']]: K extends 'settings' ? string | null : Stored<Task[K]>;
};

/** The columns of a lease as they are read. Without a token there is none. */
export type LeaseRow = {
  readonly [K in keyof Lease as (typeof LEASE_COLUMNS)[K]['column']]: K extends 'token' ? string | null : Stored<Lease[K]>;
};
