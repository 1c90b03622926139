import type { Guard, Settlement } from '../ports/taskStore';
import { changeShape } from '../task/changeShape';
import type { ChangeShape } from '../task/changeShape';
import { groupBy } from '../values/groupBy';
import type { Change } from '../task/change';
import { expiryAfter } from './sqliteSchema';
import type { ChangedField, Value } from './taskColumns';
import { bound, CHANGED_COLUMNS, NO_LEASE, STRIPPED } from './taskSql';
import type { FieldColumn } from './taskSql';
import { rangeOf } from './rangeOf';
import type { GuardKind } from './sqliteSchema';
import { instantAfter } from '../time/instantAfter';
import { hexOf } from '../task/uuidBytes';

const FIELDS = CHANGED_COLUMNS.map(({ field }) => field);

/** Fewest settlements for which one statement for all is cheaper than one for each. */
const WORTH_IT = 4;

/** Longest text that is read from JSON. JSON would copy and escape a longer one twice, so it is bound by itself. */
const LARGE_CHARACTERS = 8 * 1024;

/** Settlements that one statement applies. All are of tasks under one token and by one writer, and their changes name the same fields. */
export interface BulkSettle {
  /** Their indexes in the batch. */
  readonly indexes: readonly number[];
  readonly sql: string;
  readonly parameters: readonly Value[];
}

/** The settlements of a batch: those that share statements, and the indexes of those that are applied one by one. */
export interface SettlePlan {
  readonly bulks: readonly BulkSettle[];
  readonly singles: readonly number[];
}

/** Plans how to apply a batch. */
export function planSettle(settlements: readonly Settlement[], nowMs: number): SettlePlan {
  const groups = groupsOf(settlements);
  const isBulk = ([key, { length }]: (typeof groups)[number]): boolean => key !== '' && length >= WORTH_IT;
  const at = (index: number): Settlement => settlements[index] as Settlement;
  return {
    bulks: groups.filter(isBulk).map(([, indexes]) => ({ indexes, ...bulkOf(indexes.map(at), nowMs) })),
    singles: groups.filter((group) => !isBulk(group)).flatMap(([, indexes]) => indexes),
  };
}

/** Groups settlements by their key. Neighbours are mostly alike, and comparing two is cheaper than making a key. */
function groupsOf(settlements: readonly Settlement[]): [key: string, indexes: number[]][] {
  let key = '';
  const keyAt = (index: number): string => {
    const [before, settlement] = [settlements[index - 1], settlements[index] as Settlement];
    if (!before || !isAlike(settlement, before)) key = bulkKey(settlement);
    return key;
  };
  return [...groupBy(settlements.keys(), keyAt)];
}

/** Tells whether two settlements surely have the same key. */
const isAlike = (one: Settlement, other: Settlement): boolean =>
  one.by === other.by &&
  tokenOf(one) === tokenOf(other) &&
  (one.place === undefined) === (other.place === undefined) &&
  one.change.state === other.change.state &&
  isByItself(one.change) === isByItself(other.change) &&
  FIELDS.every((field) => (one.change[field] === undefined) === (other.change[field] === undefined));

/** Returns the token that guards a settlement, if nothing else does. */
const tokenOf = ({ guard }: Settlement): string | undefined => ('token' in guard && !('expiresAt' in guard) ? guard.token : undefined);

/** Returns the key of settlements that share a statement; empty for one that is applied by itself. */
function bulkKey(settlement: Settlement): string {
  const { change, by, place } = settlement;
  const token = tokenOf(settlement);
  if (token === undefined || isByItself(change)) return '';
  return `${by} ${token} ${change.state} ${place === undefined ? 'id' : 'place'} ${FIELDS.map((field) => Number(change[field] !== undefined)).join('')}`;
}

/** Tells whether a change has a statement by itself: it is large, or brings follow-ups or waits for signals, which are rows of their own. */
const isByItself = ({ result, history, followUps, signals }: Change): boolean =>
  (result?.length ?? 0) + (history?.length ?? 0) > LARGE_CHARACTERS || followUps !== undefined || signals !== undefined;

/** A column and its value for each settlement. */
type ColumnValues = readonly [name: string, values: readonly Value[]];

/**
 * Makes one UPDATE that reads differing values from JSON, and binds equal ones once. Binding and running a statement costs more than half of a small
 * change.
 */
function bulkOf(settlements: readonly Settlement[], nowMs: number): Omit<BulkSettle, 'indexes'> {
  const [first] = settlements as [Settlement];
  const columns = columnsOf(settlements, nowMs);
  const equal = columns.filter(([, values]) => isUniform(values));
  const different = columns.filter(([, values]) => !isUniform(values));
  const { source, parameters, from } = sourceOf(settlements, different);
  const assignments = [
    ...equal.map(([name]) => `${name} = ?`),
    ...different.map(([name], index) => `${name} = given.value ->> ${from + index}`),
    ...FIXED[changeShape(first.change)],
  ];
  const sql = `UPDATE holdfast_tasks SET ${assignments.join(', ')}, ${NO_LEASE} ${source} AND lease_token = ?`;
  return { sql, parameters: [...equal.map(([, values]) => values[0] ?? null), ...parameters, tokenOf(first) ?? null] };
}

