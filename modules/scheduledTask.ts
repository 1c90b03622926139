import { jitterOf, occurrenceId } from './schedule';
import type { Schedule } from './schedule';
import { newTask } from './task';
import type { NewTask } from './task';

/** Makes the task of an occurrence; whoever makes it, it is the same. */
export function scheduledTask({ seed, plan }: Pick<Schedule, 'seed' | 'plan'>, atMs: number): NewTask {
  const { queue, name, payload, options, jitterMs } = plan;
  const task = newTask(queue, name, JSON.parse(payload), options);
  return { ...task, id: occurrenceId(seed, atMs), due: { at: new Date(atMs + jitterOf(seed, atMs, jitterMs)) } };
}
