import type { FinishedState } from '../../constants/states';
import type { Schedule } from '../schedule/schedule';

/** The due schedules, and the time at which they were due. */
export interface DueSchedules {
  readonly schedules: readonly Schedule[];
  /** The store's time in milliseconds, never ahead of its clock. */
  readonly nowMs: number;
  /** The time of the next look at the other schedules; null for never. */
  readonly nextWakeMs: number | null;
}

/** The port of schedules. A store only compares and sets: `wakeMs` of a schedule says when to look at it. */
export interface ScheduleStore {
  /** Returns the store's time in milliseconds, never ahead of its clock. */
  now(): Promise<number>;

  /** Returns all schedules, ordered by id. */
  list(): Promise<Schedule[]>;

  /** Returns the schedule of an id, or null. */
  find(id: string): Promise<Schedule | null>;

  /**
   * Writes a schedule with `rev` + 1 if the stored one still has its `rev` and `seed`; a schedule with `rev` 0 is written if none is stored. Returns
   * whether it was written. The recorded outcome is left unchanged.
   */
  put(schedule: Schedule): Promise<boolean>;

  /** Removes a schedule. Returns whether there was one. */
  remove(id: string): Promise<boolean>;

  /** Returns schedules whose `wakeMs` has come, the longest due first. Of the schedules declared in code only those named are returned. */
  due(declared: readonly string[], limit: number): Promise<DueSchedules>;

  /** Records how the task of the last occurrence ended. Does nothing if another occurrence has fired since. */
  noteOutcome(taskId: string, state: FinishedState): Promise<void>;
}
