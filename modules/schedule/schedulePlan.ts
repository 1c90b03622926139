import type { RepeatOptions, ScheduleOptions } from '../../config/optionTypes';
import { HoldfastError } from '../errors/holdfastError';
import { checkCron } from './occurrences';
import type { SchedulePlan, Timing } from './schedule';

type TimingOptions = Pick<RepeatOptions, 'cron' | 'everyMs' | 'at' | 'timeZone' | 'startAt' | 'endAt'>;

type Rules = Pick<ScheduleOptions, 'jitterMs' | 'overlap' | 'misfire' | 'misfireLimit' | 'misfireAfterMs'>;

/**
 * Checks the timing in options, without a store.
 *
 * @param field the name of the options in errors, such as `repeat`.
 * @throws HOLDFAST_OPTION_INVALID unless exactly one of cron, everyMs and at is given and valid, HOLDFAST_SCHEDULE_NEVER.
 */
export function checkTiming({ cron, everyMs, at, timeZone, startAt, endAt }: TimingOptions, field: string): void {
  if ([cron, everyMs, at].filter((given) => given !== undefined).length !== 1) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'given one of cron, everyMs and at' });
  }
  if (startAt && endAt && startAt > endAt) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: `${field}.endAt`, expected: 'after startAt' });
  if (cron !== undefined) checkCron(cron, timeZone, field);
}

/** Makes the timing of checked options. An interval without a start begins now. */
export function timingOf({ cron, everyMs, at, timeZone, startAt, endAt }: TimingOptions, nowMs: number): Timing {
  const bounds = { startMs: startAt?.getTime() ?? null, endMs: endAt?.getTime() ?? null };
  if (cron !== undefined) return { kind: 'cron', cron, timeZone, bounds };
  if (everyMs !== undefined) return { kind: 'every', everyMs, anchorMs: bounds.startMs ?? nowMs + everyMs, bounds };
  return { kind: 'once', atMs: at?.getTime() ?? 0, bounds };
}

/** Copies the options that are the same in a plan. */
export const rulesOf = ({ jitterMs, overlap, misfire, misfireLimit, misfireAfterMs }: Rules): Rules => ({
  jitterMs,
  overlap,
  misfire,
  misfireLimit,
  misfireAfterMs,
});

/** Tells whether two plans are equal, except for the start of an interval. */
export const isSamePlan = (one: SchedulePlan, other: SchedulePlan): boolean =>
  JSON.stringify({ ...one, timing: null }) === JSON.stringify({ ...other, timing: null }) && isSameTiming(one.timing, other.timing);

/** Tells whether two timings are equal. The start of an interval counts only if it was given. */
export const isSameTiming = (one: Timing, other: Timing): boolean => JSON.stringify(withoutAnchor(one)) === JSON.stringify(withoutAnchor(other));

const withoutAnchor = (timing: Timing): Timing => (timing.kind === 'every' && timing.bounds.startMs === null ? { ...timing, anchorMs: 0 } : timing);
