/** The states of a task. A delayed task is `waiting`, with its `availableAt` in the future. */
export const TASK_STATES = ['waiting', 'running', 'succeeded', 'dead', 'cancelled'] as const;

/** The state of a task; a delayed one is `waiting`. */
export type TaskState = (typeof TASK_STATES)[number];

/** The states of a task that has not ended. No two live tasks of a queue share a unique key. */
export const LIVE_STATES = ['waiting', 'running'] as const;

/** The final states. Only a redrive leaves one of them: `dead`. */
export const FINISHED_STATES = ['succeeded', 'dead', 'cancelled'] as const;

export type FinishedState = (typeof FINISHED_STATES)[number];

/**
 * The state that a change leads to. `removed` is never visible to a user: the task is gone, and only a trace is kept for a while to answer a resent
 * write.
 */
export type TargetState = 'waiting' | FinishedState | 'removed';

/** The legal transitions. Only a claim leads from `waiting` to `running`, and only a redrive leaves `dead`. */
export const STATE_MOVES: Readonly<Record<TaskState, readonly (TaskState | 'removed')[]>> = {
  waiting: ['waiting', 'running', 'cancelled', 'removed'],
  running: ['waiting', 'succeeded', 'dead', 'cancelled', 'removed'],
  succeeded: ['removed'],
  dead: ['waiting', 'removed'],
  cancelled: ['removed'],
};
