import type { TaskDetail, TaskSummary } from '../../modules/admin/adminTypes';
import { detailOf, summaryOf } from '../../modules/admin/taskShown';
import { viewFailures } from '../../modules/statistics/failureRow';
import type { FailureGroup } from '../../modules/statistics/failureRow';
import type { TaskView } from '../../modules/task/taskView';
import { Queue } from '../queue/queue';
import { Scheduler } from '../schedule/scheduler';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';
import type { StoreParts } from '../store/storeParts';
import { Picture } from './picture';
import { TaskActions } from './taskActions';

/** What people look at and do in a store, whatever shows it to them. */
export class Admin {
  readonly store: Store;
  readonly picture: Picture;
  readonly actions: TaskActions;
  readonly scheduler: Scheduler;
  readonly #parts: StoreParts;

  constructor(store: Store) {
    this.store = store;
    this.#parts = partsOf(store);
    this.picture = new Picture(this.#parts);
    this.actions = new TaskActions(store);
    this.scheduler = new Scheduler(store);
  }

  /** The time of the store. @throws the error of the store. */
  now(): Promise<number> {
    return this.#parts.schedules.now();
  }

  queue(name: string): Queue {
    return new Queue(this.store, name);
  }

  /** Returns tasks as a list shows them. */
  async summaries(tasks: readonly TaskView[]): Promise<TaskSummary[]> {
    const nowMs = await this.now();
    return tasks.map((task) => summaryOf(task, nowMs));
  }

  /** Returns a task as a whole, or null. */
  async task(queue: string, id: string): Promise<TaskDetail | null> {
    const task = await this.queue(queue).get(id);
    return task && detailOf(task, await this.now());
  }

  /** Returns the steps that a task has recorded. */
  steps(queue: string, id: string): ReturnType<StoreParts['steps']['read']> {
    return this.#parts.steps.read({ queue, id });
  }

  /** Returns a group of failures, or null. */
  async failureGroup(group: string): Promise<FailureGroup | null> {
    const found = await this.#parts.records.read('failure', group);
    return found && viewFailures(found);
  }
}
