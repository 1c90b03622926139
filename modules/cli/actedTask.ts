import type { TaskAction } from '../admin/taskAction';
import type { ActedTask } from './backend';

/** Returns what has become of a task. One that was removed is told as it was before. */
export const actedTask = (action: TaskAction, { id, queue, name, state }: ActedTask): ActedTask => ({
  ...{ id, queue, name },
  state: action === 'remove' ? 'removed' : state,
});
