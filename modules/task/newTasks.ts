import type { TaskMap, TaskSpec } from './taskSpec';
import { checkIsArray } from '../options/checkIsArray';
import { describeValue, HoldfastError, isHoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { refuseUnknown } from '../options/refuseUnknown';
import { newTask } from './newTask';
import type { NewTask } from './task';

/** Compared one by one, which costs a third of a look into a Set. */
const isKnown = (key: string): boolean => key === 'name' || key === 'payload' || key === 'options';

/**
 * Makes many tasks of a queue; all are checked before any is returned.
 *
 * @throws as `newTask`, with the place of the task at fault, as `tasks[1].options.delayMs`;
 *   HOLDFAST_OPTION_UNKNOWN where one has more than name, payload and options, HOLDFAST_OPTION_INVALID where they are no array of objects.
 */
export function newTasks<Tasks extends TaskMap>(queue: string, specs: readonly TaskSpec<Tasks>[], nowMs: number): NewTask[] {
  checkIsArray(specs, 'tasks');
  return specs.map((spec, index) => taskOf(queue, spec, nowMs, `tasks[${index}]`));
}

function taskOf<Tasks extends TaskMap>(queue: string, spec: TaskSpec<Tasks>, nowMs: number, place: string): NewTask {
  if (!isRecord(spec)) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: place, expected: 'an object with name and payload', got: describeValue(spec) });
  }
  refuseUnknown(spec, isKnown, place);
  try {
    return newTask(queue, spec.name, spec.payload, spec.options, nowMs);
  } catch (error) {
    throw isHoldfastError(error) ? error.within(place) : error;
  }
}
