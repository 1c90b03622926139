import type { AfterTask } from '../../modules/events/afterTask';
import type { TaskOptions } from '../../config/optionTypes';
import type { BoundedCounts } from '../../modules/task/counts';
import type { Jsonified } from '../../modules/task/json';
import type { ScheduleView } from '../../modules/schedule/scheduleView';
import type { TaskView } from '../../modules/task/taskView';
import type { InSession } from '../../modules/store/givenSession';

/** Options of `emit`: options of the task, which override those of the event, and a transaction to join, or a task to follow. */
export type EmitOptions = TaskOptions & InSession & AfterTask;

/** Result of `stats`. */
export interface EventStats {
  readonly counts: BoundedCounts;
  /** Number of events running in this process. */
  readonly running: number;
  readonly isPaused: boolean;
  readonly schedule: ScheduleView | null;
}

/** Result of `get`. */
export type EventView<Input, Result> = Omit<TaskView<Input>, 'result'> & { readonly result: Jsonified<Awaited<Result>> | undefined };