/** The part of an UPDATE that finds the tasks and their differing values. */
interface RowSource {
  readonly source: string;
  readonly parameters: readonly Value[];
  /** The index of the first differing value in the JSON of a task. */
  readonly from: number;
}

/**
 * Finds tasks by their places where they are known: in half of the time that ids take, and in a third of it where nothing differs. A range of places
 * takes three quarters of that.
 */
function sourceOf(settlements: readonly Settlement[], different: readonly ColumnValues[]): RowSource {
  const places = settlements.map(({ place }) => place);
  const range = rangeOf(places);
  const isAlike = different.length === 0;
  if (range && isAlike) return { source: 'WHERE seq BETWEEN ? AND ?', parameters: range, from: 0 };
  if (range) return { source: `${EACH} holdfast_tasks.seq = given.key + ?`, parameters: [rowsOf(different), range[0]], from: 0 };
  if (places[0] === undefined)
    return sourceBy('holdfast_tasks.id = unhex(given.value ->> 0)', ['id', settlements.map(({ id }) => hexOf(id))], different);
  if (isAlike) return { source: 'WHERE seq IN (SELECT value FROM json_each(?))', parameters: [JSON.stringify(places)], from: 0 };
  return sourceBy('holdfast_tasks.seq = given.value ->> 0', ['seq', places as number[]], different);
}

const EACH = 'FROM json_each(?) AS given WHERE';

const sourceBy = (condition: string, key: ColumnValues, different: readonly ColumnValues[]): RowSource => ({
  source: `${EACH} ${condition}`,
  parameters: [rowsOf([key, ...different])],
  from: 1,
});

/** Makes a JSON array with a row for each task. */
const rowsOf = (columns: readonly ColumnValues[]): string =>
  JSON.stringify(columns[0]?.[1].map((_, index) => columns.map(([, values]) => values[index] ?? null)));

const FIXED: Readonly<Record<ChangeShape, readonly string[]>> = {
  waiting: [`state = 'waiting'`, 'rev = rev + 1', 'finished_at = NULL', 'expire_at = NULL'],
  finished: [],
  kept: [],
  removed: [STRIPPED],
};

function columnsOf(settlements: readonly Settlement[], nowMs: number): ColumnValues[] {
  const [{ change: first, by }] = settlements as [Settlement];
  const each = (name: string, value: (change: Change) => Value): ColumnValues => [name, settlements.map(({ change }) => value(change))];
  const settledBy: ColumnValues = ['settled_by', [by]];
  const expireAt = each('expire_at', ({ keepMs }) => expiryAfter(nowMs, keepMs ?? 0));
  if (first.state === 'removed') return [settledBy, expireAt];
  const named = CHANGED_COLUMNS.filter(({ field }) => first[field] !== undefined);
  const changed = named.map((column) => each(column.column, (change) => valueOf(change, column)));
  if (first.state === 'waiting') return [settledBy, each('available_at', ({ delayMs }) => instantAfter(nowMs, delayMs ?? 0).getTime()), ...changed];
  return [settledBy, ['state', [first.state]], ['finished_at', [nowMs]], expireAt, ...changed];
}

/** Returns the value for a column, null where the change does not name the field. */
function valueOf(change: Change, column: FieldColumn<ChangedField>): Value {
  const value = change[column.field];
  return value === undefined ? null : bound(column, value);
}

const isUniform = (values: readonly Value[]): boolean => values.every((value) => value === values[0]);

/** Returns the kind of a guard and its parameters. */
export function guardParameters(guard: Guard): [GuardKind, ...Value[]] {
  if ('rev' in guard) return ['rev', guard.state, guard.rev];
  if ('expiresAt' in guard) return ['expiry', guard.token, guard.expiresAt.getTime()];
  return ['token', guard.token];
}

/** Returns the parameters of the statement of one change. */
export function changeParameters(change: Change, nowMs: number): Value[] {
  const { state } = change;
  if (state === 'removed') return [expiryAfter(nowMs, 0)];
  const changed = CHANGED_COLUMNS.map((column) => valueOf(change, column));
  if (state === 'waiting') return [instantAfter(nowMs, change.delayMs ?? 0).getTime(), ...changed];
  if (change.followUps !== undefined) return [state, nowMs, ...changed];
  return [state, nowMs, expiryAfter(nowMs, change.keepMs ?? 0), ...changed];
}
