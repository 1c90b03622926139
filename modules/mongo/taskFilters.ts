import type { mongo } from 'mongoose';
import type { Namespace } from '../ports/namespace';
import type { MongoKeys } from './mongoKeys';
import type { HeldLease, TaskKey } from '../ports/taskStore';
import { patchTree } from './patchTree';
import type { TaskDocument } from './taskFields';

type Filter = mongo.Filter<TaskDocument>;

/** The index of a command that names ids. With the queue in its filter, the server would try others as well: of claims, or of a shard key. */
export const BY_ID = Object.freeze({ _id: 1 });

/** Matches tasks by their keys. The queue leads to the shards that have them. */
export const keysFilter = (tasks: readonly TaskKey[], keys: MongoKeys): Filter => ({
  _id: { $in: tasks.map(({ id }) => keys.mongoId(id)) },
  queue: queuesFilter(
    tasks.map(({ queue }) => queue),
    keys,
  ),
});

/** Matches queues. */
export function queuesFilter(names: readonly string[], { inside }: Namespace): string | { readonly $in: string[] } {
  const [first, ...others] = [...new Set(names)].map(inside);
  return first !== undefined && others.length === 0 ? first : { $in: first === undefined ? [] : [first, ...others] };
}

/**
 * Matches tasks that are under the lease of their own pair. No id comes twice.
 *
 * One token is compared by itself. Of several, each document finds its own in a tree, so that no token of the batch opens the task of another: an
 * update of 1,000 tasks under 1,000 tokens then takes a quarter longer, and ten times as long with an `$or` of the pairs.
 */
export function leasesFilter(leases: readonly HeldLease[], keys: MongoKeys): Filter {
  const [first] = leases;
  const isOne = leases.every(({ token }) => token === first?.token);
  const guard = isOne ? { 'lease.token': first?.token } : { $expr: { $eq: ['$lease.token', tokenTree(leases, keys)] } };
  return { ...keysFilter(leases, keys), ...guard };
}

const tokenTree = (leases: readonly HeldLease[], { mongoId }: MongoKeys): object =>
  patchTree(leases.map(({ id, token }) => ({ id: mongoId(id), patch: token })));
