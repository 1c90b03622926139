import { jitterOf, occurrenceId } from './schedule';
import type { Schedule, SchedulePlan } from './schedule';
import { newTask } from '../task/newTask';
import type { NewTask } from '../task/task';

/** Makes a task of a plan. */
export const plannedTask = ({ queue, name, payload, options }: SchedulePlan): NewTask => newTask(queue, name, JSON.parse(payload), options);

/** Makes the task of an occurrence, the same in every process. */
export const scheduledTask = ({ seed, plan }: Pick<Schedule, 'seed' | 'plan'>, atMs: number): NewTask => ({
  ...plannedTask(plan),
  id: occurrenceId(seed, atMs),
  due: { at: new Date(atMs + jitterOf(seed, atMs, plan.jitterMs)) },
});
