import { AssertionError } from 'chai';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { HoldfastError } from '../../modules/errors/holdfastError';

/** Returns the value that a call throws. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (thrown) {
    return thrown;
  }
  throw new AssertionError('expected the call to throw');
}

/** Returns the HoldfastError that a call throws. Anything else fails the test. */
export function codedErrorOf(run: () => unknown): HoldfastError {
  const thrown = thrownBy(run);
  if (isHoldfastError(thrown)) return thrown;
  throw new AssertionError(`expected an error of the catalogue, got ${String(thrown)}`);
}

/** The current state of a promise. */
export interface Watched<T> {
  state: 'pending' | 'resolved' | 'rejected';
  value?: T;
  reason?: unknown;
}

/** Tracks a promise. A rejection counts as handled. */
export function watchPromise<T>(promise: Promise<T>): Watched<T> {
  const watched: Watched<T> = { state: 'pending' };
  promise.then(
    (value) => Object.assign(watched, { state: 'resolved', value }),
    (reason: unknown) => Object.assign(watched, { state: 'rejected', reason }),
  );
  return watched;
}
