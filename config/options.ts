import { Type } from 'typebox';
import type { TSchemaOptions } from 'typebox';
import {
  BATCH_TASKS,
  DAY,
  HOUR,
  LONGEST_DELAY_MS,
  LONGEST_LEASE_MS,
  LOWEST_PRIORITY,
  NAME_CHARACTERS,
  NAMESPACE_CHARACTERS,
  PAGE_TASKS,
  SECOND,
  SHORTEST_LEASE_MS,
  TAGS,
  UNIQUE_KEY_CHARACTERS,
} from '../constants/limits';
import { TASK_STATES } from '../constants/states';
import {
  bounds,
  functionsByName,
  instant,
  milliseconds,
  name,
  nameOption,
  object,
  oneOf,
  record,
  storeUrl,
  TEXT_PATTERN,
  UUID_PATTERN,
} from './optionKinds';

export { idOption, nameOption } from './optionKinds';

/**
 * Every option of Holdfast: what it does, its unit, its range, its default, and the environment
 * variable that sets it. Whoever reads an option gets it by `resolveOptions`, validated and frozen.
 */

export const leaseMs = (rest: TSchemaOptions = {}) => milliseconds(SHORTEST_LEASE_MS, LONGEST_LEASE_MS, rest);

const RETENTION = {
  succeededMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: DAY,
    description: 'How long a succeeded task is kept with its result; 0 removes it at once.',
  }),
  cancelledMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: DAY,
    description: 'How long a cancelled task is kept; 0 removes it at once.',
  }),
  deadMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: 180 * DAY,
    description: 'How long a dead task is kept with its error, to be redriven; 0 removes it at once.',
  }),
};

export const retentionOptions = record(RETENTION, { default: {} });

/** The bounds of an exponential back-off that names none. */
export const BACKOFF_DEFAULTS: Readonly<{ minMs: number; maxMs: number }> = Object.freeze({ minMs: SECOND, maxMs: HOUR });

const backoffDelays = {
  minMs: milliseconds(0, LONGEST_DELAY_MS, {
    default: BACKOFF_DEFAULTS.minMs,
    description:
      'The bound of the first delay, which is random from 0 up to it (full jitter). The bound doubles with each failure, until it is maxMs.',
  }),
  maxMs: milliseconds(0, LONGEST_DELAY_MS, { default: BACKOFF_DEFAULTS.maxMs, description: 'The highest bound: no delay is longer.' }),
};

/** The delay before a failed task is tried again. */
export const backoffOptions = Type.Union(
  [
    record({
      type: Type.Literal('fixed'),
      delayMs: milliseconds(0, LONGEST_DELAY_MS, { description: 'The delay before every retry.' }),
    }),
    bounds({
      type: Type.Literal('exponential'),
      minMs: Type.Optional(backoffDelays.minMs),
      maxMs: Type.Optional(backoffDelays.maxMs),
    }),
    record({ type: Type.Literal('custom'), name: name({ description: 'The name of one of the `backoffs` of the worker.' }) }),
  ],
  { description: 'The delay before a failed attempt is followed by another; by default exponential.' },
);

/** Options of one task, at `queue.add`. */
export const taskOptions = record({
  delayMs: Type.Optional(milliseconds(0, LONGEST_DELAY_MS, { description: 'How long from now the task becomes due. Not together with runAt.' })),
  runAt: Type.Optional(instant({ description: 'Due at this instant of the store clock. Not together with delayMs.' })),
  priority: Type.Optional(Type.Integer({ minimum: 0, maximum: LOWEST_PRIORITY, default: 0, description: 'The order of claims: 0 runs first.' })),
  maxRetries: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 3,
      description: 'After this many failures the task is dead: with 3, a task that has failed three times is not tried again.',
    }),
  ),
  backoff: Type.Optional(backoffOptions),
  timeoutMs: Type.Optional(
    milliseconds(1, 30 * DAY, { description: 'A handler that runs longer has failed; its signal fires. Without it: no limit.' }),
  ),
  leaseMs: Type.Optional(leaseMs({ description: 'The lease of each attempt, instead of that of the worker.' })),
  retention: Type.Optional(Type.Partial(retentionOptions, { additionalProperties: false, description: 'How long it is kept after its end.' })),
  uniqueKey: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: UNIQUE_KEY_CHARACTERS,
      pattern: TEXT_PATTERN,
      expects: `a string of 1 to ${UNIQUE_KEY_CHARACTERS} characters without control characters`,
      description: 'While a task of the queue with this key waits or runs, adding another writes nothing and returns that one.',
    }),
  ),
  deadline: Type.Optional(
    instant({
      description: 'Start by: a task that no worker began by this instant of the store clock is dead. It must lie ahead, and not before runAt.',
    }),
  ),
  tags: Type.Optional(Type.Array(name(), { maxItems: TAGS, uniqueItems: true, description: 'Words to find the task by, in `queue.list({ tag })`.' })),
  metadata: Type.Optional(object({ description: 'Plain data that is kept beside the payload, at most 16 KiB of JSON.' })),
});

