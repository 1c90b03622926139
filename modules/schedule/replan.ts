import { nextOf } from './occurrences';
import { takeDue } from './firing';
import type { Look } from './firing';
import { newSchedule, wakeOf } from './schedule';
import type { Schedule, SchedulePlan, Timing } from './schedule';
import { isSameTiming } from './schedulePlan';

/** A schedule with a new plan, ready to be written. */
export interface Replanned {
  readonly schedule: Schedule;
  /** Reason why occurrences of the old plan were skipped. */
  readonly skipped: 'missed' | 'overlap' | null;
}

/** The new plan, and whether it is declared in code. */
interface Wanted {
  readonly plan: SchedulePlan;
  readonly declared: boolean;
}

/**
 * Gives a stored schedule another plan, or makes a schedule of none.
 *
 * If the timing is the same, the occurrences go on as they would have, and those that are due fire by the new plan. Another timing begins now. What was
 * due before is decided by the old plan, and becomes pending: its tasks are made by the new plan, which is that of the code that handles them.
 */
export function replan(stored: Schedule, { plan, declared }: Wanted, look: Look): Replanned {
  const timing = anchored(plan.timing, stored.plan.timing);
  const wanted = { plan: { ...plan, timing }, declared };
  if (isSameTiming(stored.plan.timing, timing)) return { schedule: awake({ ...stored, ...wanted }), skipped: null };
  const handled = takeDue(stored, look);
  const due = handled?.fire ?? [];
  const pending = [...stored.pending, ...due];
  const base = { ...(handled?.schedule ?? stored), ...wanted, pending, nextMs: nextOf(timing)(look.nowMs) };
  const skipped = handled?.skipped ?? null;
  return { schedule: due.length > 0 ? { ...base, wakeMs: look.nowMs } : awake({ ...base, wakeMs: stored.wakeMs }), skipped };
}

/** Makes a schedule that is not stored yet. */
export function firstPlan(id: string, { plan, declared }: Wanted, nowMs: number): Schedule {
  return awake({ ...newSchedule(id, plan), declared, nextMs: nextOf(plan.timing)(nowMs) });
}

/** Sets the time of the next look. A process that has pending occurrences keeps its time to add their tasks. */
export const awake = (schedule: Schedule): Schedule => (schedule.pending.length > 0 ? schedule : { ...schedule, wakeMs: wakeOf(schedule) });

/** Keeps the start of an interval while its length is the same and no start is given. */
function anchored(timing: Timing, stored: Timing): Timing {
  if (timing.kind !== 'every' || stored.kind !== 'every') return timing;
  const isSame = timing.everyMs === stored.everyMs && timing.bounds.startMs === null && stored.bounds.startMs === null;
  return isSame ? { ...timing, anchorMs: stored.anchorMs } : timing;
}
