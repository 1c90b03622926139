import { isHoldfastError } from '../../modules/errors/holdfastError';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { sleep } from '../../modules/time/clock';
import type { Surroundings } from '../../modules/time/clock';

/** The number of times that a call is sent, like an insert. */
const TRIES = 3;

/**
 * Sends a call again where the connection to the server was lost, while its time lasts. The call may then be carried out twice, so it must have the
 * same end and the same answer as once.
 */
export async function repeated<T>(run: () => Promise<T>, timeMs: number, { clock, random }: Surroundings): Promise<T> {
  const until = clock.monotonic() + timeMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      const delayMs = callRetryDelay(tries, random);
      const isOver = tries >= TRIES || clock.monotonic() + delayMs >= until;
      if (isOver || !isHoldfastError(error, 'HOLDFAST_STORE_UNREACHABLE')) throw error;
      await sleep(clock, delayMs);
    }
  }
}
