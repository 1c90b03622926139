import type { Namespace } from '../../modules/ports/namespace';
import { isNamed } from '../../modules/ports/queuePatterns';
import type { Looked, LookRequest, TaskSearch } from '../../modules/ports/taskSearch';
import { LIVE_STATES } from '../../constants/states';
import { headOf } from '../../modules/task/task';
import type { Task } from '../../modules/task/task';
import type { ReferenceStore } from './referenceStore';

/** The specification of searches. */
export class ReferenceSearch implements TaskSearch {
  readonly #store: ReferenceStore;
  readonly #namespace: Namespace;

  constructor(store: ReferenceStore, namespace: Namespace) {
    this.#store = store;
    this.#namespace = namespace;
  }

  look({ queues, states, ids, uniqueKeys, failureGroups, after, limit, part }: LookRequest): Promise<Looked> {
    const isAsked = (task: Task): boolean =>
      isNamed(queues, task.queue) &&
      states.includes(task.state) &&
      (ids?.includes(task.id) ?? true) &&
      (!uniqueKeys || (LIVE_STATES.some((live) => live === task.state) && uniqueKeys.includes(task.uniqueKey ?? ''))) &&
      (failureGroups?.includes(task.error?.group ?? '') ?? true) &&
      (after === undefined || task.id < after);
    return this.#store.answer(() => {
      const found = this.#tasks()
        .filter(isAsked)
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      const tasks = found.slice(0, limit).map((task) => (part ? (headOf(task) as Task) : task));
      return { tasks, looked: tasks.length, next: found.length > limit ? (tasks.at(-1)?.id ?? null) : null };
    });
  }

  /** The tasks of the namespace, under the names of their queues that users know. */
  #tasks(): Task[] {
    const { owns, outside } = this.#namespace;
    return this.#store.tables.tasks.filter(({ queue }) => owns(queue)).map((task) => ({ ...task, queue: outside(task.queue) }));
  }
}
