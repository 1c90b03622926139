import type { BatchContext, TaskContext } from '../../modules/worker/taskContext';

/** The context of a batch handler, made of the contexts of its attempts. */
export class AttemptBatch<Payload = unknown> implements BatchContext<Payload> {
  readonly tasks: readonly TaskContext<Payload>[];
  #controller: AbortController | undefined;

  constructor(tasks: readonly TaskContext<Payload>[]) {
    this.tasks = tasks;
  }

  get queue(): string {
    return this.tasks[0]?.queue ?? '';
  }

  get name(): string {
    return this.tasks[0]?.name ?? '';
  }

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
