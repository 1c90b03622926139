import type { mongo } from 'mongoose';
import type { HeldLease, Settlement } from '../ports/taskStore';
import { COMMAND_BYTES, SETTLED_MEMORY_MS } from '../../constants/limits';
import { changeBytes } from '../task/changeBytes';
import { changeShape } from '../task/changeShape';
import type { ChangeShape } from '../task/changeShape';
import { chunksWithin } from '../values/chunksWithin';
import { groupBy } from '../values/groupBy';
import type { Change } from '../task/change';
import { AGAIN } from './again';
import type { MongoKeys } from './mongoKeys';
import { patchTree } from './patchTree';
import { CHANGED_FIELDS } from './taskFields';
import type { TaskDocument } from './taskFields';
import { keysFilter, leasesFilter } from './taskFilters';

/** Settlements that one `updateMany` applies. Their guards are of one kind, and their changes of one shape. */
export interface SettleCommand {
  readonly settlements: readonly Settlement[];
  readonly filter: mongo.Filter<TaskDocument>;
  readonly pipeline: object[];
}

/** Most tasks in one command. The server runs two commands of a thousand side by side; four of 500 cost a tenth more. */
export const COMMAND_TASKS = 1_000;

/** Sorts settlements, of which no two name one task, into as few commands as possible. */
export function settleCommands(settlements: readonly Settlement[], keys: MongoKeys): SettleCommand[] {
  const groups = groupBy(settlements, (settlement) => `${changeShape(settlement.change)} ${guardKey(settlement)}${awaitKey(settlement)}`);
  return [...groups.values()]
    .flatMap((group) => chunksWithin(group, COMMAND_TASKS, COMMAND_BYTES, ({ change }) => changeBytes(change)))
    .map((chunk) => commandOf(chunk, keys));
}

function commandOf(settlements: readonly Settlement[], keys: MongoKeys): SettleCommand {
  const [first] = settlements as [Settlement];
  return { settlements, filter: guardFilter(settlements, keys), pipeline: pipelineOf(settlements, settledBy(first), keys) };
}

/** Returns the key of settlements that may share a command. Those of lease holders do, whatever their tokens, if each or none is its own writer; others need the same guard. */
function guardKey({ guard, by }: Settlement): string {
  if ('rev' in guard) return `${guard.state} ${guard.rev} ${by}`;
  if ('expiresAt' in guard) return `${guard.token} ${guard.expiresAt.getTime()} ${by}`;
  return by === guard.token ? 'own' : by;
}

/** Returns the key of the signals that tasks wait for: only those that wait for the same ones share a command. */
const awaitKey = ({ change: { signals } }: Settlement): string => (signals ? ` ${JSON.stringify(signals)}` : '');

function guardFilter(settlements: readonly Settlement[], keys: MongoKeys): SettleCommand['filter'] {
  const [{ guard }] = settlements as [Settlement];
  // What keeps follow-ups is removed only when they are in their queues.
  if ('rev' in guard) return { ...keysFilter(settlements, keys), state: guard.state, rev: guard.rev, followUps: { $exists: false } };
  const leases = leasesFilter(settlements.map(leaseOf), keys);
  return 'expiresAt' in guard ? { ...leases, 'lease.expiresAt': guard.expiresAt } : leases;
}

const leaseOf = ({ id, queue, guard }: Settlement): HeldLease => ({ id, queue, token: 'token' in guard ? guard.token : '' });

const settledBy = ({ guard, by }: Settlement): unknown => ('token' in guard && guard.token === by ? '$lease.token' : { $literal: by });

/** Returns the pipeline that writes one change to any tasks. */
export const changePipeline = (change: Change, by: string, keys: MongoKeys): object[] => pipelineOf([{ id: '', change }], { $literal: by }, keys);

/** A task and what is written to it. */
type Changed = Pick<Settlement, 'id' | 'change'>;

/** A field and its value for each settlement. */
interface FieldValues {
  readonly name: keyof Patched;
  readonly values: readonly unknown[];
  /** Some changes do not name the field. */
  readonly isPartial: boolean;
}

