import { latestBetween, nextOf } from './occurrences';
import type { NextAfter } from './occurrences';
import { occurrenceId, PENDING_MS, wakeOf } from './schedule';
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
}

/**
 * Decides about a schedule whose `wakeMs` has come: returns the occurrences to fire, and the schedule to write before their tasks are added, with the
 * occurrences as pending. Returns null if there is nothing to do.
 */
export const decideFiring = (schedule: Schedule, look: Look): Firing | null =>
  schedule.pending.length > 0 ? takeOver(schedule, look.nowMs) : takeDue(schedule, look);

/** Decides about the occurrences that are due and that no process has taken. Returns null if there are none. */
export function takeDue(schedule: Schedule, { nowMs, isLastLive }: Look): Firing | null {
  if (schedule.paused || schedule.nextMs === null || schedule.nextMs > nowMs) return null;
  const next = nextOf(schedule.plan.timing);
  const { fire, missed } = dueOf(schedule.plan, next, schedule.nextMs, nowMs);
  const { overlap } = schedule.plan;
  const allowed = overlap === 'allow' ? fire : isLastLive ? [] : fire.slice(-1);
  const skipped = allowed.length < fire.length ? 'overlap' : missed ? 'missed' : null;
  return { schedule: moveOn(schedule, allowed, next(nowMs), nowMs), fire: allowed, skipped };
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

/** Returns the occurrences to fire now: those in time, and of the missed ones those that the plan allows. */
function dueOf(plan: SchedulePlan, next: NextAfter, nextMs: number, nowMs: number): { readonly fire: number[]; readonly missed: boolean } {
  const { misfire, misfireLimit, misfireAfterMs } = plan;
  const lateMs = nowMs - misfireAfterMs;
  const inTime = latestBetween(next, Math.max(nextMs, lateMs), nowMs, MOST_IN_TIME);
  if (nextMs >= lateMs) return { fire: inTime, missed: false };
  if (misfire === 'skip') return { fire: inTime, missed: true };
  const count = misfire === 'all' ? misfireLimit : inTime.length > 0 ? 0 : 1;
  const missed = count === 0 ? [] : latestBetween(next, nextMs, lateMs - 1, count);
  return { fire: [...missed, ...inTime], missed: misfire === 'one' ? inTime.length > 0 : missed[0] !== nextMs };
}

/** Maximum number of occurrences in time at one look. */
const MOST_IN_TIME = 1_000;

function moveOn(schedule: Schedule, fire: readonly number[], nextMs: number | null, nowMs: number): Schedule {
  const last = fire.at(-1);
  if (last === undefined) return { ...schedule, nextMs, wakeMs: wakeOf({ ...schedule, nextMs }) };
  return {
    ...schedule,
    nextMs,
    pending: fire,
    wakeMs: nowMs + PENDING_MS,
    firedMs: last,
    lastMs: last,
    lastTaskId: occurrenceId(schedule.seed, last),
    lastOutcome: null,
  };
}

/** Fires the pending occurrences of a process that has not added their tasks in time. Adding them again is harmless. */
const takeOver = (schedule: Schedule, nowMs: number): Firing => ({
  schedule: { ...schedule, wakeMs: nowMs + PENDING_MS },
  fire: schedule.pending,
  skipped: null,
});
