import { groupOf } from '../../modules/ports/fifoStore';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { Task } from '../../modules/task/task';

/** Messages of one page. */
const PAGE = 250;

/**
 * Reads messages of a FIFO queue in the order of sending, for whoever moves those of each page before the next one. Behind one that is in flight, or that
 * stayed although it was wanted, nothing of its group comes.
 */
export async function* fifoPages(fifo: Pick<FifoStore, 'list' | 'find'>, queue: string, isWanted: (task: Task) => boolean): AsyncGenerator<Task[]> {
  const blocked = new Set<string>();
  for (let after: string | undefined; ;) {
    const { tasks, next } = await fifo.list({ queue, order: 'first', limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const task of tasks) if (task.state === 'running' && isWanted(task)) blocked.add(groupOf(task));
    yield tasks.filter((task) => isWanted(task) && !blocked.has(groupOf(task)));
    if (next === null) return;
    // The next page begins behind the last message that is still there.
    const left = new Set((await fifo.find(queue, tasks.map(({ id }) => id))).map(({ id }) => id)); // prettier-ignore
    for (const task of tasks) if (left.has(task.id) && isWanted(task)) blocked.add(groupOf(task));
    after = tasks.findLast(({ id }) => left.has(id))?.id ?? after;
  }
}
