import { MINUTE, SECOND } from '../../constants/limits';

/** A time in which no process looked for due schedules. */
export interface Absence {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a store knows of the looks of processes: at all schedules of a namespace that no code declares, or at a declared one. */
export interface Attendance {
  /** The last look that was noted, or null. */
  readonly lookedMs: number | null;
  /** The last absence, or null. */
  readonly away: Absence | null;
}

/** A look to be noted, in milliseconds of the store. */
export interface Note {
  readonly nowMs: number;
  /** A note that is younger stays as it is. */
  readonly everyMs: number;
  /** If the last note is older, no process looked in between. */
  readonly absentMs: number;
}

/** Time after which a process notes its look again. */
export const NOTE_EVERY_MS = 2 * SECOND;

/** Age of a note after which no process is up. Two notes in a row may be late by a second and a half. */
export const ABSENT_MS = 5 * SECOND;

/** Longest standstill of a process that counts as being up. A machine that sleeps stands still for longer. */
export const STANDSTILL_MS = MINUTE;

/** Nothing is known before the first look. */
export const NEVER_ATTENDED: Attendance = Object.freeze({ lookedMs: null, away: null });

/** Notes a look. A clock that was set back is followed. */
export function noteLook(before: Attendance, { nowMs, everyMs, absentMs }: Note): Attendance {
  const lookedMs = before.lookedMs ?? 0;
  if (Math.abs(nowMs - lookedMs) < everyMs) return before;
  return { lookedMs: nowMs, away: nowMs - lookedMs > absentMs ? { fromMs: lookedMs, toMs: nowMs } : before.away };
}

/** Returns the last absence as of now. If the last note is old, the absence goes on. */
export const absenceOf = (attendance: Attendance, nowMs: number): Absence | null =>
  noteLook(attendance, { nowMs, everyMs: 0, absentMs: ABSENT_MS }).away;

/** Returns the instant before which occurrences count as missed: those that waited for longer than so many milliseconds while no process was up. */
export function missedBefore(away: Absence | null, misfireAfterMs: number): number {
  const isLong = away !== null && away.toMs - away.fromMs > misfireAfterMs;
  return isLong ? away.toMs - misfireAfterMs : -Infinity;
}
