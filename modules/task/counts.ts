import { TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';

/** The number of tasks in each state. */
export type StateCounts = Record<TaskState, number>;

/** The counts of one queue. Counting stops at a bound; there the count is the bound. */
export interface BoundedCounts extends StateCounts {
  /** The states of which there are more than counted. */
  readonly atLeast: readonly TaskState[];
}

/** Returns a count of zero for every state. */
export const emptyCounts = (): StateCounts => Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as StateCounts;

/** Returns an empty map of counts by queue. It has no prototype, because a queue can have any name. */
export const noCounts = (): Record<string, StateCounts> => Object.create(null) as Record<string, StateCounts>;

/** Adds up the counts of several queues. */
export function totalCounts(queues: Iterable<StateCounts>): StateCounts {
  const total = emptyCounts();
  for (const counts of queues) for (const state of TASK_STATES) total[state] += counts[state];
  return total;
}
