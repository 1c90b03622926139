import { DAY } from '../../constants/limits';

/** Returns what is to be added to an instant to get the local time, in milliseconds. */
type OffsetAt = (atMs: number) => number;

const readers = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns the instant at which the clocks of a zone show a local time: the first one where they show it twice, and the end of the gap where they never do.
 *
 * @param localMs the local time, as if it were one of UTC.
 */
export function instantOf(localMs: number, timeZone: string): number {
  const offsetAt = offsetsOf(timeZone);
  const early = localMs - offsetAt(localMs - DAY);
  const late = localMs - offsetAt(localMs + DAY);
  const shown = [early, late].filter((at) => at + offsetAt(at) === localMs);
  return shown.length > 0 ? Math.min(...shown) : jumpBetween(Math.min(early, late), Math.max(early, late), offsetAt);
}

/** Returns the local time of an instant, as if it were one of UTC. */
export const localOf = (atMs: number, timeZone: string): number => atMs + offsetsOf(timeZone)(atMs);

/** Returns the first instant of the offset that holds at the end. */
function jumpBetween(fromMs: number, toMs: number, offsetAt: OffsetAt): number {
  const after = offsetAt(toMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

const offsetsOf =
  (timeZone: string): OffsetAt =>
  (atMs) => {
    const wholeMs = Math.floor(atMs / 1000) * 1000;
    const parts = readerOf(timeZone).formatToParts(wholeMs);
    const read = (wanted: Intl.DateTimeFormatPartTypes): number => Number(parts.find(({ type }) => type === wanted)?.value);
    return Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second')) - wholeMs;
  };

function readerOf(timeZone: string): Intl.DateTimeFormat {
  const known = readers.get(timeZone);
  if (known) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
  const reader = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...numeric });
  readers.set(timeZone, reader);
  return reader;
}
