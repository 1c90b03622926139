import type { TaskOptions } from '../../config/optionTypes';
import type { LogLevel } from '../../constants/events';
import type { Jsonified } from '../task/json';
import type { NamedQueue, TaskMap } from '../task/taskSpec';
import type { Steps } from './stepContext';

/** The log of a task. `log.info(message)`, and so on for each level, emits a `task-log` event with the id of the task. */
export type TaskLog = Readonly<Record<LogLevel, (message: string) => void>>;

/** Adds a follow-up: see `context.add`. */
export interface AddFollowUp {
  <Tasks extends TaskMap, Name extends keyof Tasks & string>(
    queue: NamedQueue<Tasks>,
    name: Name,
    payload: NoInfer<Tasks[Name]>,
    options?: TaskOptions,
  ): string;
  (queue: string, name: string, payload: unknown, options?: TaskOptions): string;
}

/**
 * The context of a handler: its task, and what it can do with it.
 *
 * @example
 * worker.handle('resize', async ({ payload, signal, attempt, log }) => {
 *   log.info(`attempt ${attempt}`);
 *   return resize(payload, { signal });
 * });
 */
export interface TaskContext<Payload = unknown> extends Steps {
  /** The id of the task, a UUID. It is the same in every attempt. */
  readonly id: string;

  /** The queue that the task was claimed from. */
  readonly queue: string;

  /** The name of the task, which selected the handler. */
  readonly name: string;

  /** The payload that was added, after JSON. */
  readonly payload: Jsonified<Payload>;

  /** The number of this attempt, from 1. It never falls, so another system can refuse requests of an earlier attempt. */
  readonly attempt: number;

  /** The tags of the task, empty if it has none. */
  readonly tags: readonly string[];

  /** The metadata of the task, empty if it has none. */
  readonly metadata: Readonly<Record<string, unknown>>;

  /** The instant of the store's clock by which the task had to start, or null. */
  readonly deadline: Date | null;

  /** The failures, timeouts and expired leases recorded before this attempt: below `maxRetries`, which counts failures. */
  readonly failures: number;

  /** The lease of this attempt. Its token is unique to the claim. */
  readonly lease: { readonly token: string };

  /**
   * Aborts when the handler should stop: its lease is lost, its time limit has passed, or the worker is stopping.
   *
   * The reason is a HoldfastError with the code HOLDFAST_LEASE_LOST, HOLDFAST_LEASE_EXPIRED, HOLDFAST_TIMED_OUT or HOLDFAST_STOPPING.
   *
   * @example
   * const answer = await fetch(payload.url, { signal });
   */
  readonly signal: AbortSignal;

  /**
   * Writes log lines, which are emitted as `task-log` events. The last lines are stored with the task when the attempt ends.
   *
   * @example
   * log.info(`page ${page} of ${pages}`);
   */
  readonly log: TaskLog;

  /**
   * Stores the progress of the task, which `queue.get(id)` returns: any JSON value of at most 4 KiB. Of several concurrent reports the last is
   * written. If the lease is lost, nothing is written.
   *
   * @throws HOLDFAST_PAYLOAD_…, or the error of the store.
   * @example
   * await progress({ done: 40, of: 100 });
   */
  readonly progress: (value: unknown) => Promise<void>;

  /**
   * Extends the lease so that it holds for at least this many milliseconds from now, 200 to 43,200,000. A handler calls it before it blocks the event
   * loop, and with it the heartbeats.
   *
   * @throws HOLDFAST_LEASE_LOST if the lease has ended, HOLDFAST_OPTION_INVALID.
   * @example
   * await extend(10 * 60_000);
   */
  readonly extend: (ms: number) => Promise<void>;

  /**
   * Snoozes the task: it runs again after this many milliseconds, without a failure.
   *
   * It takes effect when the handler returns; the result is then dropped. A handler that throws has failed all the same.
   *
   * @throws HOLDFAST_OPTION_INVALID if the delay is not a duration.
   * @example
   * if (!(await isReady(payload))) return snooze(60_000);
   */
  readonly snooze: (delayMs: number) => void;

  /**
   * Releases the task for any worker, without a failure, by default after a second. It takes effect when the handler returns.
   *
   * @throws HOLDFAST_OPTION_INVALID if the delay is not a duration.
   * @example
   * if (!license.isFree) return release(10_000);
   */
  readonly release: (delayMs?: number) => void;

  /**
   * Adds a follow-up: a task that exists if, and only if, this attempt succeeds and its success is recorded. It is checked now, so that the handler gets
   * the error, and kept with the task in the same write as the success; then it goes to its queue, also if this process dies. An attempt that fails,
   * snoozes, or loses its lease adds nothing.
   *
   * @param queue a `Queue`, whose types are checked, or its name.
   * @param options those of `queue.add`. A delay counts from the hand-over. While another task has its `uniqueKey`, it is not added.
   * @returns its id, which is the same in every attempt that adds its follow-ups in the same order.
   * @throws HOLDFAST_OPTION_…, HOLDFAST_PAYLOAD_…, HOLDFAST_FOLLOW_UPS_TOO_MANY above 1,000, HOLDFAST_FOLLOW_UPS_TOO_LARGE above 3 MiB, or
   *   HOLDFAST_FOLLOW_UP_LATE once the handler has ended.
   * @example
   * add(mail, 'welcome', { to: payload.to }, { delayMs: 60_000 });
   */
  readonly add: AddFollowUp;
}

/**
 * The context of a batch handler: several tasks of one name. Each has its own lease and gets its own answer.
 *
 * @example
 * worker.handleBatch('index', async ({ tasks }) => {
 *   const faults = await search.indexAll(tasks.map(({ payload }) => payload));
 *   return tasks.map(({ id }, place) => [id, faults[place] ?? 'indexed']); // an Error is a failure, all else a result
 * });
 */
export interface BatchContext<Payload = unknown> {
  /** The tasks of the batch in the order of their claim: one or more, up to the `size` of the handler. */
  readonly tasks: readonly TaskContext<Payload>[];

  /** The queue of the first task. A worker of several queues may mix their tasks in a batch. */
  readonly queue: string;

  /** The name that the tasks share. */
  readonly name: string;

  /** Aborts when every task of the batch should stop; each task also has its own signal. The reason is a HoldfastError. */
  readonly signal: AbortSignal;
}
