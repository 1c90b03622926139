import { FINISHED_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';
import { rangesOf } from './dueQueuesPipeline';
import { CLAIM_INDEX, CLAIM_KEY, FINISHED_INDEX, LEASE_INDEX } from './mongoSchema';

/** A pipeline with the index that it reads. */
export interface HintedPipeline {
  readonly pipeline: object[];
  readonly hint: string;
}

/** Takes the first of each queue in the order of the index, so that the server reads one key a queue (a covered DISTINCT_SCAN). */
const firstOf = (queue: object, state: TaskState, key: object): object[] => [
  { $match: { queue, state } },
  { $sort: key },
  { $group: { _id: '$queue', state: { $first: '$state' } } },
];

const FINISHED_KEY = { queue: 1, state: 1, _id: 1 } as const;

/** Makes the pipelines that list the queues which have a task: of those that are named or in a pattern. */
export function presentPipeline(queues: readonly string[], collection: string): HintedPipeline[] {
  const ranges = rangesOf(queues);
  const union = (state: TaskState, key: object): object[] => {
    const [first = [], ...others] = ranges.map((queue) => firstOf(queue, state, key));
    return [...first, ...others.map((pipeline) => ({ $unionWith: { coll: collection, pipeline } }))];
  };
  // Running tasks are few, and their index begins with their time.
  const running = [{ $match: { state: 'running', $or: ranges.map((queue) => ({ queue })) } }, { $group: { _id: '$queue' } }];
  return [
    { pipeline: union('waiting', CLAIM_KEY), hint: CLAIM_INDEX },
    { pipeline: running, hint: LEASE_INDEX },
    ...FINISHED_STATES.map((state) => ({ pipeline: union(state, FINISHED_KEY), hint: FINISHED_INDEX })),
  ];
}
