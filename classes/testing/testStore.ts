import { PAGE_TASKS } from '../../constants/limits';
import { TASK_STATES } from '../../constants/states';
import type { Page } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import { viewTask } from '../../modules/task/taskView';
import type { TaskView } from '../../modules/task/taskView';
import { openStore } from '../store/openStore';
import type { Store } from '../store/store';
import type { TestClock } from './testClock';

/**
 * Opens a store in memory. Nothing else sees it, and it is gone when it is closed.
 *
 * @param options `clock`: a TestClock for the time of the store, so that a delayed task is due when the test says so.
 * @throws HOLDFAST_SQLITE_MISSING
 * @example
 * const store = await testStore();
 * await store.close();
 */
export function testStore({ clock }: { readonly clock?: TestClock } = {}): Promise<Store> {
  return openStore('sqlite::memory:', clock ? { clock } : {});
}

/**
 * Returns all tasks of a test's store, oldest first.
 *
 * @throws HOLDFAST_STORE_…
 * @example
 * const tasks = await tasksOf(store);
 */
export async function tasksOf(store: Store): Promise<TaskView[]> {
  const { tasks } = store.parts;
  const queues = Object.keys(await tasks.counts(TASK_STATES));
  const found: Task[] = [];
  for (const queue of queues) {
    for (let page: Page | undefined; page?.next !== null;) {
      const after = page?.next;
      page = await tasks.list({ queue, limit: PAGE_TASKS, ...(typeof after !== 'string' ? {} : { after }) });
      found.push(...page.tasks);
    }
  }
  return found.sort(byId).map((task) => viewTask(task));
}

/** Ids are UUIDs of version 7, which sort by time of creation. */
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);
