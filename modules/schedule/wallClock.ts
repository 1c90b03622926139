import { DAY } from '../../constants/limits';

/** Returns the offset from UTC at an instant, in milliseconds. */
type OffsetAt = (atMs: number) => number;

const readers = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns the instant of a local time in a zone: the first one if clocks show it twice, and the end of the gap if they skip it.
 *
 * @param localMs the local time, encoded as if it were UTC.
 */
export function instantOf(localMs: number, timeZone: string): number {
  const offsetAt = offsetsOf(timeZone);
  const early = localMs - offsetAt(localMs - DAY);
  const late = localMs - offsetAt(localMs + DAY);
  const shown = [early, late].filter((at) => at + offsetAt(at) === localMs);
  return shown.length > 0 ? Math.min(...shown) : jumpBetween(Math.min(early, late), Math.max(early, late), offsetAt);
}

/** Returns the local time of an instant, encoded as if it were UTC. */
export const localOf = (atMs: number, timeZone: string): number => atMs + offsetsOf(timeZone)(atMs);

/** Returns the first instant at which the offset at the end of the range applies. */
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
