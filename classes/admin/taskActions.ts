import type { TaskOptions } from '../../config/optionTypes';
import type { TaskState } from '../../constants/states';
import { restored } from '../../modules/admin/redacted';
import { verbOf } from '../../modules/admin/taskAction';
import type { TaskAction, TaskVerb } from '../../modules/admin/taskAction';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { TaskView } from '../../modules/task/taskView';
import { Queue } from '../queue/queue';
import type { Added } from '../queue/queueTypes';
import type { Store } from '../store/store';
import { partsOf } from '../store/storeParts';

/** What became of an action: done, or not, and the task as it is now; null if there is none any more. */
export interface Acted {
  readonly isDone: boolean;
  readonly task: TaskView | null;
  /** True if another live task has its unique key, so that it cannot become live again. */
  readonly isClash: boolean;
}

/** What a person does with one task. */
export class TaskActions {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Acts on a task as it is now.
   *
   * @param ifState the state in which the person saw it: in another one nothing is done.
   * @throws HOLDFAST_OPTION_… or HOLDFAST_STORE_….
   */
  async act(action: TaskAction, queueName: string, id: string, ifState?: TaskState): Promise<Acted> {
    const queue = new Queue(this.#store, queueName);
    const before = await queue.get(id);
    const verb = before && (ifState ?? before.state) === before.state ? verbOf(action, before.state) : null;
    if (verb === null) return { isDone: false, task: before, isClash: false };
    const isDone = await carryOut(verb, queue, id);
    const after = await queue.get(id);
    if (isDone) return { isDone, task: after ?? before, isClash: false };
    return { isDone, task: after, isClash: verb === 'redrive' && after?.state === 'dead' };
  }

  /**
   * Adds a task.
   *
   * @throws HOLDFAST_QUEUE_OF_BROKER, HOLDFAST_PAYLOAD_…, HOLDFAST_OPTION_… or HOLDFAST_STORE_….
   */
  async add(queueName: string, name: string, payload: unknown, options: TaskOptions): Promise<Added> {
    if (await partsOf(this.#store).records.read('queue', queueName)) throw new HoldfastError('HOLDFAST_QUEUE_OF_BROKER', { field: queueName });
    return new Queue(this.#store, queueName).add(name, payload, options);
  }

  /**
   * Adds a task like another one, with the same payload or an edited one. It begins anew: due now, without failures and without the unique key.
   *
   * @param edited the payload that a person has edited. What was hidden in it is that of the original.
   * @returns the id of the new task; null if there is no such task.
   * @throws HOLDFAST_PAYLOAD_…, HOLDFAST_OPTION_… or HOLDFAST_STORE_….
   */
  async copy(queueName: string, id: string, edited?: { readonly payload: unknown }): Promise<string | null> {
    const queue = new Queue(this.#store, queueName);
    const original = await queue.get(id);
    if (!original) return null;
    const payload: unknown = edited ? restored(edited.payload, original.payload) : original.payload;
    return (await queue.add(original.name, payload, optionsOf(original))).id;
  }
}

async function carryOut(verb: TaskVerb, queue: Queue, id: string): Promise<boolean> {
  switch (verb) {
    case 'redrive':
      return (await queue.redrive(id)) > 0;
    case 'dueNow':
      return queue.retry(id);
    case 'cancel':
      return queue.cancel(id);
    case 'remove':
      return queue.remove(id);
  }
}

/** The options of a task that hold for a copy as well. */
function optionsOf({ priority, maxRetries, settings, tags, metadata }: TaskView): TaskOptions {
  const { message: _message, ...rest } = settings;
  return {
    ...{ priority, maxRetries, ...rest },
    ...(tags.length > 0 ? { tags: [...tags] } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}
