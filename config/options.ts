import {
  BATCH_TASKS,
  DAY,
  HOUR,
  LONGEST_DELAY_MS,
  LONGEST_LEASE_MS,
  LOWEST_PRIORITY,
  NAME_CHARACTERS,
  NAMESPACE_CHARACTERS,
  PREFIX_CHARACTERS,
  QUEUES_A_WORKER,
  SECOND,
  SHORTEST_LEASE_MS,
  TAGS,
  UNIQUE_KEY_CHARACTERS,
} from '../constants/limits';
import { STORE_URLS } from '../constants/storeUrls';
import { bounds, functionsByName, instant, milliseconds, name, nameOption, object, PREFIX_PATTERN, storeUrl, TEXT_PATTERN } from './optionKinds';
import { either, integer, list, oneOf, optional, partial, record, text, truth, value, word } from './schema';
import type { OptionTable } from './schema';

export { idOption, nameOption, processIdOption, queueNameOption } from './optionKinds';

/**
 * Options of stores, queues, tasks and workers, each with its meaning, unit, range, default and environment variable.
 * `resolveOptions` gives them validated and frozen.
 */

export const leaseMs = (rest: OptionTable = {}) => milliseconds(SHORTEST_LEASE_MS, LONGEST_LEASE_MS, rest);

const RETENTION = {
  succeededMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: DAY,
    description: 'Maximum age of a succeeded task, counted from its end. It is kept with its result; 0 removes it at once.',
  }),
  cancelledMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: DAY,
    description: 'Maximum age of a cancelled task, counted from its end; 0 removes it at once.',
  }),
  deadMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: 180 * DAY,
    description: 'Maximum age of a dead task, counted from its end. It is kept with its error and can be redriven; 0 removes it at once.',
  }),
};

export const retentionOptions = record(RETENTION, { default: {} });

/** Default bounds of an exponential back-off. */
export const BACKOFF_DEFAULTS: Readonly<{ minMs: number; maxMs: number }> = Object.freeze({ minMs: SECOND, maxMs: HOUR });

const backoffDelays = {
  minMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: BACKOFF_DEFAULTS.minMs,
    description:
      'Upper bound of the first delay. The delay is random from 0 up to the bound (full jitter), and the bound doubles with each failure up to maxMs.',
  }),
  maxMs: milliseconds(0, LONGEST_DELAY_MS, { default: BACKOFF_DEFAULTS.maxMs, description: 'Longest delay.' }),
};

/** The delay before a failed task is tried again. */
export const backoffOptions = either(
  [
    record({
      type: word('fixed'),
      delayMs: milliseconds(0, LONGEST_DELAY_MS, { description: 'Delay before every retry.' }),
    }),
    bounds({
      type: word('exponential'),
      minMs: optional(backoffDelays.minMs),
      maxMs: optional(backoffDelays.maxMs),
    }),
    record({ type: word('custom'), name: name({ description: 'Name of a function in the `backoffs` of the worker.' }) }),
  ],
  { description: 'Delay between a failed attempt and the next one; by default exponential.' },
);

