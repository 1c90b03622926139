import type { FinishedState } from '../../constants/states';
import type { Attendance, Note } from '../schedule/attendance';
import type { Schedule } from '../schedule/schedule';

/** A part of the due schedules to be claimed. */
export interface DueRequest {
  /** Ids of the schedules declared in the code of this process. Others that code declares are left to their processes. */
  readonly declared: readonly string[];
  readonly limit: number;
  /** Time for which no other process claims them. */
  readonly holdMs: number;
}

/** The claimed schedules, and the time at which they were due. */
export interface DueSchedules {
  readonly schedules: readonly Schedule[];
  /** Whether more may be due now. */
  readonly isMoreDue: boolean;
  /** The store's time in milliseconds, never ahead of its clock. */
  readonly nowMs: number;
  /** The time of the next look at the other schedules; null for never. */
  readonly nextWakeMs: number | null;
}

/** The port of schedules. A store only compares and sets: `wakeMs` of a schedule says when to look at it. */
export interface ScheduleStore {
  /** Returns the store's time in milliseconds, never ahead of its clock. */
  now(): Promise<number>;

  /** Returns the next schedules, ordered by id: after the one of an id, or from the first. */
  list(limit: number, after?: string): Promise<Schedule[]>;

  /** Returns the schedule of an id, or null. */
  find(id: string): Promise<Schedule | null>;

  /**
   * Writes a schedule with `rev` + 1 if the stored one still has its `rev` and `seed`; a schedule with `rev` 0 is written if none is stored. Returns
   * whether it was written. The recorded outcome is left unchanged.
   */
  put(schedule: Schedule): Promise<boolean>;

  /** Removes a schedule. Returns whether there was one. */
  remove(id: string): Promise<boolean>;

  /**
   * Claims schedules whose `wakeMs` has come, those due for long before others: moves their `wakeMs` to the end of the hold and raises their `rev`, so
   * that no other process claims them before. Returns them as they are then.
   */
  claimDue(request: DueRequest): Promise<DueSchedules>;

  /**
   * Notes by `noteLook` that a process looks now, and returns what is known then.
   *
   * @param of the ids of declared schedules, or '' for all that no code declares.
   */
  attend(of: readonly string[], note: Omit<Note, 'nowMs'>): Promise<Attendance[]>;

  /** Returns what is known of the looks at one, and notes nothing. */
  attendance(of: string): Promise<Attendance>;

  /** Records how the task of the last occurrence ended. Does nothing if another occurrence has fired since. */
  noteOutcome(taskId: string, state: FinishedState): Promise<void>;
}
