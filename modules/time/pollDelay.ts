import type { WorkerOptions } from '../../config/optionTypes';
import type { Random } from './clock';

/** The wait after so many empty claims in a row: doubled each time between the bounds, a quarter of it random. */
export function pollDelay(emptyClaims: number, { minMs, maxMs }: WorkerOptions['pollInterval'], random: Random): number {
  const delayMs = Math.min(maxMs, minMs * 2 ** Math.min(emptyClaims - 1, 30));
  return delayMs * (0.75 + random() / 4);
}
