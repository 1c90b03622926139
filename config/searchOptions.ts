import { NAME_CHARACTERS, PAGE_TASKS, QUEUES_A_WORKER } from '../constants/limits';
import { TASK_STATES } from '../constants/states';
import { failureGroup, name, pageAfter, searchText, UUID_PATTERN } from './optionKinds';
import { integer, list, oneOf, optional, record, text } from './schema';

/** Options of listings, searches and batches. */

/** Filters and paging of `queue.list`. */
export const listOptions = record({
  states: optional(list(oneOf(TASK_STATES), { minItems: 1, description: 'Only tasks in one of these states.' })),
  name: optional(name({ description: 'Only tasks of this name.' })),
  tag: optional(name({ description: 'Only tasks that carry this tag.' })),
  failureGroup: optional(failureGroup({ description: 'Only tasks whose last failure is of this group: see `store.failures`.' })),
  limit: integer({
    minimum: 1,
    maximum: PAGE_TASKS,
    default: 50,
    description:
      'Number of tasks on one page. A page is shorter, or empty, where it would have more than 16 MiB, or where 5,000 others were looked at.',
  }),
  search: optional(searchText({ description: 'Only tasks that match this text: see docs/search.md.' })),
  after: optional(pageAfter({ description: 'The `next` of the previous page.' })),
});

/** Options of `store.search`. */
export const searchOptions = record({
  limit: integer({
    minimum: 1,
    maximum: PAGE_TASKS,
    default: 50,
    description:
      'Number of tasks on one page. A page is shorter, or empty, where it would have more than 16 MiB, or where 5,000 others were looked at.',
  }),
  after: optional(pageAfter({ description: 'The `next` of the previous page.' })),
  within: optional(
    list(name(), { minItems: 1, maxItems: QUEUES_A_WORKER, description: 'Only tasks of these queues, or of those in patterns such as `mail.*`.' }),
  ),
});

/** Options of `store.countMatching`. */
export const matchingOptions = record({ within: searchOptions.properties.within });

export const BATCH_ACTIONS = ['retry', 'cancel', 'remove', 'redrive'] as const;

const MOST_A_SECOND = 1_000_000;

/** Options of `store.batches.start`. */
export const batchStart = record({
  action: oneOf(BATCH_ACTIONS, {
    description:
      'What is done to each task: `retry` runs a waiting or dead one now, `cancel` cancels a waiting or running one, `remove` removes one that is not running, `redrive` has a dead one wait again.',
  }),
  search: searchText({ description: 'The tasks, as in `store.search`. Those that are added later are left alone.' }),
  by: optional(name({ description: 'Who starts it, for its record and the log.' })),
  within: searchOptions.properties.within,
  ratePerSecond: optional(
    integer({ minimum: 1, maximum: MOST_A_SECOND, description: 'Most tasks that are changed in a second. Left out, as many as the store takes.' }),
  ),
});

/** The id of a batch. */
export const batchIdOption = text({ pattern: UUID_PATTERN, maxLength: NAME_CHARACTERS, expects: 'the id of a batch, a UUID' });