/** Options of one task, at `queue.add`. */
export const taskOptions = record({
  delayMs: optional(milliseconds(0, LONGEST_DELAY_MS, { description: 'Delay before the task is due. Not together with runAt.' })),
  runAt: optional(
    instant({
      description:
        'Date at which the task is due, by the clock of the store. One that has passed counts as the time at which the task is added. Not together with delayMs.',
    }),
  ),
  priority: optional(integer({ minimum: 0, maximum: LOWEST_PRIORITY, default: 0, description: 'Order of claims: 0 runs first.' })),
  maxRetries: optional(
    integer({
      minimum: 1,
      maximum: 1_000,
      default: 3,
      description:
        'Number of failures after which the task is dead. It counts failures, the first included, so 3 means three attempts: the first and two more.',
    }),
  ),
  backoff: optional(backoffOptions),
  timeoutMs: optional(
    milliseconds(1, 30 * DAY, {
      description: 'Time limit of the handler. After it the attempt has failed and the signal of the handler fires; by default there is no limit.',
    }),
  ),
  leaseMs: optional(leaseMs({ description: 'Lease of each attempt, instead of that of the worker.' })),
  retention: optional(partial(retentionOptions, { description: 'Maximum age of the finished task, by its state.' })),
  uniqueKey: optional(
    text({
      minLength: 1,
      maxLength: UNIQUE_KEY_CHARACTERS,
      pattern: TEXT_PATTERN,
      expects: `a string of 1 to ${UNIQUE_KEY_CHARACTERS} characters without control characters`,
      description:
        'Key that one live task of the queue can have. While a task with this key waits or runs, adding another writes nothing and returns the first.',
    }),
  ),
  deadline: optional(
    instant({
      description:
        'Latest start, by the clock of the store. A task that has not begun by then is dead. It must be in the future, and not before runAt.',
    }),
  ),
  tags: optional(list(name(), { maxItems: TAGS, uniqueItems: true, description: 'Words by which `queue.list({ tag })` finds the task.' })),
  metadata: optional(object({ description: 'Plain data kept beside the payload, at most 16 KiB of JSON.' })),
});

/** Options of a worker. */
export const workerOptions = record({
  queues: list(nameOption, {
    minItems: 1,
    maxItems: QUEUES_A_WORKER,
    description:
      'Queues that the worker serves, by name or by pattern: `mail.*` names all that begin with `mail.`, and `*` all of the namespace. The best priority of all queues comes first, and at equal priority each queue has its turn.',
  }),
  queueOrder: oneOf(['turns', 'strict'], {
    default: 'turns',
    description: 'Order of queues at equal priority. turns: each has its turn. strict: a queue is emptied before those after it in the list.',
  }),
  queueWeights: value<Readonly<Record<string, number>>>({
    type: 'object',
    additionalProperties: integer({ minimum: 1, maximum: 100 }),
    default: {},
    description:
      'Share of each queue, by its name or pattern in the list, where queues take turns; 1 by default. A queue of weight 3 has three turns to one.',
  }),
  handlers: functionsByName<(context: never) => unknown>({ description: 'Handlers by task name: async functions.' }),
  backoffs: functionsByName<(failures: number, error: { name: string; message: string }) => number>({
    description: 'Back-off functions by name, for tasks whose backoff is { type: "custom", name }. Each returns milliseconds.',
  }),
  maxConcurrency: integer({
    minimum: 1,
    maximum: 10_000,
    default: 10,
    env: 'HOLDFAST_MAX_CONCURRENCY',
    description: 'Maximum number of tasks that run at once.',
  }),
  prefetch: integer({
    minimum: 0,
    maximum: 10_000,
    default: 0,
    env: 'HOLDFAST_PREFETCH',
    description:
      'Number of tasks claimed beyond the free slots, for handlers that take milliseconds. They wait in this worker under their leases, so that a free slot does not wait for a claim; no other worker can take them.',
  }),
  leaseMs: leaseMs({
    default: 30 * SECOND,
    env: 'HOLDFAST_LEASE_MS',
    description: 'Time after which another worker may take a task that this one no longer renews. A lease is renewed at a third of its length.',
  }),
  gracePeriodMs: milliseconds(0, DAY, {
    default: 25 * SECOND,
    env: 'HOLDFAST_GRACE_PERIOD_MS',
    description: 'Time that stop() gives running handlers before their signals fire.',
  }),
  pollInterval: bounds(
    {
      minMs: milliseconds(1, HOUR, { default: 20, env: 'HOLDFAST_POLL_MIN_MS', description: 'Wait after the first empty claim.' }),
      maxMs: milliseconds(1, HOUR, { default: SECOND, env: 'HOLDFAST_POLL_MAX_MS', description: 'Longest wait, after many empty claims.' }),
    },
    { default: {}, description: 'Wait between two claims of a worker that finds nothing; it doubles from minMs to maxMs.' },
  ),
  tracksCurrentTask: truth({
    default: true,
    description: 'Makes currentTask() return the task inside its handler. This costs one to two microseconds a task before Node.js 24.',
  }),
  workerId: optional(
    text({
      minLength: 1,
      maxLength: NAME_CHARACTERS,
      description: 'Name of the worker in leases and events; by default host, process and a random part.',
    }),
  ),
});

