import { missedBefore } from './attendance';
import type { Absence } from './attendance';
import { earliestBetween, latestBetween, nextOf } from './occurrences';
import type { NextAfter } from './occurrences';
import { occurrenceId, wakeOf } from './schedule';
import type { Schedule, SchedulePlan } from './schedule';

/** Result of a look at a due schedule. */
export interface Firing {
  readonly schedule: Schedule;
  /** Occurrences whose tasks are to be added, in order. */
  readonly fire: readonly number[];
  /** Reason why occurrences were skipped: they were missed, or the previous task goes on. */
  readonly skipped: 'missed' | 'overlap' | null;
}

/** Facts on which a look depends. */
export interface Look {
  /** Time of the store. */
  readonly nowMs: number;
  /** Whether the task of the last occurrence still waits or runs. */
  readonly isLastLive: boolean;
  /** The last time in which no process was up, or null. */
  readonly away: Absence | null;
  /** Time in which only the process that takes an occurrence adds its task. Afterwards any process does. */
  readonly holdMs: number;
}

/**
 * Decides about a schedule whose `wakeMs` has come: returns the occurrences to fire, and the schedule to write before their tasks are added, with the
 * occurrences as pending. Returns null if there is nothing to do.
 */
export const decideFiring = (schedule: Schedule, look: Look): Firing | null =>
  schedule.pending.length > 0 ? takeOver(schedule, look) : takeDue(schedule, look);

/** Decides about the occurrences that are due and that no process has taken. Returns null if there are none. */
export function takeDue(schedule: Schedule, look: Look): Firing | null {
  const { nextMs, paused, plan } = schedule;
  if (paused || nextMs === null || nextMs > look.nowMs) return null;
  const due = dueOf(schedule.plan, nextMs, look);
  const allowed = plan.overlap === 'allow' ? due.fire : look.isLastLive ? [] : due.fire.slice(-1);
  const skipped = allowed.length < due.fire.length ? 'overlap' : due.missed ? 'missed' : null;
  return { schedule: moveOn(schedule, allowed, due.nextMs, look), fire: allowed, skipped };
}

/**
 * Returns the ids of tasks that may still go on, if runs must not overlap: the task of the last occurrence, and that of a later run by hand.
 *
 * A succeeded task has ended for good. A dead one may have been redriven.
 */
export function mayGoOn({ seed, plan, firedMs, lastTaskId, lastOutcome }: Schedule): string[] {
  if (plan.overlap === 'allow') return [];
  const fired = firedMs === null ? null : occurrenceId(seed, firedMs);
  const ended = lastOutcome?.state === 'succeeded' ? lastTaskId : null;
  return [...new Set([fired, lastTaskId])].filter((id) => id !== null && id !== ended) as string[];
}

/** Returns the schedule without some pending occurrences, or the same object if none of them is pending. */
export function withoutPending(schedule: Schedule, added: readonly number[]): Schedule {
  const pending = schedule.pending.filter((at) => !added.includes(at));
  if (pending.length === schedule.pending.length) return schedule;
  return { ...schedule, pending, wakeMs: pending.length > 0 ? schedule.wakeMs : wakeOf(schedule) };
}

/** The occurrences to fire now, and the one after them. */
interface Due {
  readonly fire: readonly number[];
  /** Whether missed ones are left out. */
  readonly missed: boolean;
  readonly nextMs: number | null;
}

/** Returns the occurrences to fire now: of the missed ones those that the plan allows, and those that are late, the oldest first. */
function dueOf({ timing, overlap, misfire, misfireLimit, misfireAfterMs }: SchedulePlan, nextMs: number, { nowMs, away }: Look): Due {
  const next = nextOf(timing);
  const lateFromMs = missedBefore(away, misfireAfterMs);
  const late = lateOf(next, Math.max(nextMs, lateFromMs), nowMs, overlap === 'skip');
  if (nextMs >= lateFromMs) return { ...late, missed: false };
  if (misfire === 'skip') return { ...late, missed: true };
  const count = misfire === 'all' ? misfireLimit : late.fire.length > 0 ? 0 : 1;
  const missed = count === 0 ? [] : latestBetween(next, nextMs, Math.min(lateFromMs - 1, nowMs), count);
  return { ...late, fire: [...missed, ...late.fire], missed: misfire === 'one' ? late.fire.length > 0 : missed[0] !== nextMs };
}

/** Maximum number of late occurrences at one look. The next look goes on behind them. */
const MOST_LATE = 100;

/** Returns late occurrences. If runs must not overlap, only the last counts, and all others would be skipped. */
function lateOf(next: NextAfter, fromMs: number, nowMs: number, isAlone: boolean): Pick<Due, 'fire' | 'nextMs'> {
  if (isAlone) return { fire: latestBetween(next, fromMs, nowMs, 2), nextMs: next(nowMs) };
  const fire = earliestBetween(next, fromMs, nowMs, MOST_LATE);
  return { fire, nextMs: next(fire.at(-1) ?? nowMs) };
}

function moveOn(schedule: Schedule, fire: readonly number[], nextMs: number | null, { nowMs, holdMs }: Look): Schedule {
  const last = fire.at(-1);
  if (last === undefined) return { ...schedule, nextMs, wakeMs: wakeOf({ ...schedule, nextMs }) };
  return {
    ...schedule,
    nextMs,
    pending: fire,
    wakeMs: nowMs + holdMs,
    firedMs: last,
    lastMs: last,
    lastTaskId: occurrenceId(schedule.seed, last),
    lastOutcome: null,
  };
}

/** Fires the pending occurrences of a process that has not added their tasks in time. Adding them again is harmless. */
const takeOver = (schedule: Schedule, { nowMs, holdMs }: Look): Firing => ({
  schedule: { ...schedule, wakeMs: nowMs + holdMs },
  fire: schedule.pending,
  skipped: null,
});
