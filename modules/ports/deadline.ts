import { HoldfastError } from '../errors/holdfastError';
import type { Clock } from '../time/clock';

/**
 * Returns a function that tells the whole milliseconds left until a deadline.
 *
 * It throws HOLDFAST_STORE_TIMEOUT when none is left, so that what asks before each command sends none after its time.
 */
export function deadlineIn(ms: number, field: string, clock: Pick<Clock, 'monotonic'>): () => number {
  const until = clock.monotonic() + ms;
  return () => {
    const leftMs = Math.floor(until - clock.monotonic());
    if (leftMs < 1) throw new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field, expected: `over within ${ms} ms` });
    return leftMs;
  };
}