/** The fields that a change may have, beside the signals, which its command has in common. */
type Patched = Required<Omit<Change, 'signals'>>;

const FIELDS: Readonly<Record<ChangeShape, readonly (keyof Patched)[]>> = {
  waiting: ['delayMs', ...CHANGED_FIELDS],
  finished: ['state', 'keepMs', ...CHANGED_FIELDS],
  kept: ['state', 'followUps', ...CHANGED_FIELDS],
  removed: [],
};

/**
 * Writes the fields that the changes name. A value that is equal for all is a literal. Each document finds its own differing value in a tree: of
 * values where one field differs, which is mostly the result, and of patches where more do.
 */
function pipelineOf(settlements: readonly Changed[], by: unknown, keys: MongoKeys): object[] {
  const [first] = settlements as [Changed];
  const shape = changeShape(first.change);
  if (shape === 'removed') return REMOVE(by);
  const fields = fieldsOf(settlements, FIELDS[shape]);
  const different = fields.filter((field) => !isUniform(field));
  const tree = different.length > 0 ? treeOf(settlements, different, keys) : {};
  const isPatch = different.length > 1;
  const valueOf = (field: FieldValues): unknown => {
    if (isUniform(field)) return { $literal: field.values[0] };
    const own = isPatch ? `$patch.${field.name}` : tree;
    return field.isPartial ? { $ifNull: [own, `$${field.name}`] } : own;
  };
  const values = Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]));
  const fixed = FIXED[shape](values);
  const { signals } = first.change;
  const set = { $set: { ...(signals ? awaiting(signals, fixed) : fixed), settledBy: by, lease: '$$REMOVE' } };
  return isPatch ? [{ $set: { patch: tree } }, set, { $unset: 'patch' }] : [set];
}

function fieldsOf(settlements: readonly Changed[], names: readonly (keyof Patched)[]): FieldValues[] {
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
function treeOf(settlements: readonly Changed[], fields: readonly FieldValues[], { mongoId }: MongoKeys): object {
  const [only] = fields;
  const patchAt = (index: number): unknown => Object.fromEntries(fields.map(({ name, values }) => [name, values[index]]));
  const valueAt = (index: number): unknown => (fields.length === 1 ? (only?.values[index] ?? null) : patchAt(index));
  return patchTree(settlements.map(({ id }, index) => ({ id: mongoId(id), patch: valueAt(index) })));
}

const afterNow = (delay: unknown): object => ({ $add: ['$$NOW', delay] });

/** Notes the signals that a task waits for. One that is there already makes it due at once. */
const awaiting = (signals: readonly string[], { availableAt, ...fixed }: { readonly availableAt?: unknown }): object => ({
  ...fixed,
  availableAt: { $cond: [{ $gt: [{ $size: { $setIntersection: [SIGNAL_NAMES, { $literal: signals }] } }, 0] }, '$$NOW', availableAt] },
  awaits: { attempt: '$attempt', signals: { $literal: signals } },
});

const SIGNAL_NAMES = { $map: { input: { $ifNull: ['$signals', []] }, in: '$$this.name' } };

const FIXED: Readonly<Record<Exclude<ChangeShape, 'removed'>, (values: Readonly<Record<string, unknown>>) => object>> = {
  waiting: ({ delayMs, ...values }) => ({
    ...values,
    state: 'waiting',
    rev: { $add: ['$rev', 1] },
    again: AGAIN,
    availableAt: afterNow(delayMs),
    finishedAt: '$$REMOVE',
    expireAt: '$$REMOVE',
  }),
  finished: ({ keepMs, ...values }) => ({ ...values, finishedAt: '$$NOW', expireAt: afterNow(keepMs) }),
  kept: (values) => ({ ...values, finishedAt: '$$NOW' }),
};

const REMOVE = (by: unknown): object[] => [
  { $replaceWith: { _id: '$_id', queue: '$queue', state: 'removed', settledBy: by, expireAt: afterNow({ $literal: SETTLED_MEMORY_MS }) } },
];
