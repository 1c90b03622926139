import { BULK_TASKS } from '../../constants/limits';

/** The tasks of the first part: how large they are is not known yet. */
export const FIRST_LIMIT = 250;

const LEAST = 10;

/** How much larger or smaller the next part may be: one part alone may have been held up by something else. */
const GROWTH = 2;
const SHRINKAGE = 4;

/** Returns the most tasks of the next part, so that it takes about the time that a part should take. */
export function nextLimit(limit: number, tookMs: number, partMs: number): number {
  const fitting = (limit * partMs) / Math.max(tookMs, 1);
  const bounded = Math.min(Math.max(fitting, limit / SHRINKAGE), limit * GROWTH);
  return Math.floor(Math.min(Math.max(bounded, LEAST), BULK_TASKS));
}

/** Returns the most tasks of a part under a limit of tasks a second, so that there are two parts a second at least. */
export const limitAtRate = (limit: number, ratePerSecond: number | undefined): number =>
  ratePerSecond === undefined ? limit : Math.max(1, Math.min(limit, Math.ceil(ratePerSecond / 2)));

/** Returns the time to wait after a part, so that no more tasks a second are changed. */
export const pauseMs = (changed: number, tookMs: number, ratePerSecond: number | undefined): number =>
  ratePerSecond === undefined ? 0 : Math.max(0, (changed / ratePerSecond) * 1_000 - tookMs);
