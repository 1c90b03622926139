import type { TaskHead, TaskSettings } from '../task/task';
import type { Guard, SettleAnswer, TaskKey } from './taskStore';

/** A move of one task to another queue. */
export interface Move extends TaskKey {
  readonly guard: Guard;
  /** The queue in which it waits from then on, due at once. */
  readonly to: string;
  /** The settings that it has there. */
  readonly settings: TaskSettings;
  /** Identifies a move that is sent again. */
  readonly by: string;
}

/** What the broker asks of a database beside leases: moves, and what has waited too long. */
export interface MessageStore {
  /**
   * Moves each task whose guard holds, and answers for each in order. A task is in one of both queues at any time; it keeps its id, its payload, the
   * time of its adding and its number of claims.
   */
  move(moves: readonly Move[]): Promise<SettleAnswer[]>;

  /** Returns the heads of the tasks of a queue that have been due for at least that long, in milliseconds, and wait: the longest first. */
  overdue(queue: string, forMs: number, limit: number): Promise<TaskHead[]>;
}
