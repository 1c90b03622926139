import { eventOptions, repeatOptions, scheduleOptions } from '../../config/eventOptions';
import type { Backoff, EventRetention, RepeatOptions, TaskOptions } from '../../config/optionTypes';
import type { EventName, HoldfastEvents, TaskError } from '../../constants/events';
import type { EventContext } from './eventContext';
import { checkOptions } from '../options/checkOptions';
import { HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { withoutUndefined } from '../values/withoutUndefined';
import { validatorOf } from './payloadSchema';
import type { InputOf, OutputOf, PayloadSchema, Validate } from './payloadSchema';
import { defaultsOf, resolveOptions } from '../options/resolveOptions';
import { checkTiming } from '../schedule/schedulePlan';
import { makeShow } from './shownPayload';
import type { Show } from './shownPayload';

/** Functions called when an attempt begins or ends in this process, with the payload of the store's event. */
export interface EventHooks {
  /** Called with `({ task })` when an attempt begins in this process. */
  readonly onBegin?: (told: HoldfastEvents['event-began']) => unknown;
  /** Called with `({ task, durationMs })` when an attempt succeeded in this process. */
  readonly onSuccess?: (told: HoldfastEvents['task-succeeded']) => unknown;
  /** Called with `({ task, error, delayMs })` when an attempt failed in this process and another follows. */
  readonly onRetry?: (told: HoldfastEvents['task-retried']) => unknown;
  /** Called with `({ task, error })` when this process gave the event up. */
  readonly onDead?: (told: HoldfastEvents['task-dead']) => unknown;
}

/** Event of the store for each hook. */
export const HOOK_EVENTS = {
  onBegin: 'event-began',
  onSuccess: 'task-succeeded',
  onRetry: 'task-retried',
  onDead: 'task-dead',
} as const satisfies Record<keyof EventHooks, EventName>;

/** Returns the delay before a retry in milliseconds. */
export type BackoffFunction = (failures: number, error: TaskError) => number;

/** Options of `defineEvent`, described in docs/events.md. */
export interface EventArguments<Schema extends PayloadSchema, Result> {
  /** Name of the event and of its queue. (string, 1 to 128 characters) */
  readonly name: string;
  /** Schema of the payload: a Standard Schema (`~standard`) or a JSON Schema, such as TypeBox makes. */
  readonly schema: Schema;
  /** Handler `(payload, context) => result`. It throws to report a failure. */
  readonly process: (payload: OutputOf<Schema>, context: EventContext<OutputOf<Schema>>) => Result | Promise<Result>;
  /** Maximum number that run at once in this process. (integer, 1 to 10000; by default `10`) */
  readonly concurrency?: number;
  /** Function `(payload) => shown` that returns the loggable part of a payload. */
  readonly sanitize?: (payload: OutputOf<Schema>) => unknown;
  /**
   * Paths that are never logged, such as `card.number` or `items[*].code`. Well-known names such as `password` are always left out. (by default `[]`)
   */
  readonly redact?: readonly string[];
  /** Number and delay of retries. */
  readonly retry?: {
    /**
     * Number of failures after which the task is dead. It counts failures, the first included, so 3 means three attempts: the first and two more.
     * (integer, 1 to 1000; by default `3`)
     */
    readonly maxRetries?: number;
    /** Delay before a retry: fixed, exponential, or a function `(failures, error) => ms`. */
    readonly backoff?: Backoff | BackoffFunction;
  };
  /** Time limit of the handler. After it the attempt has failed and the signal of the handler fires. (integer, 1 to 2592000000 ms) */
  readonly timeoutMs?: number;
  /** Order of claims: 0 runs first. (integer, 0 to 9; by default `0`) */
  readonly priority?: number;
  /**
   * Time after which another process may take an event that this one no longer renews; by default that of a worker. (integer, 200 to 43200000 ms)
   */
  readonly leaseMs?: number;
  /** Time that stop() gives running handlers; by default that of a worker. (integer, 0 to 86400000 ms) */
  readonly gracePeriodMs?: number;
  /** Function `(payload) => key`. While an event with this key waits or runs, emitting another writes nothing and returns the first. */
  readonly unique?: (payload: OutputOf<Schema>) => string;
  /** Schedule that emits the event. */
  readonly repeat?: Partial<Omit<RepeatOptions, 'payload'>> & { readonly payload: InputOf<Schema> };
  /** Age and number up to which finished events are kept; by default as for tasks. */
  readonly retention?: EventRetention;
  /** Functions called when an event begins or ends in this process. */
  readonly hooks?: EventHooks;
}

/** Maximum numbers of finished tasks, by state. */
export type LastKept = Pick<EventRetention, 'succeededLast' | 'cancelledLast' | 'deadLast'>;

/** The checked declaration of an event. */
export interface EventPlan {
  readonly name: string;
  readonly process: (payload: unknown, context: EventContext<unknown>) => unknown;
  readonly validate: Validate;
  readonly show: Show;
  readonly unique: ((payload: unknown) => string) | undefined;
  /** Options of every task of the event. */
  readonly taskOptions: TaskOptions;
  readonly backoffs: Readonly<Record<string, BackoffFunction>>;
  readonly worker: { readonly maxConcurrency: number; readonly leaseMs?: number; readonly gracePeriodMs?: number };
  readonly repeat: (Partial<RepeatOptions> & { readonly payload?: unknown }) | undefined;
  readonly last: LastKept;
  readonly hooks: EventHooks;
}

const { concurrency: DEFAULT_CONCURRENCY, redact: DEFAULT_PATHS } = defaultsOf(eventOptions);
const REPEAT_DEFAULTS = defaultsOf(repeatOptions);

/**
 * Checks the declaration of an event, and sorts it by use.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN, HOLDFAST_OPTION_INVALID or HOLDFAST_SCHEDULE_NEVER.
 */
export function readEvent<Schema extends PayloadSchema, Result>(given: EventArguments<Schema, Result>): EventPlan {
  if (!isRecord(given)) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'event', expected: 'an object of options' });
  const options = withoutUndefined(given) as EventArguments<Schema, Result>;
  checkOptions(eventOptions, withDefaults(options), 'event');
  const { name, schema, process, sanitize, redact = DEFAULT_PATHS, unique, hooks = {}, repeat } = options;
  if (repeat) checkTiming(resolveOptions(scheduleOptions, { ...timesOf(repeat), queue: name }, 'event.repeat'), 'event.repeat');
  return {
    name,
    process: process as EventPlan['process'],
    validate: validatorOf(schema),
    show: makeShow(sanitize, redact),
    unique: unique as EventPlan['unique'],
    ...workOf(options),
    repeat,
    hooks,
  };
}

