import { HOUR, MINUTE, SECOND } from '../../constants/limits';

/** The upper bounds of the buckets of waiting and running times, in milliseconds. What is longer than the last one is in a bucket of its own. */
export const TIME_BUCKETS_MS: readonly number[] = Object.freeze([
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND],
  ...[MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR],
]);

/** Counts by bucket. */
export type Histogram = number[];

export const emptyHistogram = (): Histogram => Array.from({ length: TIME_BUCKETS_MS.length + 1 }, () => 0);

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
  (histogram[low] as number) += 1;
}

/** Adds the counts of a histogram, which may leave out zeros at its end. */
export function addHistogram(to: Histogram, from: readonly number[]): void {
  from.forEach((count, bucket) => bucket < to.length && ((to[bucket] as number) += count));
}

/** Leaves out the zeros at the end. */
export const shortHistogram = (histogram: Histogram): number[] => histogram.slice(0, histogram.findLastIndex((count) => count > 0) + 1);

/** A distribution of times, as `store.statistics.read` shows it. */
export interface TimesView {
  /** The number of times. */
  readonly count: number;
  /** The median in milliseconds, as near as the buckets tell; null if there are no times. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** The number of times in each bucket of `TIME_BUCKETS_MS`, and last the number of those that are longer. */
  readonly buckets: readonly number[];
}

/** Returns the view of a histogram. */
export const viewTimes = (histogram: Histogram): TimesView => ({
  count: histogram.reduce((sum, count) => sum + count, 0),
  p50: quantileOf(histogram, 0.5),
  p95: quantileOf(histogram, 0.95),
  p99: quantileOf(histogram, 0.99),
  buckets: [...histogram],
});

/** Returns a quantile, as if the times of a bucket were spread evenly over it. The last bucket has no end, and counts as its beginning. */
export function quantileOf(histogram: Histogram, share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let left = share * total;
  for (const [bucket, count] of histogram.entries()) {
    const from = bucket === 0 ? 0 : (TIME_BUCKETS_MS[bucket - 1] as number);
    if (count > 0 && left <= count) return from + ((TIME_BUCKETS_MS[bucket] ?? from) - from) * (left / count);
    left -= count;
  }
  return null;
}
