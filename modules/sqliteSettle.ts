import type { Guard, Settlement } from '../classes/taskStore';
import { changeShape } from './changeShape';
import type { ChangeShape } from './changeShape';
import { groupBy } from './groupBy';
import type { Change } from './outcome';
import { expiryAfter, NO_LEASE, STRIPPED } from './sqliteSchema';
import type { GuardKind } from './sqliteSchema';
import { instantAfter } from './task';
import { hexOf } from './uuidBytes';

type Value = string | number | null;

/** From so many on one statement for all is cheaper than one for each. */
const WORTH_IT = 4;

/** A text larger than this is bound by itself: as a part of JSON it would be copied, and escaped, twice. */
const LARGE_CHARACTERS = 8 * 1024;

/** Settlements that one statement applies: of one lease token, by its holder, with changes of one shape that name the same fields. */
export interface BulkSettle {
  readonly settlements: readonly Settlement[];
  readonly sql: string;
  readonly parameters: readonly Value[];
}

/** How settlements are best applied: many by one statement, the rest one by one. */
export interface SettlePlan {
  readonly bulks: readonly BulkSettle[];
  readonly singles: readonly Settlement[];
}

/** Plans a batch. */
export function planSettle(settlements: readonly Settlement[], nowMs: number): SettlePlan {
  if (settlements.length < WORTH_IT) return { bulks: [], singles: settlements };
  const groups = [...groupBy(settlements, bulkKey)];
  const isBulk = ([key, { length }]: (typeof groups)[number]): boolean => key !== '' && length >= WORTH_IT;
  return {
    bulks: groups.filter(isBulk).map(([, group]) => bulkOf(group, nowMs)),
    singles: groups.filter((group) => !isBulk(group)).flatMap(([, group]) => group),
  };
}

/** Empty for one that goes by itself. */
function bulkKey({ guard, change, by }: Settlement): string {
  if (!('token' in guard) || 'expiresAt' in guard || guard.token !== by || isLarge(change)) return '';
  return `${by} ${change.state} ${FIELDS.map(([, field]) => Number(change[field] !== undefined)).join('')}`;
}

const isLarge = ({ result, history }: Change): boolean => (result?.length ?? 0) + (history?.length ?? 0) > LARGE_CHARACTERS;

/** What a change may name beside its state, and its times. */
const FIELDS = [
  ['failures', 'failures'],
  ['suspect', 'suspect'],
  ['result', 'result'],
  ['error', 'error'],
  ['history', 'history'],
] as const satisfies readonly (readonly [string, keyof Change])[];

/** A column and what each of the settlements gives it. */
type Column = readonly [name: string, values: readonly Value[]];

/**
 * One UPDATE that reads what differs from JSON: binding and running a statement costs more than half of what a small change costs.
 * What is equal for all is bound once.
 */
function bulkOf(settlements: readonly Settlement[], nowMs: number): BulkSettle {
  const [first] = settlements as [Settlement];
  const columns = columnsOf(settlements, nowMs);
  const equal = columns.filter(([, values]) => isUniform(values));
  const different = columns.filter(([, values]) => !isUniform(values));
  const rows = settlements.map(({ id }, index) => [hexOf(id), ...different.map(([, values]) => values[index] ?? null)]);
  const assignments = [
    ...equal.map(([name]) => `${name} = ?`),
    ...different.map(([name], index) => `${name} = given.value ->> ${index + 1}`),
    ...FIXED[changeShape(first.change.state)],
  ];
  const sql = `UPDATE tasks SET ${assignments.join(', ')}, ${NO_LEASE} FROM json_each(?) AS given
    WHERE tasks.id = unhex(given.value ->> 0) AND tasks.lease_token = ?`;
  return { settlements, sql, parameters: [...equal.map(([, values]) => values[0] ?? null), JSON.stringify(rows), first.by] };
}

const FIXED: Readonly<Record<ChangeShape, readonly string[]>> = {
  waiting: [`state = 'waiting'`, 'rev = rev + 1', 'finished_at = NULL', 'expire_at = NULL'],
  finished: [],
  removed: [STRIPPED],
};

function columnsOf(settlements: readonly Settlement[], nowMs: number): Column[] {
  const [{ change: first, by }] = settlements as [Settlement];
  const each = (name: string, valueOf: (change: Change) => Value): Column => [name, settlements.map(({ change }) => valueOf(change))];
  const settledBy: Column = ['settled_by', [by]];
  const expireAt = each('expire_at', ({ keepMs }) => expiryAfter(nowMs, keepMs ?? 0));
  if (first.state === 'removed') return [settledBy, expireAt];
  const changed = FIELDS.filter(([, field]) => first[field] !== undefined).map(([name, field]) =>
    each(name, (change) => valueOfField(change, field)),
  );
  if (first.state === 'waiting') return [settledBy, each('available_at', ({ delayMs }) => instantAfter(nowMs, delayMs ?? 0).getTime()), ...changed];
  return [settledBy, ['state', [first.state]], ['finished_at', [nowMs]], expireAt, ...changed];
}

function valueOfField(change: Change, field: (typeof FIELDS)[number][1]): Value {
  if (field === 'error') return change.error ? JSON.stringify(change.error) : null;
  if (field === 'suspect') return Number(change.suspect);
  return change[field] ?? null;
}

const isUniform = (values: readonly Value[]): boolean => values.every((value) => value === values[0]);

/** The kind of a guard, and its parameters. */
export function guardParameters(guard: Guard): [GuardKind, ...Value[]] {
  if ('rev' in guard) return ['rev', guard.state, guard.rev];
  if ('expiresAt' in guard) return ['expiry', guard.token, guard.expiresAt.getTime()];
  return ['token', guard.token];
}

/** The parameters of the statement of one change. */
export function changeParameters(change: Change, nowMs: number): Value[] {
  const { state } = change;
  if (state === 'removed') return [expiryAfter(nowMs, 0)];
  const changed = FIELDS.map(([, field]) => (change[field] === undefined ? null : valueOfField(change, field)));
  if (state === 'waiting') return [instantAfter(nowMs, change.delayMs ?? 0).getTime(), ...changed];
  return [state, nowMs, expiryAfter(nowMs, change.keepMs ?? 0), ...changed];
}
