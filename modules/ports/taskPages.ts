import { PAGE_TASKS } from '../../constants/limits';
import type { TaskHead } from '../task/task';
import type { ListRequest, TaskStore } from './taskStore';

/**
 * Walks through the heads of the tasks that a filter lets through, newest first, a page at a time.
 *
 * What is changed or removed meanwhile skips no other task, because each page begins after the last id of the one before.
 */
export async function* taskPages(
  tasks: Pick<TaskStore, 'list'>,
  filter: Omit<ListRequest, 'limit' | 'after' | 'part'>,
): AsyncGenerator<readonly TaskHead[]> {
  for (let after: string | undefined; ;) {
    const page = await tasks.list({ ...filter, part: 'head', limit: PAGE_TASKS, ...(after === undefined ? {} : { after }) });
    if (page.tasks.length > 0) yield page.tasks;
    if (page.next === null) return;
    after = page.next;
  }
}
