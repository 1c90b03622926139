import type { mongo } from 'mongoose';
import type { TaskState } from '../../constants/states';
import type { BulkFilter } from '../ports/bulk';
import type { MongoKeys } from './mongoKeys';
import { CLAIM_INDEX, CLAIM_ORDER, FINISHED_INDEX, LEASE_INDEX } from './mongoSchema';
import type { TaskDocument } from './taskFields';

type Filter = mongo.Filter<TaskDocument>;

/** A position in the tasks of a state: an id, or for tasks that wait the key of the claim index. */
export type Position = string | readonly [priority: number, availableAt: number, id: string];

/** A part of an index, which is read in its order. */
export interface IndexRange {
  readonly filter: Filter;
  readonly hint: string;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  /** The fields of the index that are read: no document is. */
  readonly projection: Readonly<Record<string, 1>>;
}

/** Comes after every id. */
export const AFTER_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const NEWEST_FIRST = { _id: -1 } as const;

/** Returns the index that has the tasks of a state. */
export const indexOf = (state: TaskState): string => (state === 'waiting' ? CLAIM_INDEX : state === 'running' ? LEASE_INDEX : FINISHED_INDEX);

/**
 * Returns the ranges that hold the tasks of a state after a position, to be read one after the other. Those that wait come in the order of claims, which
 * is that of their index; all others come newest first.
 */
export function rangesAfter(queue: string, state: TaskState, position: Position | undefined, { mongoId }: MongoKeys): IndexRange[] {
  const base = { queue, state } as Filter;
  if (state !== 'waiting') {
    const filter = { ...base, _id: { $lt: mongoId((position as string | undefined) ?? AFTER_ALL) } };
    return [{ filter, hint: indexOf(state), sort: NEWEST_FIRST, projection: { _id: 1 } }];
  }
  return afterKey(position as Exclude<Position, string> | undefined, mongoId).map((after) => ({
    filter: { ...base, ...after },
    hint: CLAIM_INDEX,
    sort: CLAIM_ORDER,
    projection: { _id: 1, priority: 1, availableAt: 1 },
  }));
}

function afterKey(position: Exclude<Position, string> | undefined, mongoId: MongoKeys['mongoId']): Filter[] {
  if (!position) return [{}];
  const [priority, atMs, id] = position;
  const availableAt = new Date(atMs);
  return [{ priority, availableAt, _id: { $gt: mongoId(id) } }, { priority, availableAt: { $gt: availableAt } }, { priority: { $gt: priority } }];
}

/** Matches the tasks of a queue in a state, by the index of that state alone. */
export const countFilter = (queue: string, state: TaskState): Filter => ({
  queue,
  state,
  ...(state === 'running' ? { 'lease.expiresAt': { $gte: new Date(0) } } : {}),
});

/** The conditions of a filter beside its queue, its states and its ids. */
export const conditionsOf = ({ name, tag, finishedBefore, addedUntil }: Partial<BulkFilter>): Filter => ({
  ...(name === undefined ? {} : { name }),
  ...(tag === undefined ? {} : { 'settings.tags': tag }),
  ...(finishedBefore && { finishedAt: { $lt: finishedBefore } }),
  ...(addedUntil && { createdAt: { $lte: addedUntil } }),
});

/** Matches what keeps no follow-ups: what keeps some is removed only when they are in their queues. */
export const KEEPS_NONE: Filter = Object.freeze({ followUps: { $exists: false } });

/** Matches tasks of these ids where the filter lets them through. */
export const guardOf = (filter: BulkFilter, ids: readonly string[], { inside, mongoId }: MongoKeys): Filter => ({
  _id: { $in: ids.map(mongoId) },
  queue: inside(filter.queue),
  state: { $in: filter.states },
  ...conditionsOf(filter),
});
