import { Type } from 'typebox';
import type { TSchemaOptions } from 'typebox';
import { DAY, LONGEST_DELAY_MS, SECOND } from '../constants/limits';
import { instant, milliseconds, name, oneOf, record } from './optionKinds';
import { backoffOptions, leaseMs, retentionOptions, taskOptions } from './options';

/** Options of events and of schedules; docs/events.md shows them. */

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
      description: `Keep only this many ${state} tasks, beside the limit of their age.`,
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
        'A cron expression of five fields, or of six with seconds first, or a nickname such as @daily. One of cron, everyMs and at is given.',
    }),
  ),
  everyMs: Type.Optional(
    milliseconds(SECOND, LONGEST_DELAY_MS, { description: 'A fixed interval, from startAt or from when the schedule was first stored.' }),
  ),
  at: Type.Optional(instant({ description: 'One date; one that has passed when the schedule is first stored does not fire.' })),
  timeZone: Type.String({ minLength: 1, maxLength: 64, default: 'UTC', description: 'The IANA time zone of the cron expression.' }),
  startAt: Type.Optional(instant({ description: 'No occurrence before this instant.' })),
  endAt: Type.Optional(instant({ description: 'No occurrence after this instant.' })),
  jitterMs: milliseconds(0, DAY, {
    default: 0,
    description: 'Each task is due up to this much later than its occurrence, always the same for one occurrence.',
  }),
  overlap: oneOf(OVERLAPS, {
    default: 'allow',
    description: 'What to do with an occurrence while the task of the last one still waits or runs: add its task all the same, or skip it.',
  }),
  misfire: oneOf(MISFIRES, {
    default: 'one',
    description: 'What to do with occurrences that were missed while no process could fire them: skip them, one task for all, or a task for each.',
  }),
  misfireLimit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'With misfire all: at most this many, the latest.' }),
  misfireAfterMs: milliseconds(SECOND, DAY, { default: 10 * SECOND, description: 'An occurrence that could not be fired for this long was missed.' }),
};

/** The schedule of an event. */
export const repeatOptions = record({
  ...SCHEDULE,
  payload: Type.Unsafe<unknown>({ kind: 'value', description: 'What each event carries; checked by the schema when the event starts.' }),
});

/** A schedule that is stored by `scheduler.upsert`. */
export const scheduleOptions = record({
  ...SCHEDULE,
  queue: name({ description: 'The queue that its tasks are added to.' }),
  name: Type.Optional(name({ description: 'The name of its tasks; by default that of the queue.' })),
  payload: Type.Optional(Type.Unsafe<unknown>({ kind: 'value', description: 'What each task carries.' })),
  options: Type.Optional(
    Type.Omit(taskOptions, ['delayMs', 'runAt', 'uniqueKey', 'deadline'], {
      additionalProperties: false,
      description: 'Options of its tasks, as in queue.add.',
    }),
  ),
});

/** How many occurrences `scheduler.next` tells. */
export const countOption = Type.Integer({ minimum: 1, maximum: 1_000 });

/** How finished events are removed. */
export const eventRetentionOptions = Type.Partial(
  record({ ...retentionOptions.properties, succeededLast: last('succeeded'), cancelledLast: last('cancelled'), deadLast: last('dead') }),
  { additionalProperties: false },
);

/** Options of `defineEvent`. */
export const eventOptions = record({
  name: name({ description: 'The name of the event, and of its queue.' }),
  schema: Type.Refine(
    Type.Unsafe<object>({
      kind: 'schema',
      expects: 'a Standard Schema or a JSON Schema',
      description: 'A Standard Schema (`~standard`) or a JSON Schema, such as TypeBox makes.',
    }),
    (value) => (typeof value === 'object' && value !== null) || typeof value === 'function',
    () => 'must be a schema',
  ),
  process: someFunction({ description: 'What is done: `(payload, context) => result`; it throws where it fails.' }),
  concurrency: Type.Integer({ minimum: 1, maximum: 10_000, default: 10, description: 'How many run at once in this process.' }),
  sanitize: Type.Optional(someFunction({ description: '`(payload) => shown`: what of a payload may be logged.' })),
  redact: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
    maxItems: 100,
    default: [],
    description: 'Paths that are never logged, such as `card.number` or `items[*].code`; well-known names such as `password` are left out anyway.',
  }),
  retry: Type.Optional(
    record({
      maxRetries: Type.Optional(taskOptions.properties.maxRetries),
      backoff: Type.Optional(
        Type.Union([backoffOptions, someFunction()], {
          kind: 'back-off or function',
          description: 'The delay before a retry: fixed or exponential, or a function `(failures, error) => ms`.',
        }),
      ),
    }),
  ),
  timeoutMs: Type.Optional(milliseconds(1, 30 * DAY, { description: 'One that runs longer has failed; its signal fires.' })),
  priority: taskOptions.properties.priority,
  leaseMs: Type.Optional(leaseMs({ description: 'How long an event is held before another process may take it; by default that of a worker.' })),
  gracePeriodMs: Type.Optional(milliseconds(0, DAY, { description: 'How long stop() lets running ones end; by default that of a worker.' })),
  unique: Type.Optional(
    someFunction({ description: '`(payload) => key`: while one with this key waits or runs, emitting another writes nothing and returns that one.' }),
  ),
  repeat: Type.Optional(repeatOptions),
  retention: Type.Optional(eventRetentionOptions),
  hooks: Type.Optional(
    record({
      onBegin: hook('`({ task })` when an attempt begins here.'),
      onSuccess: hook('`({ task, durationMs })` when it succeeded here.'),
      onRetry: hook('`({ task, error, delayMs })` when it failed here and is to be tried again.'),
      onDead: hook('`({ task, error })` when it was given up here.'),
    }),
  ),
});

/** Options of an EventHub. */
export const hubOptions = record({
  signals: Type.Boolean({
    default: true,
    description: 'Whether SIGINT and SIGTERM stop the hub and close its store; a second one does not wait for handlers.',
  }),
});
