import type { LogLevel } from '../../constants/events';
import type { Jsonified } from '../task/json';

/** Writes lines that carry the task's id; they reach the log as `task-log` events: `log.info(message)`, and so for each level. */
export type TaskLog = Readonly<Record<LogLevel, (message: string) => void>>;

/**
 * What a handler gets of its task.
 *
 * @example
 * worker.handle('resize', async ({ payload, signal, attempt, log }) => {
 *   log.info(`attempt ${attempt}`);
 *   return resize(payload, { signal });
 * });
 */
export interface TaskContext<Payload = unknown> {
  /** The id of the task, a UUID; the same at every attempt. */
  readonly id: string;

  /** The queue that it was claimed from. */
  readonly queue: string;

  /** The name that chose the handler. */
  readonly name: string;

  /** What was added, as JSON carries it. */
  readonly payload: Jsonified<Payload>;

  /** The number of this attempt, from 1; it never falls, so another system can refuse what an earlier attempt sends. */
  readonly attempt: number;

  /** The tags it was added with; empty if none. */
  readonly tags: readonly string[];

  /** The metadata it was added with; empty if none. */
  readonly metadata: Readonly<Record<string, unknown>>;

  /** The instant of the store's clock by which it had to begin, or null. */
  readonly deadline: Date | null;

  /** Recorded failures, time-outs and expired leases before this attempt: below `maxRetries`. */
  readonly failures: number;

  /** The lease of this attempt; its token is unique to the claim. */
  readonly lease: { readonly token: string };

  /**
   * Aborts when the handler should stop: its lease is lost, its time is over, or the worker stops. Its reason is a HoldfastError with the code
   * HOLDFAST_LEASE_LOST, HOLDFAST_LEASE_EXPIRED, HOLDFAST_TIMED_OUT or HOLDFAST_STOPPING.
   *
   * @example
   * const answer = await fetch(payload.url, { signal });
   */
  readonly signal: AbortSignal;

  /**
   * Tells lines as `task-log` events; the last of them are kept with the task when the attempt ends.
   *
   * @example
   * log.info(`page ${page} of ${pages}`);
   */
  readonly log: TaskLog;

  /**
   * Keeps with the task how far it is: any JSON value of at most 4 KiB, seen by `queue.get(id)`. Of several at once the last is written.
   *
   * @throws HOLDFAST_PAYLOAD_…, or what the store throws; where the lease is lost nothing is written.
   * @example
   * await progress({ done: 40, of: 100 });
   */
  readonly progress: (value: unknown) => Promise<void>;

  /**
   * Makes the lease hold for so many milliseconds from now, 200 to 43,200,000, where it does not hold longer anyway; for a handler that is
   * about to block the event loop, and with it the heartbeats.
   *
   * @throws HOLDFAST_LEASE_LOST where the lease is over, HOLDFAST_OPTION_INVALID.
   * @example
   * await extend(10 * 60_000);
   */
  readonly extend: (ms: number) => Promise<void>;

  /**
   * Asks to be called again after so many milliseconds, without a failure; takes effect when the handler returns, whose result is then dropped.
   * A handler that throws has failed all the same.
   *
   * @throws HOLDFAST_OPTION_INVALID where it is no duration.
   * @example
   * if (!(await isReady(payload))) return snooze(60_000);
   */
  readonly snooze: (delayMs: number) => void;

  /**
   * Gives the task back for any worker to take, by default after a second, without a failure; takes effect when the handler returns.
   *
   * @throws HOLDFAST_OPTION_INVALID where the delay is no duration.
   * @example
   * if (!license.isFree) return release(10_000);
   */
  readonly release: (delayMs?: number) => void;
}

/**
 * What a batch handler gets: several tasks of one name, each with its own lease, answered each by itself.
 *
 * @example
 * worker.handleBatch('index', async ({ tasks }) => {
 *   const faults = await search.indexAll(tasks.map(({ payload }) => payload));
 *   return tasks.map(({ id }, place) => [id, faults[place] ?? 'indexed']); // an Error is a failure, all else a result
 * });
 */
export interface BatchContext<Payload = unknown> {
  /** One or more, up to the `size` of the handler, in the order of their claim. */
  readonly tasks: readonly TaskContext<Payload>[];

  /** The queue of the first of them; a worker of several queues may bring tasks of each. */
  readonly queue: string;

  /** The name that they share. */
  readonly name: string;

  /** Fires when every task of the batch shall end; each task has a signal of its own. Its reason is a HoldfastError. */
  readonly signal: AbortSignal;
}
