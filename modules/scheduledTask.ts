import { jitterOf, occurrenceId } from './schedule';
import type { Schedule } from './schedule';
import { newTask } from './task';
import type { NewTask } from './task';

/** Makes the task of an occurrence; whoever makes it, it is the same. */
export function scheduledTask({ id, plan }: Pick<Schedule, 'id' | 'plan'>, atMs: number): NewTask {
  const { queue, name, payload, options, jitterMs } = plan;
  const task = newTask(queue, name, JSON.parse(payload), options);
  return { ...task, id: occurrenceId(id, atMs), due: { at: new Date(atMs + jitterOf(id, atMs, jitterMs)) } };
}
