import { LONGEST_DELAY_MS } from '../../constants/limits';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import { isMarked } from '../values/isError';
import type { Retry } from './change';

/** The marks by which the errors of every copy of the package are known. */
const PERMANENT = Symbol.for('holdfast.PermanentError');
const RETRY_AFTER = Symbol.for('holdfast.RetryAfter');

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
    if (!isDuration(delayMs)) {
      throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
        field: 'delayMs',
        expected: `a number of milliseconds from 0 to ${LONGEST_DELAY_MS}`,
        got: describeValue(delayMs),
      });
    }
    this.delayMs = delayMs;
  }
}

Object.defineProperty(PermanentError.prototype, PERMANENT, { value: true });
Object.defineProperty(RetryAfter.prototype, RETRY_AFTER, { value: true });

/** Returns whether and when a thrown value wants its task tried again. Never throws. */
export function retryOf(thrown: unknown): Retry {
  if (isMarked(thrown, PERMANENT)) return 'never';
  if (!isMarked(thrown, RETRY_AFTER)) return 'backoff';
  const { delayMs } = thrown as RetryAfter;
  return isDuration(delayMs) ? { afterMs: delayMs } : 'backoff';
}

/** Tells whether a value is a valid delay: a number of milliseconds from 0 to the longest delay. */
export const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= LONGEST_DELAY_MS;
