import { BULK_TASKS } from '../../constants/limits';

/** The tasks of the first part: how large they are is not known yet. */
export const FIRST_LIMIT = 250;

const LEAST = 10;

/** A part that takes less time may be followed by one of twice as many tasks; one that takes more, by one of half. A file answers nothing else meanwhile. */
const SHORT_MS = 10;
const LONG_MS = 40;

/** Returns the most tasks of the next part. */
export function nextLimit(limit: number, tookMs: number): number {
  if (tookMs > LONG_MS) return Math.max(LEAST, Math.floor(limit / 2));
  return tookMs < SHORT_MS ? Math.min(BULK_TASKS, limit * 2) : limit;
}

/** Returns the most tasks of a part under a limit of tasks a second, so that there are two parts a second at least. */
export const limitAtRate = (limit: number, ratePerSecond: number | undefined): number =>
  ratePerSecond === undefined ? limit : Math.max(1, Math.min(limit, Math.ceil(ratePerSecond / 2)));

/** Returns the time to wait after a part, so that no more tasks a second are changed. */
export const pauseMs = (changed: number, tookMs: number, ratePerSecond: number | undefined): number =>
  ratePerSecond === undefined ? 0 : Math.max(0, (changed / ratePerSecond) * 1_000 - tookMs);
