import type { TaskState } from '../../constants/states';
import { LARGE_FIELDS } from '../task/task';
import type { Lease, Task } from '../task/task';
import { LEASE_COLUMNS, TASK_COLUMNS } from './taskColumns';
import type { ChangedField, ColumnField, SharedField, Value } from './taskColumns';

/** A row of the table of fields, whatever the type of its field. */
interface AnyColumn {
  readonly column: string;
  readonly bind: (value: never) => Value;
  readonly initial?: 0 | null;
  readonly removed?: '' | null;
  readonly changed?: true;
  readonly shared?: true;
}

/** A field with its column. */
export interface FieldColumn<F> extends AnyColumn {
  readonly field: F;
}

const ALL = Object.entries<AnyColumn>(TASK_COLUMNS).map(([field, column]): FieldColumn<ColumnField> => ({ ...column, field: field as ColumnField }));

const LEASE = Object.entries(LEASE_COLUMNS) as [keyof Lease, AnyColumn & { readonly none: 0 | null }][];

const isLarge = (field: ColumnField): boolean => (LARGE_FIELDS as readonly string[]).includes(field);
const isText = (field: ColumnField): boolean => field === 'settings' || field === 'history';

/** Adds up the sizes of columns. Their values are not read for it. */
const bytesOf = (columns: readonly { readonly column: string }[]): string =>
  columns.map(({ column }) => `COALESCE(octet_length(${column}), 0)`).join(' + ');

const namesOf = (columns: readonly { readonly column: string }[]): string[] => columns.map(({ column }) => column);

const literal = (value: 0 | '' | null): string => (value === null ? 'NULL' : value === '' ? `''` : String(value));

/** The fields that a change may name. */
export const CHANGED_COLUMNS = ALL.filter(({ changed }) => changed) as FieldColumn<ChangedField>[];

/** The fields that are equal for all tasks of one INSERT. */
export const SHARED_COLUMNS = ALL.filter(({ shared }) => shared) as FieldColumn<SharedField>[];

/** The columns that mostly have the value that they have in a new task. */
export const INITIAL_COLUMNS = ALL.flatMap(({ column, initial }) => (initial === undefined ? [] : [{ column, initial }]));

/** The columns that a whole task is read from. */
export const READ_COLUMNS = [
  'id',
  ...namesOf(ALL),
  ...namesOf(LEASE.map(([, row]) => row)),
  '(SELECT body FROM holdfast_follow_ups WHERE task = holdfast_tasks.seq) AS follow_ups',
].join(', ');

/** The columns that a head is read from. What it lacks is read as null. */
export const HEAD_COLUMNS = [
  'id',
  ...ALL.map(({ field, column }) => (isLarge(field) ? `NULL AS ${column}` : column)),
  ...namesOf(LEASE.map(([, row]) => row)),
].join(', ');

/** The bytes of the texts of a whole task, and of a head. */
export const TASK_BYTES = bytesOf(ALL.filter(({ field }) => isLarge(field) || isText(field)));
export const HEAD_BYTES = bytesOf(ALL.filter(({ field }) => isText(field)));

/** The columns that a task from another store is written to, in the order of `placedValues`. */
export const PLACED_COLUMNS = [...namesOf(ALL), 'own_lease_ms', ...namesOf(LEASE.map(([, row]) => row))];

/** The value of a column for a value of its field. */
export const bound = ({ bind }: AnyColumn, value: unknown): Value => bind(value as never);

export const leaseValues = (lease: Lease): Value[] => LEASE.map(([field, row]) => bound(row, lease[field]));

export const placedValues = (task: Task, lease: Lease): Value[] => [
  ...ALL.map((row) => bound(row, task[row.field])),
  task.settings.leaseMs ?? null,
  ...leaseValues(lease),
];

/** Assigns SQL to each column of a lease. */
export const leaseAssignments = (sql: Readonly<Record<keyof Lease, string>>): string =>
  LEASE.map(([field, { column }]) => `${column} = ${sql[field]}`).join(', ');

/** Ends a lease. */
export const NO_LEASE = LEASE.map(([, { column, none }]) => `${column} = ${literal(none)}`).join(', ');

/** Strips a removed task. It keeps its id, its unique key, who settled it, and until when that is known. */
export const STRIPPED = [
  `state = 'removed'`,
  ...ALL.flatMap(({ column, removed }) => (removed === undefined ? [] : [`${column} = ${literal(removed)}`])),
].join(', ');

/**
 * Reads the tasks of one state by their index; those that wait are in two, of which one has the suspects. Finished ones share an index, because each
 * index with a condition on the state costs every write.
 */
export function indexedBy(state: TaskState, suspect: 0 | 1 = 0): string {
  if (state === 'waiting') return `INDEXED BY holdfast_tasks_${suspect ? 'suspect' : 'claim'} WHERE state = 'waiting' AND suspect = ${suspect}`;
  if (state === 'running') return `INDEXED BY holdfast_tasks_lease WHERE state = 'running'`;
  return `INDEXED BY holdfast_tasks_finished WHERE state = '${state}' AND finished_at IS NOT NULL`;
}
