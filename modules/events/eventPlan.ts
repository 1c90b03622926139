import { eventOptions, repeatOptions, scheduleOptions } from '../../config/eventOptions';
import type { Backoff, EventRetention, RepeatOptions, TaskOptions } from '../../config/optionTypes';
import type { EventName, HoldfastEvents, TaskError } from '../../constants/events';
import type { EventContext } from './eventContext';
import { checkOptions } from '../options/checkOptions';
import { HoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { validatorOf } from './payloadSchema';
import type { InputOf, OutputOf, PayloadSchema, Validate } from './payloadSchema';
import { defaultsOf, resolveOptions } from '../options/resolveOptions';
import { checkTiming } from '../schedule/schedulePlan';
import { makeShow } from './shownPayload';
import type { Show } from './shownPayload';

/** What is called when an event begins or ends here; it gets what the event of the store says. */
export interface EventHooks {
  /** `({ task })` when an attempt begins here. */
  readonly onBegin?: (told: HoldfastEvents['event-began']) => unknown;
  /** `({ task, durationMs })` when it succeeded here. */
  readonly onSuccess?: (told: HoldfastEvents['task-succeeded']) => unknown;
  /** `({ task, error, delayMs })` when it failed here and is to be tried again. */
  readonly onRetry?: (told: HoldfastEvents['task-retried']) => unknown;
  /** `({ task, error })` when it was given up here. */
  readonly onDead?: (told: HoldfastEvents['task-dead']) => unknown;
}

/** The store's event that each hook hears. */
export const HOOK_EVENTS = {
  onBegin: 'event-began',
  onSuccess: 'task-succeeded',
  onRetry: 'task-retried',
  onDead: 'task-dead',
} as const satisfies Record<keyof EventHooks, EventName>;

/** The delay before a retry, in milliseconds, by the failures so far. */
export type BackoffFunction = (failures: number, error: TaskError) => number;

/** What `defineEvent` takes; docs/events.md has each option. */
export interface EventArguments<Schema extends PayloadSchema, Result> {
  /** The name of the event, and of its queue. (string, 1 to 128 characters) */
  readonly name: string;
  /** A Standard Schema (`~standard`) or a JSON Schema, such as TypeBox makes. */
  readonly schema: Schema;
  /** What is done: `(payload, context) => result`; it throws where it fails. */
  readonly process: (payload: OutputOf<Schema>, context: EventContext<OutputOf<Schema>>) => Result | Promise<Result>;
  /** How many run at once in this process. (integer, 1 to 10000; by default `10`) */
  readonly concurrency?: number;
  /** `(payload) => shown`: what of a payload may be logged. */
  readonly sanitize?: (payload: OutputOf<Schema>) => unknown;
  /**
   * Paths that are never logged, such as `card.number` or `items[*].code`; well-known names such as `password` are left out anyway. (by default `[]`)
   */
  readonly redact?: readonly string[];
  /** How often one that failed is tried again, and after how long. */
  readonly retry?: {
    /**
     * After this many failures the task is dead: with 3, a task that has failed three times is not tried again. (integer, 1 to 1000; by default `3`)
     */
    readonly maxRetries?: number;
    /** The delay before a retry: fixed or exponential, or a function `(failures, error) => ms`. */
    readonly backoff?: Backoff | BackoffFunction;
  };
  /** One that runs longer has failed; its signal fires. (integer, 1 to 2592000000 ms) */
  readonly timeoutMs?: number;
  /** The order of claims: 0 runs first. (integer, 0 to 9; by default `0`) */
  readonly priority?: number;
  /** How long an event is held before another process may take it; by default that of a worker. (integer, 200 to 43200000 ms) */
  readonly leaseMs?: number;
  /** How long stop() lets running ones end; by default that of a worker. (integer, 0 to 86400000 ms) */
  readonly gracePeriodMs?: number;
  /** `(payload) => key`: while one with this key waits or runs, emitting another writes nothing and returns that one. */
  readonly unique?: (payload: OutputOf<Schema>) => string;
  /** The schedule by which it comes by itself. */
  readonly repeat?: Partial<Omit<RepeatOptions, 'payload'>> & { readonly payload: InputOf<Schema> };
  /** How long finished ones are kept, and how many; by default as tasks are. */
  readonly retention?: EventRetention;
  /** Functions that are called when one begins or ends here. */
  readonly hooks?: EventHooks;
}

/** How many finished tasks are kept at most. */
export type LastKept = Pick<EventRetention, 'succeededLast' | 'cancelledLast' | 'deadLast'>;

/** An event as it was declared, checked. */
export interface EventPlan {
  readonly name: string;
  readonly process: (payload: unknown, context: EventContext<unknown>) => unknown;
  readonly validate: Validate;
  readonly show: Show;
  readonly unique: ((payload: unknown) => string) | undefined;
  /** What every task of it gets. */
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
 * Checks what an event was declared with, and puts it in the order that it is used in.
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

/** As the table wants it, for the check alone: what was given is not copied, as a schema may be an object of any kind. */
function withDefaults(options: { readonly repeat?: object }): object {
  const { repeat, ...rest } = options;
  const repeated = isRecord(repeat) ? { ...REPEAT_DEFAULTS, ...withoutUndefined(repeat) } : repeat;
  return { concurrency: DEFAULT_CONCURRENCY, redact: DEFAULT_PATHS, ...rest, ...(repeat === undefined ? {} : { repeat: repeated }) };
}

/** A schedule without what it carries. */
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

const withoutUndefined = (options: object): object => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
