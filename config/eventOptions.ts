import { Type } from 'typebox';
import type { TSchemaOptions } from 'typebox';
import { DAY, LONGEST_DELAY_MS, SECOND } from '../constants/limits';
import { instant, milliseconds, name, oneOf, record } from './optionKinds';
import { backoffOptions, leaseMs, retentionOptions, taskOptions } from './options';

/** Options of events and of schedules, shown in docs/events.md. */

const someFunction = (rest: TSchemaOptions = {}) =>
  Type.Refine(
    Type.Unsafe<(...given: never[]) => unknown>({ kind: 'function', expects: 'a function', ...rest }),
    (value) => typeof value === 'function',
    () => 'must be a function',
  );

const hook = (description: string) => Type.Optional(someFunction({ description }));

const last = (state: string) =>
  Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      unit: 'tasks',
      description: `Maximum number of ${state} tasks kept, besides their maximum age.`,
    }),
  );

export const OVERLAPS = ['allow', 'skip'] as const;
export const MISFIRES = ['skip', 'one', 'all'] as const;

const SCHEDULE = {
  cron: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'Cron expression of five fields, or of six with seconds first, or a nickname such as @daily. A schedule has exactly one of cron, everyMs and at.',
    }),
  ),
  everyMs: Type.Optional(
    milliseconds(SECOND, LONGEST_DELAY_MS, { description: 'Fixed interval, counted from startAt, or from when the schedule was first stored.' }),
  ),
  at: Type.Optional(instant({ description: 'Single date. A date that has passed when the schedule is first stored does not fire.' })),
  timeZone: Type.String({ minLength: 1, maxLength: 64, default: 'UTC', description: 'IANA time zone of the cron expression.' }),
  startAt: Type.Optional(instant({ description: 'Date before which nothing fires.' })),
  endAt: Type.Optional(instant({ description: 'Date after which nothing fires.' })),
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
  misfireLimit: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    default: 100,
    description: 'Maximum number of missed occurrences that fire with misfire all: the latest ones.',
  }),
  misfireAfterMs: milliseconds(SECOND, DAY, {
    default: 10 * SECOND,
    description: 'Delay after which an occurrence that has not fired counts as missed.',
  }),
};

/** The schedule of an event. */
export const repeatOptions = record({
  ...SCHEDULE,
  payload: Type.Unsafe<unknown>({ kind: 'value', description: 'Payload of each event. The schema checks it when the event starts.' }),
});

/** A schedule that is stored by `scheduler.upsert`. */
export const scheduleOptions = record({
  ...SCHEDULE,
  queue: name({ description: 'Queue to which the tasks are added.' }),
  name: Type.Optional(name({ description: 'Name of the tasks; by default that of the queue.' })),
  payload: Type.Optional(Type.Unsafe<unknown>({ kind: 'value', description: 'Payload of each task.' })),
  options: Type.Optional(
    Type.Omit(taskOptions, ['delayMs', 'runAt', 'uniqueKey', 'deadline'], {
      additionalProperties: false,
      description: 'Options of the tasks, as in queue.add.',
    }),
  ),
});

/** Number of occurrences that `scheduler.next` returns. */
export const countOption = Type.Integer({ minimum: 1, maximum: 1_000 });

/** Age and number up to which finished events are kept. */
export const eventRetentionOptions = Type.Partial(
  record({ ...retentionOptions.properties, succeededLast: last('succeeded'), cancelledLast: last('cancelled'), deadLast: last('dead') }),
  { additionalProperties: false },
);

/** Options of `defineEvent`. */
export const eventOptions = record({
  name: name({ description: 'Name of the event and of its queue.' }),
  schema: Type.Refine(
    Type.Unsafe<object>({
      kind: 'schema',
      expects: 'a Standard Schema or a JSON Schema',
      description: 'Schema of the payload: a Standard Schema (`~standard`) or a JSON Schema, such as TypeBox makes.',
    }),
    (value) => (typeof value === 'object' && value !== null) || typeof value === 'function',
    () => 'must be a schema',
  ),
  process: someFunction({ description: 'Handler `(payload, context) => result`. It throws to report a failure.' }),
  concurrency: Type.Integer({ minimum: 1, maximum: 10_000, default: 10, description: 'Maximum number that run at once in this process.' }),
  sanitize: Type.Optional(someFunction({ description: 'Function `(payload) => shown` that returns the loggable part of a payload.' })),
  redact: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
    maxItems: 100,
    default: [],
    description: 'Paths that are never logged, such as `card.number` or `items[*].code`. Well-known names such as `password` are always left out.',
  }),
  retry: Type.Optional(
    record({
      maxRetries: Type.Optional(taskOptions.properties.maxRetries),
      backoff: Type.Optional(
        Type.Union([backoffOptions, someFunction()], {
          kind: 'back-off or function',
          description: 'Delay before a retry: fixed, exponential, or a function `(failures, error) => ms`.',
        }),
      ),
    }),
  ),
  timeoutMs: Type.Optional(
    milliseconds(1, 30 * DAY, { description: 'Time limit of the handler. After it the attempt has failed and the signal of the handler fires.' }),
  ),
  priority: taskOptions.properties.priority,
  leaseMs: Type.Optional(
    leaseMs({ description: 'Time after which another process may take an event that this one no longer renews; by default that of a worker.' }),
  ),
  gracePeriodMs: Type.Optional(milliseconds(0, DAY, { description: 'Time that stop() gives running handlers; by default that of a worker.' })),
  unique: Type.Optional(
    someFunction({
      description: 'Function `(payload) => key`. While an event with this key waits or runs, emitting another writes nothing and returns the first.',
    }),
  ),
  repeat: Type.Optional(repeatOptions),
  retention: Type.Optional(eventRetentionOptions),
  hooks: Type.Optional(
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
  signals: Type.Boolean({
    default: true,
    description: 'Makes SIGINT and SIGTERM stop the hub and close its store. A second signal does not wait for handlers.',
  }),
});
