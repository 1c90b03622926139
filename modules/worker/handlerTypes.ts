import type { WorkerOptions } from '../../config/optionTypes';
import type { TaskMap } from '../task/taskSpec';
import type { Middleware } from './compose';
import type { BatchContext, TaskContext } from './taskContext';

/** What runs a task: returns its result, or throws. */
export type Handler<Payload = unknown> = (context: TaskContext<Payload>) => unknown;

/** What runs several tasks of a name by one call: answers each with a result, or with an Error. */
export type BatchHandler<Payload = unknown> = (batch: BatchContext<Payload>) => BatchAnswers | Promise<BatchAnswers>;

/** The answer for each task of a batch by its id; a Map is one. */
export type BatchAnswers = Iterable<readonly [id: string, answer: unknown]>;

/** What runs around each call of a handler. */
export type HandlerMiddleware = Middleware<TaskContext | BatchContext>;

/** Options of a worker, with handlers typed by task name. */
export interface WorkerArguments<Tasks extends TaskMap> extends Partial<Omit<WorkerOptions, 'queues' | 'handlers' | 'pollInterval'>> {
  /** Queues that the worker serves. None is preferred. */
  readonly queues: readonly string[];
  /** Handlers by task name: async functions. */
  readonly handlers?: { readonly [Name in keyof Tasks]?: Handler<Tasks[Name]> };
  /** Wait between two claims of a worker that finds nothing; it doubles from minMs to maxMs. */
  readonly pollInterval?: Partial<WorkerOptions['pollInterval']>;
}
