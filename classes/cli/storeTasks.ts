import type { TaskOptions } from '../../config/optionTypes';
import { idOption } from '../../config/options';
import type { TaskState } from '../../constants/states';
import type { FoundTask, RemovedTask, TaskAction, TaskSummary } from '../../modules/cli/backend';
import { detailOf, summaryOf } from '../../modules/cli/taskSummary';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import type { Task } from '../../modules/task/task';
import { viewTask } from '../../modules/task/taskView';
import { Queue } from '../queue/queue';
import type { Store } from '../store/store';

/** What commands ask about the tasks of a store. */
export class StoreTasks {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  add(queue: string, name: string, payload: unknown, options: TaskOptions): Promise<{ readonly id: string; readonly added: boolean }> {
    return new Queue(this.#store, queue).add(name, payload, options);
  }

  async task(id: string, queue: string | undefined): Promise<FoundTask> {
    const task = await this.#find(id, queue);
    return { task: detailOf(viewTask(task)), explanation: await new Queue(this.#store, task.queue).explain(id) };
  }

  async act(action: TaskAction, id: string, queue: string | undefined): Promise<TaskSummary | RemovedTask> {
    const before = await this.#find(id, queue);
    const isDone = await this.#do(action, before);
    const after = await this.#store.parts.tasks.find(before.queue, id);
    if (!isDone) throw movedOn(id, action, after);
    return after ? summaryOf(viewTask(after)) : { id, queue: before.queue, name: before.name, state: 'removed' };
  }

  async #do(action: TaskAction, { id, queue: name, state }: Task): Promise<boolean> {
    const queue = new Queue(this.#store, name);
    if (action === 'cancel') return queue.cancel(id);
    if (action === 'remove') return queue.remove(id);
    if (action === 'redrive' || (action === 'retry' && state === 'dead')) return (await queue.redrive(id)) === 1;
    return queue.retry(id);
  }

  async #find(id: string, queue: string | undefined): Promise<Task> {
    checkOptions(idOption, id, 'id');
    const task = await this.#store.parts.tasks.find(queue ?? null, id);
    if (task) return task;
    throw new HoldfastError('HOLDFAST_TASK_MISSING', { field: id });
  }
}

/** The states that an action is for. */
const FOR: Readonly<Record<TaskAction, readonly TaskState[]>> = {
  retry: ['waiting', 'dead'],
  'run-now': ['waiting'],
  cancel: ['waiting', 'running'],
  remove: ['waiting', 'succeeded', 'dead', 'cancelled'],
  redrive: ['dead'],
};

function movedOn(id: string, action: TaskAction, task: Task | null): HoldfastError {
  const isClash = task !== null && FOR[action].includes(task.state);
  const expected = isClash ? 'the only live task with its unique key' : FOR[action].join(' or ');
  return new HoldfastError('HOLDFAST_TASK_MOVED_ON', { field: id, expected, got: task?.state ?? 'removed' });
}
