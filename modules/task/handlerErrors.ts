import { LONGEST_DELAY_MS } from '../../constants/limits';
import { describeValue, HoldfastError } from '../errors/holdfastError';

/**
 * Thrown by a handler whose task would fail every time: the task is dead at once, without a retry.
 *
 * @example
 * throw new PermanentError('the account is closed');
 */
export class PermanentError extends Error {
  /** As it is kept with the task. */
  override readonly name: string = 'PermanentError';
}

/**
 * Thrown by a handler that failed and knows when to try again: counts as a failure, and names the delay
 * in milliseconds in place of the back-off.
 *
 * @example
 * throw new RetryAfter(60_000, 'rate limited');
 */
export class RetryAfter extends Error {
  /** As it is kept with the task. */
  override readonly name: string = 'RetryAfter';
  /** In milliseconds. */
  readonly delayMs: number;

  /**
   * Refuses a delay that is none, in the handler that throws it.
   *
   * @param delayMs milliseconds, 0 to 3,153,600,000,000.
   * @param options may have the `cause`.
   * @throws HOLDFAST_OPTION_INVALID when the delay is no duration.
   */
  constructor(delayMs: number, message = `to be tried again after ${delayMs} ms`, options?: ErrorOptions) {
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

/** Tells whether a value can be a delay: a finite number of milliseconds within the limits. */
export const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= LONGEST_DELAY_MS;
