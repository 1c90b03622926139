import { SECOND } from '../../constants/limits';

/**
 * A look at all of an index walks over what claims have left dead. It comes every two seconds; one that took long is followed by so many times that
 * time without one, at most by twenty seconds.
 */
const EVERY_MS = 2 * SECOND;
const RESTS = 200;
const LONGEST_MS = 20 * SECOND;

/**
 * Returns how many milliseconds after a look at all of an index the next one comes.
 *
 * @param times how many times longer it may wait, where other processes look as well.
 */
export const restAfterLook = (tookMs: number, times = 1): number => Math.min(LONGEST_MS, times * Math.max(EVERY_MS, RESTS * tookMs));
