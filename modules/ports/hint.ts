import type { NewTask } from '../task/task';

/** What may be due. It is only a hint: workers poll as well, and find every task without it. */
export interface Hint {
  /** The queue; null if the database does not name it, so that whoever waits has to look. */
  readonly queue: string | null;
  /** Milliseconds until the task is due; 0 for now. */
  readonly dueInMs: number;
  /** True if other processes get the same hint at the same moment. */
  readonly isShared: boolean;
}

/** The hint of a change that names nothing. */
export const LOOK: Hint = Object.freeze({ queue: null, dueInMs: 0, isShared: true });

/** Returns the hint of a task that waits again in this process. */
export const hintOf = (queue: string, dueInMs = 0): Hint => ({ queue, dueInMs, isShared: false });

/**
 * Returns the hints of added tasks: for each queue one if a task is due now, and one for the earliest of the others.
 *
 * @param nowMs the time of this machine. Only a task with an instant of its own needs it; if the clock of the store differs, a look corrects the hint.
 */
export function hintsOf(tasks: readonly Pick<NewTask, 'queue' | 'due'>[], nowMs: number): Hint[] {
  const now = new Set<string>();
  const later = new Map<string, number>();
  for (const { queue, due } of tasks) {
    const dueInMs = 'at' in due ? due.at.getTime() - nowMs : due.delayMs;
    if (dueInMs <= 0) now.add(queue);
    else later.set(queue, Math.min(dueInMs, later.get(queue) ?? Infinity));
  }
  return [...Array.from(now, (queue) => hintOf(queue)), ...Array.from(later, ([queue, dueInMs]) => hintOf(queue, dueInMs))];
}
