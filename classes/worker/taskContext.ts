import { delayOption, extensionOption } from '../../config/options';
import type { LogLevel } from '../../constants/events';
import { PROGRESS_BYTES, SECOND } from '../../constants/limits';
import { checkOptions } from '../../modules/options/checkOptions';
import { toJson } from '../../modules/task/json';
import type { Jsonified } from '../../modules/task/json';
import { metadataOf } from '../../modules/task/task';
import type { Attempt } from './attempt';
import type { Store } from '../store/store';

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
export class TaskContext<Payload = unknown> {
  readonly #attempt: Attempt;
  readonly #store: Store;
  #payload: { readonly value: Jsonified<Payload> } | undefined;
  #log: TaskLog | undefined;

  /** Made by the worker. @internal */
  constructor(attempt: Attempt, store: Store) {
    this.#attempt = attempt;
    this.#store = store;
  }

  /** The id of the task, a UUID; the same at every attempt. */
  get id(): string {
    return this.#attempt.id;
  }

  /** The queue that it was claimed from. */
  get queue(): string {
    return this.#attempt.task.queue;
  }

  /** The name that chose the handler. */
  get name(): string {
    return this.#attempt.task.name;
  }

  /** What was added, as JSON carries it. */
  get payload(): Jsonified<Payload> {
    this.#payload ??= { value: JSON.parse(this.#attempt.task.payload) as Jsonified<Payload> };
    return this.#payload.value;
  }

  /** The number of this attempt, from 1; it never falls, so another system can refuse what an earlier attempt sends. */
  get attempt(): number {
    return this.#attempt.task.attempt;
  }

  /** The tags it was added with; empty if none. */
  get tags(): readonly string[] {
    return this.#attempt.task.settings.tags ?? [];
  }

  /** The metadata it was added with; empty if none. */
  get metadata(): Readonly<Record<string, unknown>> {
    return metadataOf(this.#attempt.task.settings);
  }

  /** The instant of the store's clock by which it had to begin, or null. */
  get deadline(): Date | null {
    const { deadlineAt } = this.#attempt.task.settings;
    return deadlineAt === undefined ? null : new Date(deadlineAt);
  }

  /** Recorded failures, time-outs and expired leases before this attempt: below `maxRetries`. */
  get failures(): number {
    return this.#attempt.task.failures;
  }

  /** The lease of this attempt; its token is unique to the claim. */
  get lease(): { readonly token: string } {
    return { token: this.#attempt.token };
  }

  /**
   * Aborts when the handler should stop: its lease is lost, its time is over, or the worker stops. Its reason is a HoldfastError with the code
   * HOLDFAST_LEASE_LOST, HOLDFAST_LEASE_EXPIRED, HOLDFAST_TIMED_OUT or HOLDFAST_STOPPING.
   *
   * @example
   * const answer = await fetch(payload.url, { signal });
   */
  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  /**
   * Tells lines as `task-log` events; the last of them are kept with the task when the attempt ends.
   *
   * @example
   * log.info(`page ${page} of ${pages}`);
   */
  get log(): TaskLog {
    return (this.#log ??= makeLog((level, message) => this.#attempt.writeLog(level, String(message), this.#store.clock.monotonic())));
  }

  /**
   * Keeps with the task how far it is: any JSON value of at most 4 KiB, seen by `queue.get(id)`. Of several at once the last is written.
   *
   * @throws HOLDFAST_PAYLOAD_…, or what the store throws; where the lease is lost nothing is written.
   * @example
   * await progress({ done: 40, of: 100 });
   */
  get progress(): (value: unknown) => Promise<void> {
    const { id, token } = this.#attempt;
    return mayBeUnheard(async (value: unknown) => this.#store.progress.write({ id, token, progress: toJson(value, 'progress', PROGRESS_BYTES) }));
  }

  /**
   * Makes the lease hold for so many milliseconds from now, 200 to 43,200,000, where it does not hold longer anyway; for a handler that is
   * about to block the event loop, and with it the heartbeats.
   *
   * @throws HOLDFAST_LEASE_LOST where the lease is over, HOLDFAST_OPTION_INVALID.
   * @example
   * await extend(10 * 60_000);
   */
  get extend(): (ms: number) => Promise<void> {
    return mayBeUnheard(async (ms: number) => {
      checkOptions(extensionOption, ms, 'ms');
      await this.#store.leases.extend(this.#attempt, ms);
    });
  }

  /**
   * Asks to be called again after so many milliseconds, without a failure; takes effect when the handler returns, whose result is then dropped.
   * A handler that throws has failed all the same.
   *
   * @throws HOLDFAST_OPTION_INVALID where it is no duration.
   * @example
   * if (!(await isReady(payload))) return snooze(60_000);
   */
  get snooze(): (delayMs: number) => void {
    return (delayMs) => {
      checkOptions(delayOption, delayMs, 'delayMs');
      this.#attempt.wish = { kind: 'snoozed', delayMs };
    };
  }

  /**
   * Gives the task back for any worker to take, by default after a second, without a failure; takes effect when the handler returns.
   *
   * @throws HOLDFAST_OPTION_INVALID where the delay is no duration.
   * @example
   * if (!license.isFree) return release(10_000);
   */
  get release(): (delayMs?: number) => void {
    return (delayMs = SECOND) => {
      checkOptions(delayOption, delayMs, 'delayMs');
      this.#attempt.wish = { kind: 'released', delayMs };
    };
  }
}

/** A handler that does not wait for it must not end its process, and with it its neighbours, where it fails; one that waits is told. */
const mayBeUnheard =
  <Argument>(act: (argument: Argument) => Promise<void>) =>
  (argument: Argument): Promise<void> => {
    const acting = act(argument);
    acting.catch(() => undefined);
    return acting;
  };

function makeLog(write: (level: LogLevel, message: string) => void): TaskLog {
  const at = (level: LogLevel) => (message: string) => write(level, message);
  return { error: at('error'), warn: at('warn'), info: at('info'), verbose: at('verbose'), debug: at('debug') };
}
