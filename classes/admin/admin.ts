import type { FoundTask, TaskSummary } from '../../modules/admin/adminTypes';
import { redacted } from '../../modules/admin/redacted';
import { detailOf, shownStep, summaryOf } from '../../modules/admin/taskShown';
import { viewFailures } from '../../modules/statistics/failureView';
import type { FailureGroup, SeenQueues } from '../../modules/statistics/failureView';
import type { TaskView } from '../../modules/task/taskView';
import { Queue } from '../queue/queue';
import { Scheduler } from '../schedule/scheduler';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';
import type { StoreParts } from '../store/storeParts';
import { Changes } from './changes';
import { Picture } from './picture';
import { TaskActions } from './taskActions';

/** What people look at and do in a store, whatever shows it to them. */
export class Admin {
  readonly store: Store;
  readonly picture: Picture;
  readonly changes: Changes;
  readonly actions: TaskActions;
  readonly scheduler: Scheduler;
  readonly #parts: StoreParts;

  constructor(store: Store) {
    this.store = store;
    this.#parts = partsOf(store);
    this.picture = new Picture(this.#parts);
    this.changes = new Changes({ ...this.#parts, picture: this.picture });
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

  /** Returns all that is known of a task, or null. */
  async task(name: string, id: string): Promise<FoundTask | null> {
    const queue = this.queue(name);
    const [task, explanation, steps] = await Promise.all([queue.get(id), queue.explain(id), this.#parts.steps.read({ queue: name, id })]);
    if (!task) return null;
    return { task: detailOf(task, await this.now()), explanation: explanation && redacted(explanation).value, steps: steps.map(shownStep) };
  }

  /** Returns the names of the queues that a test lets through. */
  async queuesSeen(isSeen: (queue: string) => boolean): Promise<string[]> {
    return (await this.#parts.looks.names()).filter(isSeen);
  }

  /** Returns the queue of a task, or null if there is none of this id. */
  async queueOf(id: string): Promise<string | null> {
    const found = await this.#parts.tasks.find(null, id, 'head');
    return found && found.queue;
  }

  /** Returns what a reader may see of a group of failures, or null. */
  async failureGroup(group: string, isSeen?: SeenQueues): Promise<FailureGroup | null> {
    const found = await this.#parts.records.read('failure', group);
    return found && viewFailures(found, isSeen);
  }
}
