import { LOG_LEVELS } from '../constants/events';
import { DAY, PAGE_TASKS, SECOND } from '../constants/limits';
import { TASK_STATES } from '../constants/states';
import { failureGroup, filePath, milliseconds, name, storeUrl, TEXT_PATTERN } from './optionKinds';
import { integer, list, oneOf, optional, record, text, truth } from './schema';
import type { ValueOf } from './schema';

/** Options of `node index.js`, besides those of the store and of the worker. */
export const runnerOptions = record({
  queue: name({ default: 'demo', env: 'HOLDFAST_QUEUE', description: 'Queue of the demo tasks.' }),
  processes: integer({
    minimum: 1,
    maximum: 64,
    default: 1,
    env: 'HOLDFAST_PROCESSES',
    description: 'Number of worker processes. With more than one, a process that dies is started again.',
  }),
  logLevel: optional(oneOf(LOG_LEVELS, { env: 'HOLDFAST_LOG_LEVEL', description: 'Lowest level that is logged.' })),
});

/** Options of `npx holdfast copy`. */
export const copyOptions = record({
  from: storeUrl({ description: 'URL of the store whose live tasks are moved.' }),
  to: storeUrl({ description: 'URL of the store that receives them.' }),
});

/** The argument of `npx holdfast backup`. */
export const backupOptions = record({
  file: filePath({ description: 'Path of the new file. A file that is there is refused.' }),
});

/** Options of every command that shows or changes what is in a store. */
export const commandOptions = record({
  server: optional(
    text({
      pattern: '^https?://[^@?#\\s]+$',
      maxLength: 4_096,
      expects: 'an address such as http://127.0.0.1:9324, without a login, a query and a fragment',
      env: 'HOLDFAST_SERVER',
      description: 'Address of a server of holdfast server to ask in place of a store. Its token is read from HOLDFAST_TOKEN, or from a file.',
    }),
  ),
  tokenFile: optional(
    filePath({
      env: 'HOLDFAST_TOKEN_FILE',
      description: 'File that holds the token for the server, and nothing else. The flag goes before HOLDFAST_TOKEN, its variable behind it.',
    }),
  ),
  output: oneOf(['table', 'json', 'jsonl'], {
    default: 'table',
    env: 'HOLDFAST_OUTPUT',
    description: 'Form of the data on the standard output: a table, one JSON document, or a JSON document a row.',
  }),
  color: truth({ default: true, description: 'Colours on a terminal; the variable NO_COLOR turns them off as well.' }),
  yes: truth({ default: false, description: 'Goes on without a question where many tasks or a queue are changed.' }),
});

const search = {
  queue: optional(name({ description: 'Only tasks of this queue.' })),
  state: optional(list(oneOf(TASK_STATES), { minItems: 1, description: 'Only tasks in one of these states.' })),
  name: optional(name({ description: 'Only tasks of this name.' })),
  tag: optional(name({ description: 'Only tasks that carry this tag.' })),
  key: optional(name({ description: 'Only the task with this unique key.' })),
  worker: optional(name({ description: 'Only tasks that this worker runs.' })),
  group: optional(failureGroup({ description: 'Only tasks whose last failure is of this group: see holdfast failures.' })),
  error: optional(name({ description: 'Only tasks whose last error has this text.' })),
  search: optional(
    text({
      minLength: 1,
      maxLength: 4_096,
      description: 'A search as in the dashboard, for example "added:>1h payload.user.id:42": see docs/search.md.',
    }),
  ),
};

/** Options that choose tasks. */
export const chosenOptions = record(search);

/** Options of `npx holdfast task list`. */
export const taskListOptions = record({
  ...search,
  limit: integer({ minimum: 1, maximum: PAGE_TASKS, default: 50, description: 'Number of tasks on a page.' }),
  after: optional(text({ minLength: 1, maxLength: 1_024, description: 'The place where the page before has ended.' })),
});

/** Options of a command that names a task. */
export const oneTaskOptions = record({
  queue: optional(name({ description: 'Queue of the task, if it is known.' })),
});

/** Options of `npx holdfast task add`, besides those of a task. */
export const taskAddOptions = record({
  resultWithinMs: optional(
    milliseconds(1, DAY, {
      description: 'Waits for so long for the end of the task, and prints its result. Its failure ends with 1, its lateness with 124.',
    }),
  ),
});

/** Options of `npx holdfast queue purge`. */
export const queuePurgeOptions = record({
  state: list(oneOf(TASK_STATES), { minItems: 1, default: ['waiting'], description: 'States whose tasks are removed.' }),
});

/** Options of `npx holdfast failures`. */
export const failuresCliOptions = record({
  queue: optional(name({ description: 'Only groups with failures in this queue.' })),
  name: optional(name({ description: 'Only groups with failures of tasks of this name.' })),
  limit: integer({ minimum: 1, maximum: PAGE_TASKS, default: 20, description: 'Number of groups.' }),
  sort: oneOf(['count', 'last'], { default: 'count', description: 'Order: those that fail most first, or those that failed last.' }),
});

/** Options of `npx holdfast schedule next`. */
export const scheduleNextOptions = record({
  count: integer({ minimum: 1, maximum: 1_000, default: 10, description: 'Number of dates.' }),
});

/** Options of `npx holdfast worker`, besides those of a store and of a worker. */
export const workerCliOptions = record({
  require: optional(
    filePath({ description: 'Module that exports handlers, an object of functions by task name, or events, an array of what defineEvent returned.' }),
  ),
  queues: optional(
    list(name(), { minItems: 1, description: 'Queues that the handlers serve, by name or pattern; by default the queues that the module exports.' }),
  ),
  concurrency: optional(integer({ minimum: 1, maximum: 10_000, description: 'Maximum number of tasks that run at once in a process.' })),
  once: truth({ default: false, description: 'Ends when no task of the queues is due or running.' }),
});

/** Options of `npx holdfast top`. */
export const topOptions = record({
  everyMs: milliseconds(200, 60 * SECOND, { default: SECOND, description: 'Time between two looks.' }),
});

/** A piece of text that names something in the command line. */
export const wordOption = text({ minLength: 1, maxLength: 1_024, pattern: TEXT_PATTERN, expects: 'text without control characters' });

export type RunnerOptions = ValueOf<typeof runnerOptions>;
export type CopyOptions = ValueOf<typeof copyOptions>;
export type CommandOptions = ValueOf<typeof commandOptions>;
export type ChosenOptions = ValueOf<typeof chosenOptions>;
