import type { RepeatOptions, ScheduleOptions } from '../../config/optionTypes';
import { HoldfastError } from '../errors/holdfastError';
import { checkCron } from './occurrences';
import type { SchedulePlan, Timing } from './schedule';

type TimingOptions = Pick<RepeatOptions, 'cron' | 'everyMs' | 'at' | 'timeZone' | 'startAt' | 'endAt'>;

type Rules = Pick<ScheduleOptions, 'jitterMs' | 'overlap' | 'misfire' | 'misfireLimit' | 'misfireAfterMs'>;

/**
 * Checks what options say of time, without a store.
 *
 * @param field names the options in errors, as `repeat`.
 * @throws HOLDFAST_OPTION_INVALID where not just one of cron, everyMs and at is given or one cannot be read, HOLDFAST_SCHEDULE_NEVER.
 */
export function checkTiming({ cron, everyMs, at, timeZone, startAt, endAt }: TimingOptions, field: string): void {
  if ([cron, everyMs, at].filter((given) => given !== undefined).length !== 1) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'given one of cron, everyMs and at' });
  }
  if (startAt && endAt && startAt > endAt) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: `${field}.endAt`, expected: 'after startAt' });
  if (cron !== undefined) checkCron(cron, timeZone, field);
}

/** Makes a timing of options that were checked; an interval without a start begins now. */
export function timingOf({ cron, everyMs, at, timeZone, startAt, endAt }: TimingOptions, nowMs: number): Timing {
  const bounds = { startMs: startAt?.getTime() ?? null, endMs: endAt?.getTime() ?? null };
  if (cron !== undefined) return { kind: 'cron', cron, timeZone, bounds };
  if (everyMs !== undefined) return { kind: 'every', everyMs, anchorMs: bounds.startMs ?? nowMs + everyMs, bounds };
  return { kind: 'once', atMs: at?.getTime() ?? 0, bounds };
}

/** What of resolved options is the same in a plan. */
export const rulesOf = ({ jitterMs, overlap, misfire, misfireLimit, misfireAfterMs }: Rules): Rules => ({
  jitterMs,
  overlap,
  misfire,
  misfireLimit,
  misfireAfterMs,
});

/** Tells whether two plans are alike; where an interval began does not matter. */
export const isSamePlan = (one: SchedulePlan, other: SchedulePlan): boolean =>
  JSON.stringify(withoutAnchor(one)) === JSON.stringify(withoutAnchor(other));

const withoutAnchor = (plan: SchedulePlan): SchedulePlan =>
  plan.timing.kind === 'every' && plan.timing.bounds.startMs === null ? { ...plan, timing: { ...plan.timing, anchorMs: 0 } } : plan;
