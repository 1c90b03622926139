/** The states of a task. A delayed task is `waiting`: its `availableAt` lies ahead. */
export const TASK_STATES = ['waiting', 'running', 'succeeded', 'dead', 'cancelled'] as const;

/** The state of a task; a delayed one is `waiting`. */
export type TaskState = (typeof TASK_STATES)[number];

/** The states of a task that is still to end; of those of one queue no two share a unique key. */
export const LIVE_STATES = ['waiting', 'running'] as const;

/** The states in which nothing more happens to a task by itself. */
export const FINISHED_STATES = ['succeeded', 'dead', 'cancelled'] as const;

export type FinishedState = (typeof FINISHED_STATES)[number];

/**
 * What a change makes of a task. `removed` is no state that a user meets: the task is gone, and only
 * what answers a resent write is kept for a while.
 */
export type TargetState = 'waiting' | FinishedState | 'removed';

/** The legal moves. A claim is the one way from `waiting` to `running`; only a redrive leaves `dead`. */
export const STATE_MOVES: Readonly<Record<TaskState, readonly (TaskState | 'removed')[]>> = {
  waiting: ['waiting', 'running', 'cancelled', 'removed'],
  running: ['waiting', 'succeeded', 'dead', 'cancelled', 'removed'],
  succeeded: ['removed'],
  dead: ['waiting', 'removed'],
  cancelled: ['removed'],
};
