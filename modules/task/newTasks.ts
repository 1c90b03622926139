import type { TaskMap, TaskSpec } from './taskSpec';
import { checkIsArray } from '../options/checkIsArray';
import { describeValue, HoldfastError, isHoldfastError } from '../errors/holdfastError';
import { isRecord } from '../values/isRecord';
import { refuseUnknown } from '../options/refuseUnknown';
import { newTask } from './newTask';
import type { Clock } from '../time/clock';
import { mapInTurns } from '../time/inTurns';
import type { NewTask } from './task';

/** Comparing one by one costs a third of a lookup in a Set. */
const KNOWN = ['name', 'payload', 'options'];

/**
 * Creates many tasks of a queue. All are checked before any is returned.
 *
 * @throws as `newTask`, with the place of the task at fault, for example `tasks[1].options.delayMs`. HOLDFAST_OPTION_UNKNOWN if a task has more than
 *   name, payload and options; HOLDFAST_OPTION_INVALID if the tasks are not an array of objects.
 */
export function newTasks<Tasks extends TaskMap>(queue: string, specs: readonly TaskSpec<Tasks>[], nowMs: number): NewTask[] {
  checkIsArray(specs, 'tasks');
  return specs.map((spec, index) => taskOf(queue, spec, nowMs, `tasks[${index}]`));
}

/**
 * Creates many tasks as `newTasks`, and lets other work run meanwhile. The list is copied first, so that the caller may change it.
 *
 * @throws as `newTasks`.
 */
export async function newTasksInTurns<Tasks extends TaskMap>(queue: string, given: readonly TaskSpec<Tasks>[], clock: Clock): Promise<NewTask[]> {
  checkIsArray(given, 'tasks');
  const nowMs = clock.now();
  return mapInTurns([...given], (spec, index) => taskOf(queue, spec, nowMs, `tasks[${index}]`), clock);
}

function taskOf<Tasks extends TaskMap>(queue: string, spec: TaskSpec<Tasks>, nowMs: number, place: string): NewTask {
  if (!isRecord(spec)) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: place, expected: 'an object with name and payload', got: describeValue(spec) });
  }
  refuseUnknown(spec, KNOWN, place);
  try {
    return newTask(queue, spec.name, spec.payload, spec.options, nowMs);
  } catch (error) {
    throw isHoldfastError(error) ? error.within(place) : error;
  }
}
