import type { Clock } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { taskError } from '../../modules/errors/taskError';
import type { Emitter } from './emitter';

/**
 * Watches every call to a store: limits its time, and emits one event when the store is lost and one when it returns.
 *
 * A claim gets more time, because it has limits of its own in the store: a claim given up here could still be carried out later, unseen.
 */
export class StoreMonitor {
  readonly #events: Emitter;
  readonly #clock: Clock;
  readonly #callTimeoutMs: number;
  readonly #faults = new WeakSet<object>();
  #lostAt: number | null = null;
  /** Whether only writes are lost: a full disk can be read all the while. */
  #lostWrites = false;
  /** The number of answered calls, and of those that wrote. */
  #answers = 0;
  #writes = 0;

  constructor(events: Emitter, clock: Clock, callTimeoutMs: number) {
    this.#events = events;
    this.#clock = clock;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** Tells whether a call to the store threw this error, and not because of a bug in its adapter. */
  isFault(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#faults.has(error);
  }

  /**
   * Calls the store and returns its answer.
   *
   * @param operation the verb of the port, as events name it.
   * @throws HOLDFAST_STORE_TIMEOUT, or the error of the port.
   */
  async call<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const [answersBefore, writesBefore] = [this.#answers, this.#writes];
    try {
      const answer = await this.#withinTime(operation, run);
      if (operation !== TIME) this.#noteAnswer(hasWritten(operation, answer));
      return answer;
    } catch (error) {
      const isAnsweredSince = isOfWrites(operation, error) ? this.#writes > writesBefore : this.#answers > answersBefore;
      this.#noteError(operation, error, isAnsweredSince);
      throw error;
    }
  }

  #withinTime<T>(operation: string, run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timeoutMs = operation === 'claim' ? CLAIM_TIMEOUTS * this.#callTimeoutMs : this.#callTimeoutMs;
      const expected = `answered within ${timeoutMs} ms`;
      const cancel = this.#clock.after(timeoutMs, () => reject(new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field: operation, expected })));
      // A synchronous throw of the port counts as a failure too.
      new Promise<T>((answer) => answer(run())).then(resolve, reject).finally(cancel);
    });
  }

  #noteAnswer(wrote: boolean): void {
    this.#answers += 1;
    if (wrote) this.#writes += 1;
    if (this.#lostAt === null || (this.#lostWrites && !wrote)) return;
    const afterMs = Math.round(this.#clock.monotonic() - this.#lostAt);
    this.#lostAt = null;
    this.#events.emit('store-returned', { afterMs });
  }

  /** If another call was answered since this one was sent, its failure belongs to an outage that is over. */
  #noteError(operation: string, error: unknown, wasAnsweredSince: boolean): void {
    if (error instanceof Error && !isBug(error)) this.#faults.add(error);
    if (isHoldfastError(error, 'HOLDFAST_STORE_CLOSED')) return;
    if (!isLoss(operation, error)) return this.#events.emit('store-error', { operation, error: taskError(error) });
    if (this.#lostAt !== null || wasAnsweredSince) return;
    this.#lostAt = this.#clock.monotonic();
    this.#lostWrites = isOfWrites(operation, error);
    this.#events.emit('store-lost', { operation, error: taskError(error) });
  }
}

/** The time of the store mostly comes from a sample of before, so it says nothing of whether the store answers. */
const TIME = 'now';

/** Calls on a user's request, which may be slow because they read or write much. */
const SLOW = new Set(['counts', 'list', 'find', 'bulkCount', 'bulkChange']);

/** Calls that write something whenever they are made. */
const WRITES = new Set(['insert', 'settle', 'setPaused', 'report', 'hold', 'place', 'move', 'write', 'put', 'attend', 'take', 'send']);

/** Calls that write only if they find something. */
const MAY_WRITE = new Set([...WRITES, 'claim', 'renew', 'prune', 'release', 'remove', 'claimDue', 'noteOutcome', 'record', 'signal', 'purge']);

const hasWritten = (operation: string, answer: unknown): boolean =>
  WRITES.has(operation) || (operation === 'claim' && ((answer as { readonly tasks?: readonly unknown[] }).tasks ?? []).length > 0);

/** Tells whether a file refused a write, which says nothing about reads. */
const isOfWrites = (operation: string, error: unknown): boolean => MAY_WRITE.has(operation) && isHoldfastError(error, 'HOLDFAST_FILE_UNUSABLE');

/** The time of a claim in call timeouts: it waits for a server, for a connection and for its answer, each with a limit of its own. */
const CLAIM_TIMEOUTS = 4;

/** No database or driver reports errors of these classes. */
const isBug = (error: Error): boolean => error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

const isLoss = (operation: string, error: unknown): boolean =>
  isUnanswered(error) && !(isHoldfastError(error, 'HOLDFAST_STORE_TIMEOUT') && SLOW.has(operation));
