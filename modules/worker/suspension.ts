import type { SleepsOn } from '../../constants/events';
import { isMarked } from '../values/isError';

/** The mark by which the suspensions of every copy of the package are known. */
const SUSPENSION = Symbol.for('holdfast.Suspension');

/** What a sleep or a wait throws to end the attempt of its handler. It is no failure: let it pass. */
export class Suspension extends Error {
  override readonly name: string = 'Suspension';

  constructor({ kind, name }: SleepsOn) {
    super(`the task sleeps on the ${kind} "${name}" and gives its slot back: let this error pass`);
  }
}

Object.defineProperty(Suspension.prototype, SUSPENSION, { value: true });

/**
 * Tells whether a caught value ends an attempt because its task sleeps or waits for a signal. A handler lets it pass; if it does not, its next call of
 * the context throws it again.
 *
 * @example
 * try {
 *   await waitForSignal('paid');
 * } catch (error) {
 *   if (!isSuspension(error)) log.warn(String(error));
 *   throw error;
 * }
 */
export const isSuspension = (thrown: unknown): boolean => isMarked(thrown, SUSPENSION);
