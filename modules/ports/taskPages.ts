import { PAGE_TASKS } from '../../constants/limits';
import type { Task } from '../task/task';
import type { ListRequest, TaskStore } from './taskStore';

/**
 * Walks through the tasks that a filter lets through, newest first, a page at a time.
 *
 * What is changed or removed meanwhile skips no other task, because each page begins after the last id of the one before.
 */
export async function* taskPages(tasks: Pick<TaskStore, 'list'>, filter: Omit<ListRequest, 'limit' | 'after'>): AsyncGenerator<readonly Task[]> {
  for (let after: string | undefined; ;) {
    const page = await tasks.list({ ...filter, limit: PAGE_TASKS, ...(after === undefined ? {} : { after }) });
    if (page.length > 0) yield page;
    if (page.length < PAGE_TASKS) return;
    after = page.at(-1)?.id;
  }
}
