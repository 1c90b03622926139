import { idOption } from '../../config/options';
import { checkOptions } from '../../modules/options/checkOptions';
import type { Decision } from '../lease/recorder';
import type { StoreParts } from '../store/storeParts';

/** Changes a task by hand: reads, decides and writes. If the task has changed since it was read, starts over. Returns whether it was changed. */
export async function changeTask(
  { tasks, recorder, handOvers }: Pick<StoreParts, 'tasks' | 'recorder' | 'handOvers'>,
  queue: string,
  id: string,
  decide: Decision,
): Promise<boolean> {
  checkOptions(idOption, id, 'id');
  for (;;) {
    const task = await tasks.find(queue, id, 'head');
    const change = task && decide(task);
    if (!task || !change) return false;
    const [answer] = await recorder.change(queue, [task], () => change);
    if (answer !== 'lost') return answer === 'applied';
    // A task that keeps follow-ups is not removed before they are in their queues.
    await handOvers.of(queue, id);
  }
}
