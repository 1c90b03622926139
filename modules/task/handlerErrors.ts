import { LONGEST_DELAY_MS } from '../../constants/limits';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isMarked } from '../values/isError';
import type { Retry } from './change';

/** The marks by which the errors of every copy of the package are known. */
const PERMANENT = Symbol.for('holdfast.PermanentError');
const RETRY_AFTER = Symbol.for('holdfast.RetryAfter');
const SNOOZE = Symbol.for('holdfast.Snooze');

/**
 * An error for a task that would fail every time: the task becomes dead at once, without a retry.
 *
 * @example
 * throw new PermanentError('the account is closed');
 */
export class PermanentError extends Error {
  /** The name that is recorded with the task. */
  override readonly name: string = 'PermanentError';
}

/**
 * An error that sets the delay before the retry, in place of the back-off. It counts as a failure.
 *
 * @example
 * throw new RetryAfter(60_000, 'rate limited');
 */
export class RetryAfter extends Error {
  /** The name that is recorded with the task. */
  override readonly name: string = 'RetryAfter';
  /** The delay before the retry, in milliseconds. */
  readonly delayMs: number;

  /**
   * Creates the error. An invalid delay is refused here, in the handler that throws it.
   *
   * @param delayMs milliseconds from 0 to 3,153,600,000,000.
   * @param message the message of the recorded error.
   * @param options may hold the `cause`.
   * @throws HOLDFAST_OPTION_INVALID if the delay is not a duration.
   */
  constructor(delayMs: number, message = `retry after ${delayMs} ms`, options?: ErrorOptions) {
    super(message, options);
    this.delayMs = checkedDelay(delayMs);
  }
}

/**
 * An error by which a handler, or what it calls, puts its task off: it runs again after the delay, without a failure.
 *
 * Unlike `snooze` of the context it ends the handler from any depth, for example from a client that must not be called now.
 *
 * @example
 * throw new Snooze(60_000, 'the other side is down for maintenance');
 */
export class Snooze extends Error {
  /** The name of the error. */
  override readonly name: string = 'Snooze';
  /** The delay until the task runs again, in milliseconds. */
  readonly delayMs: number;

  /**
   * Creates the error. An invalid delay is refused here, in the handler that throws it.
   *
   * @param delayMs milliseconds from 0 to 3,153,600,000,000.
   * @param message the reason, which is kept with the attempt in `queue.get(id)`.
   * @param options may hold the `cause`.
   * @throws HOLDFAST_OPTION_INVALID if the delay is not a duration.
   */
  constructor(delayMs: number, message = `snoozed for ${delayMs} ms`, options?: ErrorOptions) {
    super(message, options);
    this.delayMs = checkedDelay(delayMs);
  }
}

function checkedDelay(delayMs: number): number {
  if (isDuration(delayMs)) return delayMs;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
    field: 'delayMs',
    expected: `a number of milliseconds from 0 to ${LONGEST_DELAY_MS}`,
    got: describeValue(delayMs),
  });
}

Object.defineProperty(PermanentError.prototype, PERMANENT, { value: true });
Object.defineProperty(RetryAfter.prototype, RETRY_AFTER, { value: true });
Object.defineProperty(Snooze.prototype, SNOOZE, { value: true });

/** Makes any error one that ends its task at once, as a PermanentError does. */
export const permanently = <Thrown extends Error>(error: Thrown): Thrown => Object.defineProperty(error, PERMANENT, { value: true });

/** Makes any error one that sets the delay before the retry, as a RetryAfter does. */
export const retriedAfter = <Thrown extends Error>(error: Thrown, delayMs: number): Thrown =>
  Object.defineProperties(error, { [RETRY_AFTER]: { value: true }, delayMs: { value: delayMs } });

/** Makes any error one that puts its task off without a failure, as a Snooze does. */
export const snoozing = <Thrown extends Error>(error: Thrown, delayMs: number): Thrown =>
  Object.defineProperties(error, { [SNOOZE]: { value: true }, delayMs: { value: delayMs } });

/** Returns the delay after which a thrown value wants its task to run again without a failure, if it is a Snooze. Never throws. */
export function snoozeOf(thrown: unknown): number | undefined {
  if (!isMarked(thrown, SNOOZE)) return undefined;
  const { delayMs } = thrown as Snooze;
  return isDuration(delayMs) ? delayMs : undefined;
}

/** Returns whether and when a thrown value wants its task tried again. Never throws. */
export function retryOf(thrown: unknown): Retry {
  if (isMarked(thrown, PERMANENT)) return 'never';
  if (!isMarked(thrown, RETRY_AFTER)) return 'backoff';
  const { delayMs } = thrown as RetryAfter;
  return isDuration(delayMs) ? { afterMs: delayMs } : 'backoff';
}

/** Tells whether a value is a valid delay: a number of milliseconds from 0 to the longest delay. */
export const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= LONGEST_DELAY_MS;
