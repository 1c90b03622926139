import type { TaskState } from '../../constants/states';
import type { TaskView } from '../task/taskView';
import { SECOND } from '../../constants/limits';
import { timeText } from './healthOf';

/** What a person may do with a task. */
export const TASK_ACTIONS = ['retry', 'run-now', 'cancel', 'remove', 'redrive'] as const;

export type TaskAction = (typeof TASK_ACTIONS)[number];

/** What an action does to a task in a state; null if it does nothing. */
export type TaskVerb = 'redrive' | 'dueNow' | 'cancel' | 'remove';

const VERBS: Readonly<Record<TaskAction, Partial<Readonly<Record<TaskState, TaskVerb>>>>> = {
  retry: { waiting: 'dueNow', dead: 'redrive' },
  'run-now': { waiting: 'dueNow' },
  cancel: { waiting: 'cancel', running: 'cancel' },
  remove: { waiting: 'remove', succeeded: 'remove', dead: 'remove', cancelled: 'remove' },
  redrive: { dead: 'redrive' },
};

export const verbOf = (action: TaskAction, state: TaskState): TaskVerb | null => VERBS[action][state] ?? null;

const CANNOT: Readonly<Record<TaskAction, string>> = {
  retry: 'run again',
  'run-now': 'be made due',
  cancel: 'be cancelled',
  remove: 'be removed',
  redrive: 'be redriven',
};

/** Says what a task is now, and that an action does nothing to it. */
export function movedOnText(action: TaskAction, task: TaskView, nowMs: number): string {
  return `The task ${stateText(task, nowMs)}, so it cannot ${CANNOT[action]}.${hintFor(action, task.state)}`;
}

/** What helps instead. */
function hintFor(action: TaskAction, state: TaskState): string {
  if (action === 'remove') return ' Cancel it first.';
  return action === 'retry' && state !== 'running' ? ' Add a copy of it instead.' : '';
}

/** Says in a few words what a task is. */
export function stateText({ state, attempt, availableAt, finishedAt }: TaskView, nowMs: number): string {
  const ago = finishedAt ? ` ${timeText(Math.max(0, nowMs - finishedAt.getTime()) / SECOND)} ago` : '';
  switch (state) {
    case 'waiting':
      return availableAt.getTime() > nowMs ? `waits for ${timeText((availableAt.getTime() - nowMs) / SECOND)} more` : 'waits';
    case 'running':
      return `is running, in attempt ${attempt}`;
    case 'succeeded':
      return `has succeeded${ago}`;
    case 'dead':
      return `is dead since${ago.replace(' ago', '')}`;
    case 'cancelled':
      return `was cancelled${ago}`;
  }
}
