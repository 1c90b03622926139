import { idOption, nameOption } from '../../config/options';
import type { ErrorCode } from '../../constants/errors';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { checkOptions } from '../../modules/options/checkOptions';
import { hintOf } from '../../modules/ports/hint';
import type { SignalAnswer } from '../../modules/ports/stepStore';
import type { TaskKey } from '../../modules/ports/taskStore';
import { toJson } from '../../modules/task/json';
import { newId } from '../../modules/task/newId';
import type { StoreParts } from '../store/storeParts';

const REFUSALS: Readonly<Record<Exclude<SignalAnswer, 'kept' | 'woke'>, ErrorCode>> = {
  missing: 'HOLDFAST_TASK_MISSING',
  finished: 'HOLDFAST_TASK_FINISHED',
  full: 'HOLDFAST_SIGNALS_FULL',
};

/** Sends a signal to a task, and wakes a worker of this process if the task waits for it. The store tells the other processes. */
export async function sendSignal(
  { steps, wakeups }: Pick<StoreParts, 'steps' | 'wakeups'>,
  task: TaskKey,
  name: string,
  payload: unknown,
): Promise<void> {
  checkOptions(idOption, task.id, 'id');
  checkOptions(nameOption, name, 'name');
  const answer = await steps.signal(task, { id: newId(), name, payload: toJson(payload, 'payload') });
  if (answer === 'woke') return wakeups.tell(hintOf(task.queue));
  if (answer !== 'kept') throw new HoldfastError(REFUSALS[answer], { field: task.id });
}
