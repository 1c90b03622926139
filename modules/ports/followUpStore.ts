import type { NewTask, TaskHead } from '../task/task';
import type { TaskKey } from './taskStore';

/** A succeeded task that keeps follow-ups, which are not in their queues yet. */
export interface KeptFollowUps extends TaskHead {
  /** JSON text: see `followUpsOf`. */
  readonly followUps: string;
}

/** The follow-ups of one task, which are put into their queues. */
export interface HandOver extends TaskKey {
  readonly followUps: readonly NewTask[];
  /** How long the task is kept from then on, in milliseconds. At 0 it is removed. */
  readonly keepMs: number;
}

/**
 * The port of follow-ups: tasks that exist if, and only if, the success of another one is recorded.
 *
 * A change to `succeeded` writes them into the task. It stays until they are in their queues, whatever its retention, and nothing else removes it.
 */
export interface FollowUpStore {
  /** Returns tasks of this namespace that succeeded at least that long ago, in milliseconds, and keep follow-ups. */
  kept(forMs: number, limit: number): Promise<KeptFollowUps[]>;

  /**
   * Puts follow-ups into their queues, and lets their tasks go. Answers in order, for each follow-up of each task, whether it was added; null for a task
   * that keeps none any more.
   *
   * Any process may do it, several at once and again after a kill: a follow-up gets into its queue once. One whose unique key a live task has is not
   * added.
   */
  handOver(handOvers: readonly HandOver[]): Promise<(readonly boolean[] | null)[]>;
}
