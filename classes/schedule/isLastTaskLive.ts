import { mayGoOn } from '../../modules/schedule/firing';
import type { Schedule } from '../../modules/schedule/schedule';
import type { TaskStore } from '../../modules/ports/taskStore';

/** Tells whether the task of the last occurrence still waits or runs. It asks only for schedules whose runs must not overlap. */
export async function isLastTaskLive(tasks: Pick<TaskStore, 'find'>, schedule: Schedule): Promise<boolean> {
  const found = await Promise.all(mayGoOn(schedule).map((id) => tasks.find(null, id, 'head')));
  return found.some((task) => task?.state === 'waiting' || task?.state === 'running');
}