/** Prepares the options for the check. The originals are used later without a copy, because a schema may be an object of any class. */
function withDefaults(options: { readonly repeat?: object }): object {
  const { repeat, ...rest } = options;
  const repeated = isRecord(repeat) ? { ...REPEAT_DEFAULTS, ...withoutUndefined(repeat) } : repeat;
  return { concurrency: DEFAULT_CONCURRENCY, redact: DEFAULT_PATHS, ...rest, ...(repeat === undefined ? {} : { repeat: repeated }) };
}

/** Returns a schedule without its payload. */
export function timesOf(repeat: object): object {
  const { payload: _payload, ...times } = repeat as { readonly payload?: unknown };
  return times;
}

function workOf<Schema extends PayloadSchema, Result>(options: EventArguments<Schema, Result>) {
  const { name, concurrency = DEFAULT_CONCURRENCY, timeoutMs, priority, leaseMs, gracePeriodMs, retention = {}, retry = {} } = options;
  const { succeededLast, cancelledLast, deadLast, ...ages } = retention;
  const { maxRetries, backoff } = retry;
  const isOwn = typeof backoff === 'function';
  return {
    taskOptions: withoutUndefined({
      timeoutMs,
      priority,
      leaseMs,
      maxRetries,
      backoff: isOwn ? { type: 'custom', name } : backoff,
      retention: Object.keys(ages).length > 0 ? ages : undefined,
    }) as TaskOptions,
    backoffs: isOwn ? { [name]: backoff } : {},
    worker: withoutUndefined({ maxConcurrency: concurrency, leaseMs, gracePeriodMs }) as EventPlan['worker'],
    last: withoutUndefined({ succeededLast, cancelledLast, deadLast }) as LastKept,
  };
}
