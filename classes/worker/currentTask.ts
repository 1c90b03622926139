import { AsyncLocalStorage } from 'node:async_hooks';
import { currentCall } from '../async/currentCall';
import type { TaskContext } from '../../modules/worker/taskContext';

/** Contexts in place of that of the call: a declared event gives its task another payload. */
const replaced = new AsyncLocalStorage<TaskContext>();

/**
 * Returns the context of the task whose handler this code runs in, at any depth. It is undefined elsewhere, in a batch handler, and if the worker has
 * `tracksCurrentTask: false`.
 *
 * @example
 * logger.info('mail sent', { taskId: currentTask()?.id });
 */
export function currentTask(): TaskContext | undefined {
  const context = currentCall()?.context;
  return context && (replaced.getStore() ?? context);
}

/** Runs a function so that `currentTask` returns another context of the same task, if it returns one at all. */
export const inPlaceOfCurrent = <T>(context: TaskContext, run: () => T): T => (currentCall() ? replaced.run(context, run) : run());
