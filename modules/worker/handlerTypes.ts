import type { WorkerOptions } from '../../config/optionTypes';
import type { TaskMap } from '../task/taskSpec';
import type { Middleware } from './compose';
import type { BatchContext, TaskContext } from './taskContext';

/** A handler. It returns the result of the task, or throws. */
export type Handler<Payload = unknown> = (context: TaskContext<Payload>) => unknown;

/** A batch handler. It answers for each task of the batch with a result or an Error. */
export type BatchHandler<Payload = unknown> = (batch: BatchContext<Payload>) => BatchAnswers | Promise<BatchAnswers>;

/** The answers of a batch handler by task id, for example a Map. */
export type BatchAnswers = Iterable<readonly [id: string, answer: unknown]>;

/** Middleware around each call of a handler. */
export type HandlerMiddleware = Middleware<TaskContext | BatchContext>;

/** Options of a worker, with handlers typed by task name. */
export interface WorkerArguments<Tasks extends TaskMap> extends Partial<Omit<WorkerOptions, 'queues' | 'handlers' | 'pollInterval'>> {
  /**
   * Queues that the worker serves, by name or by pattern: `mail.*` names all that begin with `mail.`, and `*` all of the namespace. The best priority
   * of all queues comes first, and at equal priority each queue has its turn.
   */
  readonly queues: readonly string[];
  /** Handlers by task name: async functions. */
  readonly handlers?: { readonly [Name in keyof Tasks]?: Handler<Tasks[Name]> };
  /** Wait between two claims of a worker that finds nothing; it doubles from minMs to maxMs. */
  readonly pollInterval?: Partial<WorkerOptions['pollInterval']>;
}
