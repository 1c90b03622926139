import { scheduleOptions } from '../../config/eventOptions';
import type { ScheduleOptions } from '../../config/optionTypes';
import { HoldfastError } from '../errors/holdfastError';
import { resolveOptions } from '../options/resolveOptions';
import { newTask } from '../task/newTask';
import { isRecord } from '../values/isRecord';
import type { SchedulePlan } from './schedule';
import { checkTiming, rulesOf, timingOf } from './schedulePlan';

/**
 * Checks the options before anything is written. The returned function adds what depends on the time of the store.
 *
 * @throws HOLDFAST_OPTION_…, HOLDFAST_PAYLOAD_… or HOLDFAST_SCHEDULE_NEVER.
 */
export function readPlan(given: Partial<ScheduleOptions> & { readonly queue: string }): (nowMs: number) => SchedulePlan {
  if (!isRecord(given)) throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'schedule', expected: 'an object of options' });
  refuseDeadline(given.options);
  const { payload: value, ...rest } = given;
  const options = resolveOptions(scheduleOptions, rest, 'schedule');
  checkTiming(options, 'schedule');
  const { queue, name = queue, options: ofTasks = {} } = options;
  // A task that is invalid now would be invalid at every occurrence.
  const { payload } = newTask(queue, name, value, ofTasks);
  return (nowMs) => ({ queue, name, payload, options: ofTasks, timing: timingOf(options, nowMs), ...rulesOf(options) });
}

/** Refuses the option `deadline`, which tasks have and schedules have not, with a reason. */
function refuseDeadline(options: unknown): void {
  if (!isRecord(options) || options['deadline'] === undefined) return;
  const expected = 'left out: one instant means nothing for tasks that come again and again';
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'schedule.options.deadline', expected });
}
