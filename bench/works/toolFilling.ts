import { Queue } from '../../index';
import type { Store } from '../../index';
import { addAll, finishAll } from './sizeFilling';

/** Queues among which the tasks are shared out. */
export const TOOL_QUEUES = 100;

export const toolQueue = (index: number): string => `tool-${index}`;

/** Adds as many finished tasks as waiting ones, in all queues. */
export async function fillQueues(store: Store, tasks: number): Promise<void> {
  const each = Math.ceil(tasks / TOOL_QUEUES);
  await addToAll(store, each);
  await finishAll(store, ['tool-*'], each * TOOL_QUEUES);
  await addToAll(store, each);
}

/** Returns the id of a task that has ended. */
export async function finishedIdIn(store: Store): Promise<string> {
  const { tasks } = await new Queue(store, toolQueue(1)).list({ states: ['succeeded'], limit: 1 });
  const [task] = tasks;
  if (!task) throw new Error('no task has ended');
  return task.id;
}

async function addToAll(store: Store, each: number): Promise<void> {
  for (let index = 0; index < TOOL_QUEUES; index += 1) await addAll(new Queue(store, toolQueue(index)), each);
}
