import type { FailureGroup } from '../../api/types';

const DAY_MS = 86_400_000;

/** Counts of equal steps, the present one included. */
export interface RecentCounts {
  /** The beginnings of the steps, in milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly counts: readonly number[];
}

/** Returns the failures of a group in the day before an instant, by steps of a length. */
export function recentCounts({ recent }: FailureGroup, nowMs: number, stepMs: number): RecentCounts {
  const endMs = Math.floor(nowMs / stepMs) * stepMs + stepMs;
  const steps = DAY_MS / stepMs;
  const times = Array.from({ length: steps }, (_, index) => endMs - (steps - index) * stepMs);
  const counts = times.map(() => 0);
  for (const { at, count } of recent) {
    const index = Math.floor((Date.parse(at) - (times[0] as number)) / stepMs);
    if (index >= 0 && index < steps) counts[index] = (counts[index] as number) + count;
  }
  return { times, counts };
}
