import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskContext } from '../../modules/worker/taskContext';

const tasks = new AsyncLocalStorage<TaskContext>();

/**
 * Returns the context of the task whose handler this code runs in, at any depth. It is undefined elsewhere, in a batch handler, and if the worker has
 * `tracksCurrentTask: false`.
 *
 * @example
 * logger.info('mail sent', { taskId: currentTask()?.id });
 */
export const currentTask = (): TaskContext | undefined => tasks.getStore();

/** Runs a function so that `currentTask` returns its task. */
export const inTask = <T>(context: TaskContext, run: (context: TaskContext) => T): T => tasks.run(context, run, context);

/** Runs a function so that `currentTask` returns another context of the same task, if it returns one at all. */
export const inPlaceOfCurrent = <T>(context: TaskContext, run: () => T): T => (tasks.getStore() ? tasks.run(context, run) : run());
