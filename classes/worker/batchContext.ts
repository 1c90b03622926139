import type { TaskContext } from './taskContext';

/**
 * What a batch handler gets: several tasks of one name, each with its own lease, answered each by itself.
 *
 * @example
 * worker.handleBatch('index', async ({ tasks }) => {
 *   const faults = await search.indexAll(tasks.map(({ payload }) => payload));
 *   return tasks.map(({ id }, place) => [id, faults[place] ?? 'indexed']); // an Error is a failure, all else a result
 * });
 */
export class BatchContext<Payload = unknown> {
  /** One or more, up to the `size` of the handler, in the order of their claim. */
  readonly tasks: readonly TaskContext<Payload>[];
  #controller: AbortController | undefined;

  /** Made by the worker. @internal */
  constructor(tasks: readonly TaskContext<Payload>[]) {
    this.tasks = tasks;
  }

  /** The queue of the first of them; a worker of several queues may bring tasks of each. */
  get queue(): string {
    return this.tasks[0]?.queue ?? '';
  }

  /** The name that they share. */
  get name(): string {
    return this.tasks[0]?.name ?? '';
  }

  /** Fires when every task of the batch shall end; each task has a signal of its own. Its reason is a HoldfastError. */
  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = (this.#controller = new AbortController());
    const look = (): void => {
      if (this.tasks.every(({ signal }) => signal.aborted)) controller.abort(this.tasks[0]?.signal.reason);
    };
    for (const { signal } of this.tasks) signal.addEventListener('abort', look, { once: true });
    look();
    return controller.signal;
  }
}
