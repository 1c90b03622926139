import { COUNTED_TASKS, MOST_COUNTED_TASKS } from '../constants/limits';
import { TASK_STATES } from '../constants/states';
import { abortSignal, instant, name, someFunction } from './optionKinds';
import { integer, list, oneOf, optional, record } from './schema';

/** Options of actions on many tasks of a queue. */

const MOST_A_SECOND = 1_000_000;

/** What `onProgress` is told. */
export interface BulkProgressTold {
  readonly seen: number;
  readonly changed: number;
  readonly clashed: number;
}

const filters = {
  name: optional(name({ description: 'Only tasks of this name.' })),
  tag: optional(name({ description: 'Only tasks that carry this tag.' })),
  finishedBefore: optional(instant({ description: 'Only tasks that ended before this instant.' })),
  ratePerSecond: optional(
    integer({ minimum: 1, maximum: MOST_A_SECOND, description: 'Most tasks that are changed in a second. Left out, as many as the store takes.' }),
  ),
  signal: optional(abortSignal({ description: 'Stops after the tasks under way. What was done stays done, and is counted.' })),
  onProgress: optional(
    someFunction<(progress: BulkProgressTold) => void>({
      description: 'Called after each part with the tasks `seen`, `changed`, and `clashed`: those left because a live task has their unique key.',
    }),
  ),
};

/** Options of `queue.purge`. Running tasks stay, unless their state is named: then their handlers are told at the next heartbeat. */
export const purgeOptions = record({
  states: list(oneOf(TASK_STATES), {
    minItems: 1,
    default: ['waiting'],
    description: 'States whose tasks are removed. With `running`, the signal of a handler fires at its next heartbeat, and its result is dropped.',
  }),
  ...filters,
});

/** Options of `queue.redrive`. */
export const redriveOptions = record(filters);

/** Options of `queue.counts`. */
export const countOptions = record({
  upTo: integer({
    minimum: 1,
    maximum: MOST_COUNTED_TASKS,
    default: COUNTED_TASKS,
    description: 'The number up to which the tasks of a state are counted.',
  }),
});
