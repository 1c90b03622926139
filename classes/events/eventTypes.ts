import type { TaskOptions } from '../../config/optionTypes';
import type { StateCounts } from '../../modules/task/counts';
import type { Jsonified } from '../../modules/task/json';
import type { ScheduleView } from '../../modules/schedule/scheduleView';
import type { TaskView } from '../../modules/task/taskView';
import type { InSession } from '../../modules/store/givenSession';

/** What `emit` takes beside the payload: options of the task, which go before those of the event, and a transaction to join. */
export type EmitOptions = TaskOptions & InSession;

/** What `stats` tells of an event. */
export interface EventStats {
  readonly counts: StateCounts;
  /** How many are processed in this process now. */
  readonly running: number;
  readonly isPaused: boolean;
  readonly schedule: ScheduleView | null;
}

/** An event as `get` shows it. */
export type EventView<Input, Result> = Omit<TaskView<Input>, 'result'> & { readonly result: Jsonified<Awaited<Result>> | undefined };
