import type { Guard, Settlement } from '../ports/taskStore';
import { SETTLED_MEMORY_MS } from '../../constants/limits';
import { changeShape } from '../task/changeShape';
import type { ChangeShape } from '../task/changeShape';
import { chunksOf } from '../values/chunksOf';
import { groupBy } from '../values/groupBy';
import type { Change } from '../task/change';
import { mongoId } from './mongoSchema';
import { patchTree } from './patchTree';
import { CHANGED_FIELDS } from './taskFields';
import type { ChangedField } from './taskFields';

/** Settlements that one `updateMany` applies. Their guards are of one kind, and their changes of one shape. */
export interface SettleCommand {
  readonly settlements: readonly Settlement[];
  readonly filter: object;
  readonly pipeline: object[];
}

/** Most tasks in one command. The server runs two commands of a thousand side by side; four of 500 cost a tenth more. */
export const COMMAND_TASKS = 1_000;

/** Most bytes of results in one command. */
const COMMAND_BYTES = 12 * 1024 * 1024;

/** Sorts settlements into as few commands as possible. */
export function settleCommands(settlements: readonly Settlement[]): SettleCommand[] {
  const groups = groupBy(settlements, (settlement) => `${changeShape(settlement.change.state)} ${guardKey(settlement)}`);
  return [...groups.values()]
    .flatMap((group) => chunksOf(group, COMMAND_TASKS))
    .flatMap(withinBytes)
    .map(commandOf);
}

/** Splits settlements so that each command stays under the 16 MiB that it may have. */
function withinBytes(settlements: readonly Settlement[]): Settlement[][] {
  const chunks: Settlement[][] = [[]];
  let bytes = 0;
  for (const settlement of settlements) {
    const weight = weightOf(settlement.change);
    bytes += weight;
    if (bytes > COMMAND_BYTES) {
      chunks.push([]);
      bytes = weight;
    }
    chunks.at(-1)?.push(settlement);
  }
  return chunks.filter((chunk) => chunk.length > 0);
}

/** The most bytes that a change may take: a character takes three of UTF-8 at most. */
const weightOf = (change: Change): number => CHANGED_FIELDS.reduce((bytes, field) => bytes + 3 * lengthOf(change[field]), 500);

const lengthOf = (value: Change[ChangedField]): number =>
  typeof value === 'string' ? value.length : typeof value === 'object' ? JSON.stringify(value).length : 0;

function commandOf(settlements: readonly Settlement[]): SettleCommand {
  const [first] = settlements as [Settlement];
  const ids = settlements.map(({ id }) => mongoId(id));
  return {
    settlements,
    filter: { _id: { $in: ids }, ...guardFilter(first.guard, settlements) },
    pipeline: pipelineOf(settlements, settledBy(first)),
  };
}

/** Returns the key of settlements that may share a command. Those of lease holders do, whatever their tokens; others need the same guard. */
function guardKey({ guard, by }: Settlement): string {
  if ('rev' in guard) return `${guard.state} ${guard.rev} ${by}`;
  if ('expiresAt' in guard) return `${guard.token} ${guard.expiresAt.getTime()} ${by}`;
  return by === guard.token ? 'own' : `${guard.token} ${by}`;
}

function guardFilter(guard: Guard, settlements: readonly Settlement[]): object {
  if ('rev' in guard) return { state: guard.state, rev: guard.rev };
  if ('expiresAt' in guard) return { 'lease.token': guard.token, 'lease.expiresAt': guard.expiresAt };
  const tokens = new Set(settlements.map((settlement) => (settlement.guard as { token: string }).token));
  return { 'lease.token': tokens.size === 1 ? guard.token : { $in: [...tokens] } };
}

const settledBy = ({ guard, by }: Settlement): unknown => ('token' in guard && guard.token === by ? '$lease.token' : { $literal: by });

/** A field and its value for each settlement. */
interface FieldValues {
  readonly name: keyof Patched;
  readonly values: readonly unknown[];
  /** Some changes do not name the field. */
  readonly isPartial: boolean;
}

/** The fields that a change may have. */
type Patched = Required<Change>;

const FIELDS: Readonly<Record<ChangeShape, readonly (keyof Patched)[]>> = {
  waiting: ['delayMs', ...CHANGED_FIELDS],
  finished: ['state', 'keepMs', ...CHANGED_FIELDS],
  removed: [],
};

/**
 * Writes the fields that the changes name. A value that is equal for all is a literal. Each document finds its own differing value in a tree: of
 * values where one field differs, which is mostly the result, and of patches where more do.
 */
function pipelineOf(settlements: readonly Settlement[], by: unknown): object[] {
  const [first] = settlements as [Settlement];
  const shape = changeShape(first.change.state);
  if (shape === 'removed') return REMOVE(by);
  const fields = fieldsOf(settlements, FIELDS[shape]);
  const different = fields.filter((field) => !isUniform(field));
  const tree = different.length > 0 ? treeOf(settlements, different) : {};
  const isPatch = different.length > 1;
  const valueOf = (field: FieldValues): unknown => {
    if (isUniform(field)) return { $literal: field.values[0] };
    const own = isPatch ? `$patch.${field.name}` : tree;
    return field.isPartial ? { $ifNull: [own, `$${field.name}`] } : own;
  };
  const values = Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]));
  const set = { $set: { ...FIXED[shape](values), settledBy: by, lease: '$$REMOVE' } };
  return isPatch ? [{ $set: { patch: tree } }, set, { $unset: 'patch' }] : [set];
}

function fieldsOf(settlements: readonly Settlement[], names: readonly (keyof Patched)[]): FieldValues[] {
  const fields = names.map((name) => {
    const values = settlements.map(({ change }) => patchedValue(change, name));
    return { name, values, isPartial: values.includes(undefined) };
  });
  return fields.filter(({ values }) => values.some((value) => value !== undefined));
}

function patchedValue(change: Change, name: keyof Patched): unknown {
  return name === 'keepMs' ? Math.max(change.keepMs ?? 0, SETTLED_MEMORY_MS) : name === 'delayMs' ? (change.delayMs ?? 0) : change[name];
}

const isUniform = ({ values }: FieldValues): boolean => values.every((value) => value === values[0]);

/** Makes the tree of the differing values. */
function treeOf(settlements: readonly Settlement[], fields: readonly FieldValues[]): object {
  const [only] = fields;
  const patchAt = (index: number): unknown => Object.fromEntries(fields.map(({ name, values }) => [name, values[index]]));
  const valueAt = (index: number): unknown => (fields.length === 1 ? (only?.values[index] ?? null) : patchAt(index));
  return patchTree(settlements.map(({ id }, index) => ({ id: mongoId(id), patch: valueAt(index) })));
}

const afterNow = (delay: unknown): object => ({ $add: ['$$NOW', delay] });

const FIXED: Readonly<Record<Exclude<ChangeShape, 'removed'>, (values: Readonly<Record<string, unknown>>) => object>> = {
  waiting: ({ delayMs, ...values }) => ({
    ...values,
    state: 'waiting',
    rev: { $add: ['$rev', 1] },
    availableAt: afterNow(delayMs),
    finishedAt: '$$REMOVE',
    expireAt: '$$REMOVE',
  }),
  finished: ({ keepMs, ...values }) => ({ ...values, finishedAt: '$$NOW', expireAt: afterNow(keepMs) }),
};

const REMOVE = (by: unknown): object[] => [
  { $replaceWith: { _id: '$_id', state: 'removed', settledBy: by, expireAt: afterNow({ $literal: SETTLED_MEMORY_MS }) } },
];
