import { TASK_STATES } from '../../constants/states';
import type { TaskState } from '../../constants/states';

/** Tasks by state. */
export type StateCounts = Record<TaskState, number>;

/** No tasks in any state. */
export const emptyCounts = (): StateCounts => Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as StateCounts;

/** The counts of no queue. It inherits nothing, because any text may be the name of a queue. */
export const noCounts = (): Record<string, StateCounts> => Object.create(null) as Record<string, StateCounts>;

/** Adds up the counts of several queues. */
export function totalCounts(queues: Iterable<StateCounts>): StateCounts {
  const total = emptyCounts();
  for (const counts of queues) for (const state of TASK_STATES) total[state] += counts[state];
  return total;
}
