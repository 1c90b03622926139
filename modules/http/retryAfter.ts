import { SECOND } from '../../constants/limits';

/** A date in one of the three forms of RFC 9110, all of which begin with the day of the week. */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/;

/**
 * Returns the delay that a `Retry-After` asks for, cut to the longest allowed. There is none if it is missing, asks for no delay, or is neither seconds
 * nor a date: the back-off of the task then decides.
 *
 * @param date the answer's own `Date`, by whose clock a date is meant.
 */
export function retryAfterMs(text: string | undefined, date: string | undefined, now: number, maxMs: number): number | undefined {
  const value = text?.trim() ?? '';
  const delayMs = /^\d+$/.test(value) ? Number(value) * SECOND : (instantOf(value) ?? NaN) - (instantOf(date ?? '') ?? now);
  return delayMs > 0 ? Math.min(delayMs, maxMs) : undefined;
}

function instantOf(text: string): number | undefined {
  const instant = DATE.test(text) ? Date.parse(/GMT$/.test(text) ? text : `${text} GMT`) : NaN;
  return Number.isNaN(instant) ? undefined : instant;
}