/** Delay by which a handler puts its task off. */
export const delayOption = milliseconds(0, LONGEST_DELAY_MS);

/** Instant until which a handler sleeps. */
export const wakeOption = instant();

/** Options of a wait for a signal, at `context.waitForSignal`. */
export const signalOptions = record({
  timeoutMs: optional(
    milliseconds(0, LONGEST_DELAY_MS, { description: 'Longest wait for the signal, from its beginning; by default there is no limit.' }),
  ),
});

/** Time for which a handler extends its lease. */
export const extensionOption = milliseconds(SHORTEST_LEASE_MS, LONGEST_LEASE_MS);

/** Options of a batch handler, at `worker.handleBatch`. */
export const batchOptions = record({
  size: integer({
    minimum: 1,
    maximum: BATCH_TASKS,
    default: 100,
    description: 'Maximum number of tasks in one call. A batch holds the tasks that can start together; the worker never waits to fill it.',
  }),
});

/** Options of `openStore`. */
export const storeOptions = record({
  url: storeUrl({
    default: 'sqlite:./data/holdfast.db',
    env: 'HOLDFAST_URL',
    description: `URL of the store: ${STORE_URLS}`,
  }),
  callTimeoutMs: milliseconds(100, HOUR, {
    default: 5 * SECOND,
    env: 'HOLDFAST_CALL_TIMEOUT_MS',
    description:
      'Time limit of one call to the store. Keep it under a third of the lease. An add is sent up to three times, so it fails after three times as long at most, and some pauses.',
  }),
  waitMs: milliseconds(0, HOUR, {
    default: 0,
    env: 'HOLDFAST_WAIT_MS',
    description: 'Time for which opening waits for a database that is not there yet. The last try may take callTimeoutMs longer.',
  }),
  namespace: optional(
    text({
      minLength: 1,
      maxLength: NAMESPACE_CHARACTERS,
      pattern: TEXT_PATTERN,
      expects: `a string of 1 to ${NAMESPACE_CHARACTERS} characters without control characters`,
      env: 'HOLDFAST_NAMESPACE',
      description: 'Name of one of several environments in a database. Queues of different namespaces are separate, even with equal names.',
    }),
  ),
  prefix: text({
    pattern: PREFIX_PATTERN,
    expects: `up to ${PREFIX_CHARACTERS} letters, digits and _, of which the first is a letter and which do not begin with sqlite or system`,
    default: 'holdfast_',
    env: 'HOLDFAST_PREFIX',
    description: 'Prefix of the names of all tables and collections, so that they are not those of your application.',
  }),
  statistics: truth({
    default: true,
    env: 'HOLDFAST_STATISTICS',
    description: 'Counts in this process what becomes of tasks, and writes a row of it every ten seconds in which there was something.',
  }),
  durability: oneOf(['full', 'relaxed'], {
    default: 'full',
    env: 'HOLDFAST_DURABILITY',
    description:
      'full: MongoDB w: majority, j: true; SQLite synchronous=FULL. relaxed: w: 1 and synchronous=NORMAL; a power cut may lose the last acknowledged writes.',
  }),
});

/** Options of `queue.result`. */
export const resultOptions = record({
  timeoutMs: milliseconds(1, DAY, { default: 30 * SECOND, description: 'Longest wait for the end of the task.' }),
});
