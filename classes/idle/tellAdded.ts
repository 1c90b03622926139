import { hintsOf } from '../../modules/ports/hint';
import type { NewTask } from '../../modules/task/task';
import type { Clock } from '../../modules/time/clock';
import { groupBy } from '../../modules/values/groupBy';
import type { Emitter } from '../observe/emitter';
import type { TaskCounter } from '../statistics/taskCounter';
import type { Wakeups } from './wakeups';

/** The parts of `tellAdded`. */
export interface TellAddedParts {
  readonly wakeups: Pick<Wakeups, 'tell'>;
  readonly events: Emitter;
  /** Absent where nothing is counted. */
  readonly counter?: TaskCounter | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** Wakes the workers of this process for tasks that were added, counts them, and emits their events. */
export function tellAdded(added: readonly NewTask[], { wakeups, events, counter, clock }: TellAddedParts): void {
  if (counter) for (const { queue, name } of added) counter.noteAdded(queue, name);
  for (const hint of hintsOf(added, clock.now())) wakeups.tell(hint);
  for (const [queue, { length: count }] of groupBy(added, (task) => task.queue)) events.emit('task-added', { queue, count });
}
