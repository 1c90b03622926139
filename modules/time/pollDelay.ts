import type { WorkerOptions } from '../../config/optionTypes';
import type { Random } from './clock';
import { doubling } from './doubling';

/** Returns the delay after a number of consecutive empty claims: doubled each time between the bounds, a quarter of it random. */
export const pollDelay = (emptyClaims: number, { minMs, maxMs }: WorkerOptions['pollInterval'], random: Random): number =>
  doubling(minMs, emptyClaims - 1, maxMs) * (0.75 + random() / 4);
