import type { TaskRef } from '../constants/events';
import { describeValue, HoldfastError } from '../modules/holdfastError';
import type { AnyHandler } from '../modules/runTask';

/** The handlers of a worker by task name. */
export class Handlers {
  readonly #handlers = new Map<string, AnyHandler>();
  readonly #reported = new Set<string>();
  readonly #onUnknown: (task: TaskRef) => void;

  /** @param onUnknown told once for each name that a task has and no handler. */
  constructor(onUnknown: (task: TaskRef) => void) {
    this.#onUnknown = onUnknown;
  }

  /** @throws HOLDFAST_HANDLER_DUPLICATE or HOLDFAST_OPTION_INVALID. */
  add(name: string, handler: AnyHandler): void {
    const field = `handlers.${name}`;
    if (typeof handler !== 'function') {
      throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'a function', got: describeValue(handler) });
    }
    if (this.#handlers.has(name)) throw new HoldfastError('HOLDFAST_HANDLER_DUPLICATE', { field });
    this.#handlers.set(name, handler);
  }

  /** Returns the handler of a task, if there is one. */
  of(task: TaskRef): AnyHandler | undefined {
    const handler = this.#handlers.get(task.name);
    if (!handler && !this.#reported.has(task.name)) {
      this.#reported.add(task.name);
      this.#onUnknown(task);
    }
    return handler;
  }
}
