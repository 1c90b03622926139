import type { TaskRef } from '../../constants/events';
import { chunksOf } from '../../modules/values/chunksOf';
import { groupBy } from '../../modules/values/groupBy';
import { compose } from '../../modules/worker/compose';
import type { Middleware } from '../../modules/worker/compose';
import { describeValue, HoldfastError } from '../../modules/errors/holdfastError';
import { refOf } from '../../modules/task/task';
import type { BatchContext, TaskContext } from '../../modules/worker/taskContext';

/** Handlers and middleware without the payload types, which are checked at registration. */
export type AnyHandler = (context: TaskContext) => unknown;
export type AnyBatchHandler = (batch: BatchContext) => unknown;
export type AnyMiddleware = Middleware<TaskContext | BatchContext>;

/** The registered handler of a task name, for one task or for up to `size` tasks per call. */
export type Registered = { readonly run: AnyHandler; readonly size?: undefined } | { readonly run: AnyBatchHandler; readonly size: number };

/** The handlers of a worker by task name, and the middleware around them. */
export class Handlers {
  readonly #handlers = new Map<string, Registered>();
  readonly #composed = new Map<string, Registered>();
  readonly #middleware: AnyMiddleware[] = [];
  readonly #reported = new Set<string>();
  readonly #unawaited = new Set<string>();
  readonly #onUnknown: (task: TaskRef) => void;
  readonly #onUnawaited: (at: Pick<TaskRef, 'queue' | 'name'>) => void;
  #hasBatches = false;

  /**
   * @param onUnknown called once for each name of a claimed task that has no handler.
   * @param onUnawaited called once for each name whose middleware ended before its `next`.
   */
  constructor(onUnknown: (task: TaskRef) => void, onUnawaited: (at: Pick<TaskRef, 'queue' | 'name'>) => void = () => undefined) {
    this.#onUnknown = onUnknown;
    this.#onUnawaited = onUnawaited;
  }

  /**
   * Registers a handler.
   *
   * @throws HOLDFAST_HANDLER_DUPLICATE or HOLDFAST_OPTION_INVALID.
   */
  add(name: string, registered: Registered): void {
    const field = `handlers.${name}`;
    checkIsFunction(registered.run, field);
    if (this.#handlers.has(name)) throw new HoldfastError('HOLDFAST_HANDLER_DUPLICATE', { field });
    this.#handlers.set(name, registered);
    this.#hasBatches ||= registered.size !== undefined;
  }

  /** The names that have handlers. */
  get names(): string[] {
    return [...this.#handlers.keys()];
  }

  /** Adds middleware around every handler, inside the existing middleware. */
  use(middleware: AnyMiddleware): void {
    checkIsFunction(middleware, 'middleware');
    this.#middleware.push(middleware);
    this.#composed.clear();
  }

  /** Returns the handler of a task with its middleware, or undefined. */
  of(task: TaskRef): Registered | undefined {
    const handler = this.#composed.get(task.name) ?? this.#compose(task.name);
    if (!handler && !this.#reported.has(task.name)) {
      this.#reported.add(task.name);
      this.#onUnknown(refOf(task));
    }
    return handler;
  }

  /** Groups attempts into calls: one each, or several of one name if their handler takes batches. */
  callsOf<Item extends { readonly task: TaskRef }>(attempts: readonly Item[]): Item[][] {
    if (!this.#hasBatches) return attempts.map((attempt) => [attempt]);
    const byName = groupBy(attempts, ({ task }) => task.name);
    return [...byName].flatMap(([name, alike]) => chunksOf(alike, this.#handlers.get(name)?.size ?? 1));
  }

  readonly #noteUnawaited = ({ name, queue }: TaskContext | BatchContext): void => {
    if (this.#unawaited.has(name)) return;
    this.#unawaited.add(name);
    this.#onUnawaited({ queue, name });
  };

  #compose(name: string): Registered | undefined {
    const registered = this.#handlers.get(name);
    if (!registered) return undefined;
    const composed = (
      registered.size === undefined
        ? { run: compose<TaskContext>(this.#middleware, registered.run, this.#noteUnawaited) }
        : { run: compose<BatchContext>(this.#middleware, registered.run, this.#noteUnawaited), size: registered.size }
    ) satisfies Registered;
    this.#composed.set(name, composed);
    return composed;
  }
}

function checkIsFunction(given: unknown, field: string): void {
  if (typeof given === 'function') return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'a function', got: describeValue(given) });
}
