import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskContext } from '../../modules/worker/taskContext';

const tasks = new AsyncLocalStorage<TaskContext>();

/**
 * Returns the task whose handler this code runs in, however deep; undefined elsewhere, in a batch handler, and where the worker has
 * `tracksCurrentTask: false`.
 *
 * @example
 * logger.info('mail sent', { taskId: currentTask()?.id });
 */
export const currentTask = (): TaskContext | undefined => tasks.getStore();

/** Runs something so that `currentTask` knows its task. */
export const inTask = <T>(context: TaskContext, run: (context: TaskContext) => T): T => tasks.run(context, run, context);

/** Runs something so that `currentTask` tells another context of the same task, where it tells one at all. */
export const inPlaceOfCurrent = <T>(context: TaskContext, run: () => T): T => (tasks.getStore() ? tasks.run(context, run) : run());
