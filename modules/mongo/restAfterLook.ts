import { SECOND } from '../../constants/limits';

/**
 * A scan of a whole index walks over the keys that claims have left dead. It comes every two seconds. After a slow one the next comes 200 times its
 * duration later, at most 20 seconds.
 */
const EVERY_MS = 2 * SECOND;
const RESTS = 200;
const LONGEST_MS = 20 * SECOND;

/**
 * Returns the milliseconds from one scan of a whole index to the next.
 *
 * @param times stretches the time, where other processes scan as well.
 */
export const restAfterLook = (tookMs: number, times = 1): number => Math.min(LONGEST_MS, times * Math.max(EVERY_MS, RESTS * tookMs));
