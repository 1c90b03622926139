import { FINISHED_STATES } from '../../constants/states';
import { isPattern, prefixOf } from '../ports/queuePatterns';
import { CLAIM_INDEX, CLAIM_KEY, FINISHED_INDEX, LEASE_INDEX } from './mongoSchema';

/** Names between which all names of a pattern lie. No name holds the last character of Unicode. */
const rangeOf = (pattern: string): object => ({ $gte: prefixOf(pattern), $lt: `${prefixOf(pattern)}\u{10ffff}` });

/** Returns conditions for queues that are named or in a pattern: one for all names, one for each pattern. */
export function rangesOf(queues: readonly string[]): object[] {
  const names = queues.filter((queue) => !isPattern(queue));
  return [...(names.length > 0 ? [{ $in: names }] : []), ...queues.filter(isPattern).map(rangeOf)];
}

/** Matches and sorts like the claim index, and takes the first of each queue: the server then reads one key a queue (a covered DISTINCT_SCAN). */
const firstOf = (queue: object, due: object): object[] => [
  { $match: { queue, state: 'waiting', ...due } },
  { $sort: CLAIM_KEY },
  { $group: { _id: '$queue', priority: { $first: '$priority' } } },
];

/**
 * Makes the pipeline that lists the queues in which something is due, each with its best priority.
 */
export function dueQueuesPipeline(queues: readonly string[], collection: string, dueMs: number): object[] {
  const due = { availableAt: { $lte: new Date(dueMs) } };
  const [first = [], ...others] = rangesOf(queues).map((queue) => firstOf(queue, due));
  return [...first, ...others.map((pipeline) => ({ $unionWith: { coll: collection, pipeline } }))];
}

/** A pipeline that lists queues, and the index that it takes. */
interface NamesPipeline {
  readonly pipeline: object[];
  readonly hint: string;
}

const FINISHED_KEY = { queue: 1, state: 1, _id: 1 } as const;

/** The first of each queue in the order of an index: the server then reads one key a queue. */
const firstIn = (match: object, key: object, hint: string): NamesPipeline => ({
  pipeline: [{ $match: match }, { $sort: key }, { $group: { _id: '$queue', first: { $first: '$state' } } }],
  hint,
});

/** Makes the pipelines that list the queues of a pattern that have a task. Those that run are few, and are all read. */
export function namesPipelines(pattern: string): NamesPipeline[] {
  const queue = rangeOf(pattern);
  const running = { state: 'running', 'lease.expiresAt': { $gte: new Date(0) }, queue };
  return [
    firstIn({ queue, state: 'waiting' }, CLAIM_KEY, CLAIM_INDEX),
    ...FINISHED_STATES.map((state) => firstIn({ queue, state }, FINISHED_KEY, FINISHED_INDEX)),
    { pipeline: [{ $match: running }, { $group: { _id: '$queue' } }], hint: LEASE_INDEX },
  ];
}
