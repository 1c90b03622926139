import type { Clock } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';

/**
 * Runs a command that is over after a time, answered or not. The driver has no limit of its own on the connection of a caller who set none.
 *
 * @param field the command, as the error names it.
 * @throws HOLDFAST_STORE_TIMEOUT
 */
export function limited<T>(run: () => Promise<T>, field: string, limitMs: number, clock: Pick<Clock, 'after'>): Promise<T> {
  return new Promise((resolve, reject) => {
    const expected = `answered within ${limitMs} ms`;
    const cancel = clock.after(limitMs, () => reject(new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field, expected })));
    void run().then(resolve, reject).finally(cancel);
  });
}
