import type { FinishedState } from '../../constants/states';
import type { Schedule } from '../schedule/schedule';

/** Due schedules, and the time by which they are due. */
export interface DueSchedules {
  readonly schedules: readonly Schedule[];
  /** The time of the store, never ahead of it. */
  readonly nowMs: number;
  /** When the next of the others is to be looked at, null for never. */
  readonly nextWakeMs: number | null;
}

/**
 * The port of schedules. A store compares and sets, and decides nothing: when to look at a schedule stands in its `wakeMs`.
 */
export interface ScheduleStore {
  /** Returns the time of the store in milliseconds, never ahead of it. */
  now(): Promise<number>;

  /** Returns all schedules of the namespace by id. */
  list(): Promise<Schedule[]>;

  /** Returns a schedule by its id, or null. */
  find(id: string): Promise<Schedule | null>;

  /**
   * Writes a schedule, with `rev` + 1, where the stored one has still its `rev` and its `seed`; one with `rev` 0 where there is none. Tells whether it did.
   * The outcome stays as it is.
   */
  put(schedule: Schedule): Promise<boolean>;

  /** Removes a schedule; tells whether there was one. */
  remove(id: string): Promise<boolean>;

  /** Returns schedules whose `wakeMs` has come, the longest ago first; of the declared ones only those named. */
  due(declared: readonly string[], limit: number): Promise<DueSchedules>;

  /** Notes how the task of the last occurrence ended; nothing where another one was fired since. */
  noteOutcome(taskId: string, state: FinishedState): Promise<void>;
}
