import { latestBetween, nextOf } from './occurrences';
import type { NextAfter } from './occurrences';
import { occurrenceId, PENDING_MS, wakeOf } from './schedule';
import type { Schedule, SchedulePlan } from './schedule';

/** What is written to a schedule when a process has looked at it, and what it says of it. */
export interface Firing {
  readonly schedule: Schedule;
  /** The occurrences whose tasks are to be added, in order. */
  readonly fire: readonly number[];
  /** Some occurrences were left out, because they were missed or the last run goes on. */
  readonly skipped: 'missed' | 'overlap' | null;
}

/** What a look at a schedule must know. */
export interface Look {
  /** The time of the store. */
  readonly nowMs: number;
  /** The task of the last occurrence still waits or runs. */
  readonly isLastLive: boolean;
}

/**
 * Decides what a look at a schedule whose `wakeMs` has come brings: the occurrences to fire, and the schedule as it is to be written before their tasks are
 * added, with them as pending. Null where there is nothing to do.
 */
export function decideFiring(schedule: Schedule, { nowMs, isLastLive }: Look): Firing | null {
  if (schedule.pending.length > 0) return takeOver(schedule, nowMs);
  if (schedule.paused || schedule.nextMs === null || schedule.nextMs > nowMs) return null;
  const next = nextOf(schedule.plan.timing);
  const { fire, missed } = dueOf(schedule.plan, next, schedule.nextMs, nowMs);
  const { overlap } = schedule.plan;
  const allowed = overlap === 'allow' ? fire : isLastLive ? [] : fire.slice(-1);
  const skipped = allowed.length < fire.length ? 'overlap' : missed ? 'missed' : null;
  return { schedule: moveOn(schedule, allowed, next(nowMs), nowMs), fire: allowed, skipped };
}

/**
 * The tasks of which none may go on where runs must not overlap: that of the last occurrence, and that of a later run by hand.
 *
 * One that succeeded has ended for good; one that is dead may have been redriven.
 */
export function mayGoOn({ seed, plan, firedMs, lastTaskId, lastOutcome }: Schedule): string[] {
  if (plan.overlap === 'allow') return [];
  const fired = firedMs === null ? null : occurrenceId(seed, firedMs);
  const ended = lastOutcome?.state === 'succeeded' ? lastTaskId : null;
  return [...new Set([fired, lastTaskId])].filter((id) => id !== null && id !== ended) as string[];
}

/** The schedule when the tasks of some occurrences are in the store; the same where none of them is pending. */
export function withoutPending(schedule: Schedule, added: readonly number[]): Schedule {
  const pending = schedule.pending.filter((at) => !added.includes(at));
  if (pending.length === schedule.pending.length) return schedule;
  return { ...schedule, pending, wakeMs: pending.length > 0 ? schedule.wakeMs : wakeOf(schedule) };
}

/** The occurrences that come now: those in time, and of the missed ones what the plan says. */
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

/** A schedule of every second that is looked at a minute late. */
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

/** Who took its occurrences has not added their tasks in time; adding them again is harmless. */
const takeOver = (schedule: Schedule, nowMs: number): Firing => ({
  schedule: { ...schedule, wakeMs: nowMs + PENDING_MS },
  fire: schedule.pending,
  skipped: null,
});
