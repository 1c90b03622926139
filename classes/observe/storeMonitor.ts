import type { Clock } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { taskError } from '../../modules/errors/taskError';
import type { Emitter } from './emitter';

/**
 * Sees every call to a store: limits its time, and tells once when the store goes and once when it returns.
 *
 * A claim is given more time, because it has limits of its own in the store: one that is given up here could still be carried out later, unseen.
 */
export class StoreMonitor {
  readonly #events: Emitter;
  readonly #clock: Clock;
  readonly #callTimeoutMs: number;
  readonly #faults = new WeakSet<object>();
  #lostAt: number | null = null;
  /** How many calls have been answered. */
  #answers = 0;

  constructor(events: Emitter, clock: Clock, callTimeoutMs: number) {
    this.#events = events;
    this.#clock = clock;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** Tells whether a call to the store threw this error, and not by a bug of its adapter. */
  isFault(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#faults.has(error);
  }

  /**
   * Makes a call to the store, and returns its answer.
   *
   * @param operation the verb of the port, as events name it.
   * @throws HOLDFAST_STORE_TIMEOUT, or what the port throws.
   */
  async call<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const answersBefore = this.#answers;
    try {
      const answer = await this.#withinTime(operation, run);
      this.#noteAnswer();
      return answer;
    } catch (error) {
      this.#noteError(operation, error, this.#answers > answersBefore);
      throw error;
    }
  }

  #withinTime<T>(operation: string, run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timeoutMs = operation === 'claim' ? CLAIM_TIMEOUTS * this.#callTimeoutMs : this.#callTimeoutMs;
      const expected = `answered within ${timeoutMs} ms`;
      const cancel = this.#clock.after(timeoutMs, () => reject(new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field: operation, expected })));
      // A port that throws at once has failed as well.
      new Promise<T>((answer) => answer(run())).then(resolve, reject).finally(cancel);
    });
  }

  #noteAnswer(): void {
    this.#answers += 1;
    if (this.#lostAt === null) return;
    const afterMs = Math.round(this.#clock.monotonic() - this.#lostAt);
    this.#lostAt = null;
    this.#events.emit('store-returned', { afterMs });
  }

  /** A call that fails although another was answered since it began tells of an outage that is over. */
  #noteError(operation: string, error: unknown, wasAnsweredSince: boolean): void {
    if (error instanceof Error && !isBug(error)) this.#faults.add(error);
    if (isHoldfastError(error, 'HOLDFAST_STORE_CLOSED')) return;
    if (!isLoss(operation, error)) return this.#events.emit('store-error', { operation, error: taskError(error) });
    if (this.#lostAt !== null || wasAnsweredSince) return;
    this.#lostAt = this.#clock.monotonic();
    this.#events.emit('store-lost', { operation, error: taskError(error) });
  }
}

/** Calls by hand, which may be slow because they read much. */
const SLOW = new Set(['counts', 'list', 'find']);

/** A claim waits for a server, for a connection and for its answer, each with a limit of its own. */
const CLAIM_TIMEOUTS = 4;

/** No database and no driver reports by these. */
const isBug = (error: Error): boolean => error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

const isLoss = (operation: string, error: unknown): boolean =>
  isUnanswered(error) && !(isHoldfastError(error, 'HOLDFAST_STORE_TIMEOUT') && SLOW.has(operation));
