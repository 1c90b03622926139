import { DAY, LONGEST_DELAY_MS, SECOND } from '../constants/limits';
import { instant, milliseconds, name, someFunction } from './optionKinds';
import { backoffOptions, leaseMs, retentionOptions, taskOptions } from './options';
import { either, integer, list, oneOf, optional, partial, record, text, truth, value, without } from './schema';
import type { OptionTable } from './schema';

/** Options of events and of schedules, shown in docs/events.md. */

const aFunction = (rest: OptionTable = {}) => someFunction({ kind: 'function', expects: 'a function', ...rest });

const hook = (description: string) => optional(aFunction({ description }));

const last = (state: string) =>
  optional(
    integer({
      minimum: 0,
      maximum: 1_000_000,
      unit: 'tasks',
      description: `Maximum number of ${state} tasks kept, besides their maximum age.`,
    }),
  );

export const OVERLAPS = ['allow', 'skip'] as const;
export const MISFIRES = ['skip', 'one', 'all'] as const;

const SCHEDULE = {
  cron: optional(
    text({
      minLength: 1,
      maxLength: 256,
      description:
        'Cron expression of five fields, or of six with seconds first, or a nickname such as @daily. A schedule has exactly one of cron, everyMs and at.',
    }),
  ),
  everyMs: optional(
    milliseconds(SECOND, LONGEST_DELAY_MS, { description: 'Fixed interval, counted from startAt, or from when the schedule was first stored.' }),
  ),
  at: optional(instant({ description: 'Single date. A date that has passed when the schedule is first stored does not fire.' })),
  timeZone: text({ minLength: 1, maxLength: 64, default: 'UTC', description: 'IANA time zone of the cron expression.' }),
  startAt: optional(instant({ description: 'Date before which nothing fires.' })),
  endAt: optional(instant({ description: 'Date after which nothing fires.' })),
  jitterMs: milliseconds(0, DAY, {
    default: 0,
    description: 'Maximum random delay of a task after its occurrence. The delay is the same in every process.',
  }),
  overlap: oneOf(OVERLAPS, {
    default: 'allow',
    description: 'Action at an occurrence while the task of the previous one still waits or runs: add its task anyway, or skip it.',
  }),
  misfire: oneOf(MISFIRES, {
    default: 'one',
    description: 'Action for occurrences missed while no process could fire them: skip them, add one task for all, or one for each.',
  }),
  misfireLimit: integer({
    minimum: 1,
    maximum: 1_000,
    default: 100,
    description: 'Maximum number of missed occurrences that fire with misfire all: the latest ones.',
  }),
  misfireAfterMs: milliseconds(SECOND, DAY, {
    default: 10 * SECOND,
    description: 'Time without a process, or without the store, after which a due occurrence counts as missed.',
  }),
};

/** The schedule of an event. */
export const repeatOptions = record({
  ...SCHEDULE,
  payload: value<unknown>({ kind: 'value', description: 'Payload of each event. The schema checks it when the event starts.' }),
});

/** A schedule that is stored by `scheduler.upsert`. */
export const scheduleOptions = record({
  ...SCHEDULE,
  queue: name({ description: 'Queue to which the tasks are added.' }),
  name: optional(name({ description: 'Name of the tasks; by default that of the queue.' })),
  payload: optional(value<unknown>({ kind: 'value', description: 'Payload of each task.' })),
  options: optional(
    without(taskOptions, ['delayMs', 'runAt', 'uniqueKey', 'deadline'], {
      description: 'Options of the tasks, as in queue.add.',
    }),
  ),
});

/** Number of occurrences that `scheduler.next` returns. */
export const countOption = integer({ minimum: 1, maximum: 1_000 });

/** Age and number up to which finished events are kept. */
export const eventRetentionOptions = partial(
  record({ ...retentionOptions.properties, succeededLast: last('succeeded'), cancelledLast: last('cancelled'), deadLast: last('dead') }),
);

/** Options of `defineEvent`. */
export const eventOptions = record({
  name: name({ description: 'Name of the event and of its queue.' }),
  schema: value<object>({
    kind: 'schema',
    expects: 'a Standard Schema or a JSON Schema',
    description: 'Schema of the payload: a Standard Schema (`~standard`) or a JSON Schema, such as TypeBox makes.',
    is: { holds: (given) => (typeof given === 'object' && given !== null) || typeof given === 'function', says: 'a schema' },
  }),
  process: aFunction({ description: 'Handler `(payload, context) => result`. It throws to report a failure.' }),
  concurrency: integer({ minimum: 1, maximum: 10_000, default: 10, description: 'Maximum number that run at once in this process.' }),
  sanitize: optional(aFunction({ description: 'Function `(payload) => shown` that returns the loggable part of a payload.' })),
  redact: list(text({ minLength: 1, maxLength: 256 }), {
    maxItems: 100,
    default: [],
    description: 'Paths that are never logged, such as `card.number` or `items[*].code`. Well-known names such as `password` are always left out.',
  }),
  retry: optional(
    record({
      maxRetries: optional(taskOptions.properties.maxRetries),
      backoff: optional(
        either([backoffOptions, aFunction()], {
          kind: 'back-off or function',
          description: 'Delay before a retry: fixed, exponential, or a function `(failures, error) => ms`.',
        }),
      ),
    }),
  ),
  timeoutMs: optional(
    milliseconds(1, 30 * DAY, { description: 'Time limit of the handler. After it the attempt has failed and the signal of the handler fires.' }),
  ),
  priority: taskOptions.properties.priority,
  leaseMs: optional(
    leaseMs({ description: 'Time after which another process may take an event that this one no longer renews; by default that of a worker.' }),
  ),
  gracePeriodMs: optional(milliseconds(0, DAY, { description: 'Time that stop() gives running handlers; by default that of a worker.' })),
  unique: optional(
    aFunction({
      description: 'Function `(payload) => key`. While an event with this key waits or runs, emitting another writes nothing and returns the first.',
    }),
  ),
  repeat: optional(repeatOptions),
  retention: optional(eventRetentionOptions),
  hooks: optional(
    record({
      onBegin: hook('Called with `({ task })` when an attempt begins in this process.'),
      onSuccess: hook('Called with `({ task, durationMs })` when an attempt succeeded in this process.'),
      onRetry: hook('Called with `({ task, error, delayMs })` when an attempt failed in this process and another follows.'),
      onDead: hook('Called with `({ task, error })` when this process gave the event up.'),
    }),
  ),
});

/** Options of an EventHub. */
export const hubOptions = record({
  signals: truth({
    default: true,
    description: 'Makes SIGINT and SIGTERM stop the hub and close its store. A second signal does not wait for handlers.',
  }),
});
