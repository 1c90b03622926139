import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';

/** Time for the way of a command and its answer, over that of the work on the server. */
const WAY_MS = SECOND / 2;

/** What the driver is told of the limit of a command. */
export interface Limit {
  readonly signal: AbortSignal;
}

/** Where commands get their limits from. */
export interface Limits {
  readonly clock: Pick<Clock, 'after'>;
  /** Time for the work of a command that names none. */
  readonly workMs: number;
}

/**
 * Runs a command that is over after a time, answered or not. The driver has no limit of its own on the connection of a caller who set none, and
 * `maxTimeMS` limits the server only: where a connection is silent, no answer says that the time is over.
 *
 * The signal ends the command in the driver as well: it waits for no server and no connection any more, so that it is not sent later, and a silent
 * connection is closed, so that it does not stay in use. Drivers before 6.13 know no signal.
 *
 * @param field the command, as the error names it.
 * @throws HOLDFAST_STORE_TIMEOUT
 */
export function limited<T>(run: (limit: Limit) => Promise<T>, field: string, limitMs: number, clock: Pick<Clock, 'after'>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    const cancel = clock.after(limitMs, () => {
      const over = new HoldfastError('HOLDFAST_STORE_TIMEOUT', { field, expected: `answered within ${limitMs} ms` });
      reject(over);
      ending.abort(over);
    });
    // A synchronous throw of the driver ends the command too.
    void new Promise<T>((answer) => answer(run({ signal: ending.signal }))).then(resolve, reject).finally(cancel);
  });
}

/** Runs a command within the limits: the time of its work, and that of its way. */
export const withinLimits = <T>(
  { clock, workMs }: Limits,
  field: string,
  maxTimeMS: number | undefined,
  run: (limit: Limit) => Promise<T>,
): Promise<T> => limited(run, field, (maxTimeMS ?? workMs) + WAY_MS, clock);
