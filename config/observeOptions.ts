import { DAY, PAGE_TASKS, SECOND } from '../constants/limits';
import { instant, milliseconds, name } from './optionKinds';
import { integer, optional, record } from './schema';

/** Options of `store.statistics.read`. */
export const statisticsOptions = record({
  queue: optional(name({ description: 'Only tasks of this queue.' })),
  name: optional(name({ description: 'Only tasks of this name.' })),
  from: optional(instant({ description: 'Beginning of the time; by default an hour before `to`.' })),
  to: optional(instant({ description: 'End of the time; by default now.' })),
  step: optional(
    milliseconds(10 * SECOND, 90 * DAY, {
      description: 'Length of a step: a multiple of ten seconds, of minutes or of hours. By default one that gives at most 200 steps.',
    }),
  ),
});

/** Options of `store.failures.list`. */
export const failuresOptions = record({
  queue: optional(name({ description: 'Only groups with failures in this queue.' })),
  name: optional(name({ description: 'Only groups with failures of tasks of this name.' })),
  limit: integer({ minimum: 1, maximum: PAGE_TASKS, default: 100, description: 'Number of groups, those with the last failures.' }),
});
