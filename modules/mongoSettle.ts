import type { Guard, Settlement } from '../classes/taskStore';
import { SETTLED_MEMORY_MS } from '../constants/limits';
import { changeShape } from './changeShape';
import type { ChangeShape } from './changeShape';
import { groupBy } from './groupBy';
import type { Change } from './outcome';
import { mongoId } from './mongoSchema';
import { patchTree } from './patchTree';

/** Settlements that one `updateMany` applies: with guards of one kind, and changes of one shape. */
export interface SettleCommand {
  readonly settlements: readonly Settlement[];
  readonly filter: object;
  readonly pipeline: object[];
}

/** What the results of one command may take. */
const COMMAND_BYTES = 12 * 1024 * 1024;

/** Sorts settlements into as few commands as possible. */
export function settleCommands(settlements: readonly Settlement[]): SettleCommand[] {
  const groups = groupBy(settlements, (settlement) => `${changeShape(settlement.change.state)} ${guardKey(settlement)}`);
  return [...groups.values()].flatMap(chunksOf).map(commandOf);
}

/** A command holds 16 MiB at most; large results go in several. */
function chunksOf(settlements: readonly Settlement[]): Settlement[][] {
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

/** In bytes, at most: a character takes three of UTF-8 at most. */
const weightOf = ({ result, error, history }: Change): number =>
  3 * ((result?.length ?? 0) + (history?.length ?? 0) + (error ? JSON.stringify(error).length : 0)) + 500;

function commandOf(settlements: readonly Settlement[]): SettleCommand {
  const [first] = settlements as [Settlement];
  const ids = settlements.map(({ id }) => mongoId(id));
  return {
    settlements,
    filter: { _id: { $in: ids }, ...guardFilter(first.guard, settlements) },
    pipeline: PIPELINES[changeShape(first.change.state)](patchExpression(settlements), settledBy(first)),
  };
}

/** What a worker settles itself shares a command whatever the tokens; everything else only with its like. */
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

/** One literal where all changes are equal, which most are; else a tree of them. */
function patchExpression(settlements: readonly Settlement[]): object {
  const [first, ...others] = settlements.map(({ change }) => JSON.stringify(change));
  if (others.every((change) => change === first)) return { $literal: patchOf((settlements[0] as Settlement).change) };
  return patchTree(settlements.map(({ id, change }) => ({ id: mongoId(id), patch: patchOf(change) })));
}

const patchOf = ({ keepMs, ...change }: Change): object => ({ ...change, keepMs: Math.max(keepMs ?? 0, SETTLED_MEMORY_MS) });

const changed = (field: string): object => ({ $ifNull: [`$patch.${field}`, `$${field}`] });

const CHANGED = {
  failures: changed('failures'),
  suspect: changed('suspect'),
  result: changed('result'),
  error: changed('error'),
  history: changed('history'),
};

const afterNow = (delay: unknown): object => ({ $add: ['$$NOW', delay] });

const PIPELINES: Readonly<Record<ChangeShape, (patch: object, by: unknown) => object[]>> = {
  waiting: (patch, by) => [
    { $set: { patch } },
    { $set: { ...CHANGED, state: 'waiting', rev: { $add: ['$rev', 1] }, availableAt: afterNow({ $ifNull: ['$patch.delayMs', 0] }), settledBy: by } },
    { $unset: ['patch', 'lease', 'finishedAt', 'expireAt'] },
  ],
  finished: (patch, by) => [
    { $set: { patch } },
    { $set: { ...CHANGED, state: '$patch.state', finishedAt: '$$NOW', expireAt: afterNow('$patch.keepMs'), settledBy: by } },
    { $unset: ['patch', 'lease'] },
  ],
  removed: (_patch, by) => [{ $replaceWith: { _id: '$_id', state: 'removed', settledBy: by, expireAt: afterNow(SETTLED_MEMORY_MS) } }],
};
