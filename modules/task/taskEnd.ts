import { HoldfastError } from '../errors/holdfastError';
import type { TaskError } from '../../constants/events';
import type { TaskView } from './taskView';

/** Returns the result of a task that has succeeded. @throws what another one failed with, or HOLDFAST_TASK_CANCELLED. */
export function resultOf({ state, id, result, error }: Pick<TaskView, 'state' | 'id' | 'result' | 'error'>): unknown {
  if (state === 'succeeded') return result;
  if (state === 'dead' && error) throw errorOf(error);
  throw new HoldfastError('HOLDFAST_TASK_CANCELLED', { field: id });
}

/** Makes an Error again of what a task keeps of one: its name, message, code, causes and stack, which is that of the process where it was thrown. */
function errorOf({ name, message, code, stack, cause }: Partial<TaskError>): Error {
  const error = new Error(message, cause ? { cause: errorOf(cause) } : undefined);
  for (const [key, value] of Object.entries({ name, code, stack: stack ?? `${name}: ${message}` })) {
    if (value !== undefined) Object.defineProperty(error, key, { value, configurable: true, writable: true });
  }
  return error;
}