/** Options of a worker. */
export const workerOptions = record({
  queues: Type.Array(nameOption, { minItems: 1, maxItems: 100, description: 'The queues it serves, all alike.' }),
  handlers: functionsByName<(context: never) => unknown>({ description: 'An async function for each task name.' }),
  backoffs: functionsByName<(failures: number, error: { name: string; message: string }) => number>({
    description: 'Back-off functions by name, for tasks whose backoff is { type: "custom", name }; each returns milliseconds.',
  }),
  maxConcurrency: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 10,
    env: 'HOLDFAST_MAX_CONCURRENCY',
    description: 'How many tasks run at once.',
  }),
  prefetch: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    default: 0,
    env: 'HOLDFAST_PREFETCH',
    description:
      'How many tasks to claim beyond the free slots, for handlers that take milliseconds. They wait in this worker, under lease, so that a free slot need not wait for a claim; no other worker can take them.',
  }),
  leaseMs: leaseMs({
    default: 30 * SECOND,
    env: 'HOLDFAST_LEASE_MS',
    description: 'How long a task is held before another worker may take it, renewed at a third of it.',
  }),
  gracePeriodMs: milliseconds(0, DAY, {
    default: 25 * SECOND,
    env: 'HOLDFAST_GRACE_PERIOD_MS',
    description: 'How long stop() lets running handlers end before their signals fire.',
  }),
  pollInterval: bounds(
    {
      minMs: milliseconds(1, HOUR, { default: 20, env: 'HOLDFAST_POLL_MIN_MS', description: 'The wait after the first empty claim.' }),
      maxMs: milliseconds(1, HOUR, { default: SECOND, env: 'HOLDFAST_POLL_MAX_MS', description: 'The wait after many empty claims.' }),
    },
    { default: {}, description: 'How long a worker that finds nothing waits before it asks again.' },
  ),
  tracksCurrentTask: Type.Boolean({
    default: true,
    description: 'Whether currentTask() knows the task inside of its handler; it costs one to two microseconds a task before Node.js 24.',
  }),
  workerId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: NAME_CHARACTERS,
      description: 'Names the worker in leases and events; by default host, process and a random part.',
    }),
  ),
});

/** How long a handler puts its task off. */
export const delayOption = milliseconds(0, LONGEST_DELAY_MS);

/** How long a handler makes its lease hold. */
export const extensionOption = milliseconds(SHORTEST_LEASE_MS, LONGEST_LEASE_MS);

/** Options of a batch handler, at `worker.handleBatch`. */
export const batchOptions = record({
  size: Type.Integer({
    minimum: 1,
    maximum: BATCH_TASKS,
    default: 100,
    description: 'The most tasks of one call. A batch holds the tasks that can start together; it is never waited for.',
  }),
});

/** Options of `openStore`. */
export const storeOptions = record({
  url: storeUrl({
    default: 'sqlite:./data/holdfast.db',
    env: 'HOLDFAST_URL',
    description: 'mongodb://…, mongodb+srv://…, sqlite:./path or sqlite::memory:',
  }),
  callTimeoutMs: milliseconds(100, HOUR, {
    default: 5 * SECOND,
    env: 'HOLDFAST_CALL_TIMEOUT_MS',
    description: 'The longest wait for one answer of the store; keep it under a third of the lease.',
  }),
  namespace: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: NAMESPACE_CHARACTERS,
      pattern: TEXT_PATTERN,
      expects: `a string of 1 to ${NAMESPACE_CHARACTERS} characters without control characters`,
      env: 'HOLDFAST_NAMESPACE',
      description: 'One of several environments in a database: its queues are its own, whatever their names.',
    }),
  ),
  durability: oneOf(['full', 'relaxed'], {
    default: 'full',
    env: 'HOLDFAST_DURABILITY',
    description:
      'full: MongoDB w: majority, j: true; SQLite synchronous=FULL. relaxed: w: 1 and NORMAL; a power cut may lose what was acknowledged last.',
  }),
});

/** Filters and paging of `queue.list`. */
export const listOptions = record({
  states: Type.Optional(Type.Array(oneOf(TASK_STATES), { minItems: 1, description: 'Only tasks in one of these states.' })),
  name: Type.Optional(name({ description: 'Only tasks of this name.' })),
  tag: Type.Optional(name({ description: 'Only tasks that carry this tag.' })),
  limit: Type.Integer({ minimum: 1, maximum: PAGE_TASKS, default: 50, description: 'Tasks on one page.' }),
  after: Type.Optional(Type.String({ pattern: UUID_PATTERN, expects: 'a UUID', description: 'The `next` of the page before.' })),
});

/** Which tasks `queue.purge` removes. Running tasks stay; cancel them first. */
export const purgeOptions = record({
  states: Type.Array(oneOf(['waiting', 'succeeded', 'dead', 'cancelled']), {
    minItems: 1,
    default: ['waiting'],
    description: 'The states whose tasks are removed.',
  }),
});
