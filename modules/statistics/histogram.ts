import { HOUR, MINUTE, SECOND } from '../../constants/limits';

/** The upper bounds of the buckets of waiting and running times, in milliseconds. What is longer than the last one is in a bucket of its own. */
export const TIME_BUCKETS_MS: readonly number[] = Object.freeze([
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND],
  ...[MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR],
]);

/** Times by bucket. */
export interface Histogram {
  readonly counts: number[];
  /** The longest time, in milliseconds; 0 if there is none. */
  longestMs: number;
}

export const emptyHistogram = (): Histogram => ({ counts: Array.from({ length: TIME_BUCKETS_MS.length + 1 }, () => 0), longestMs: 0 });

/** The same bounds, in the form that is read fastest. */
const BOUNDS = Float64Array.from(TIME_BUCKETS_MS);

/** Counts a time. Halving finds the bucket of a second in a fifth of the time that one bucket after the other takes: what a backlog waits is long. */
export function countTime(histogram: Histogram, ms: number): void {
  let low = 0;
  let high = BOUNDS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms > (BOUNDS[middle] as number)) low = middle + 1;
    else high = middle;
  }
  (histogram.counts[low] as number) += 1;
  if (ms > histogram.longestMs) histogram.longestMs = ms;
}

/** Adds the times of a histogram, which may leave out zeros at its end. */
export function addHistogram(to: Histogram, { counts, longestMs }: Readonly<Histogram>): void {
  counts.forEach((count, bucket) => bucket < to.counts.length && ((to.counts[bucket] as number) += count));
  if (longestMs > to.longestMs) to.longestMs = longestMs;
}

/** Returns the counts without the zeros at the end. */
export const shortCounts = ({ counts }: Histogram): number[] => counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);

/** A distribution of times, as `store.statistics.read` shows it. */
export interface TimesView {
  /** The number of times. */
  readonly count: number;
  /** The median in whole milliseconds, as near as the buckets tell, and never longer than the longest time; null if there are no times. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** The number of times in each bucket of `TIME_BUCKETS_MS`, and last the number of those that are longer. */
  readonly buckets: readonly number[];
}

/** Returns the view of a histogram. */
export const viewTimes = (histogram: Histogram): TimesView => ({
  count: countOf(histogram),
  p50: quantileOf(histogram, 0.5),
  p95: quantileOf(histogram, 0.95),
  p99: quantileOf(histogram, 0.99),
  buckets: [...histogram.counts],
});

/**
 * Returns a quantile in whole milliseconds, as if the times of a bucket were spread evenly over it. The longest time ends the bucket that it is in: a
 * minute and a bit is in the bucket up to five minutes.
 */
export function quantileOf(histogram: Histogram, share: number): number | null {
  const { counts, longestMs } = histogram;
  let left = share * countOf(histogram);
  for (const [bucket, count] of counts.entries()) {
    const from = bucket === 0 ? 0 : (TIME_BUCKETS_MS[bucket - 1] as number);
    const to = Math.max(from, Math.min(TIME_BUCKETS_MS[bucket] ?? Infinity, longestMs));
    if (count > 0 && left <= count) return Math.round(from + (to - from) * (left / count));
    left -= count;
  }
  return null;
}

const countOf = ({ counts }: Histogram): number => counts.reduce((sum, count) => sum + count, 0);
