import type { TaskOptions } from '../../config/optionTypes';
import { describeValue, HoldfastError } from '../errors/holdfastError';
import type { InSession } from '../store/givenSession';
import type { TaskContext } from '../worker/taskContext';

/** A task to emit after, as one of its follow-ups. */
export interface AfterTask {
  /** The context of the handler that emits. The event exists if, and only if, the success of that attempt is recorded: see `context.add`. */
  readonly after?: Pick<TaskContext, 'add'>;
}

/** Options of `emit` without the task to emit after. */
type Rest = TaskOptions & InSession;

/**
 * Separates the task to emit after. A value that is no object is passed on, and refused with the other options.
 *
 * @throws HOLDFAST_OPTION_INVALID if it is no context.
 */
export function splitAfter(given: Rest & AfterTask): { readonly after: AfterTask['after']; readonly options: Rest } {
  if (typeof given !== 'object' || given === null || given.after === undefined) return { after: undefined, options: given };
  const { after, ...options } = given;
  if (typeof (after as Partial<TaskContext> | null)?.add === 'function') return { after, options };
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'options.after', expected: 'the context of a handler', got: describeValue(after) });
}
