import { hintsOf } from '../../modules/ports/hint';
import type { Inserted } from '../../modules/ports/taskStore';
import type { NewTask } from '../../modules/task/task';
import type { Clock } from '../../modules/time/clock';
import { groupBy } from '../../modules/values/groupBy';
import type { Emitter } from '../observe/emitter';
import type { Wakeups } from './wakeups';

/** Wakes the workers of this process for tasks that were added, and emits their events. */
export function tellAdded(
  tasks: readonly NewTask[],
  inserted: readonly Inserted[],
  { wakeups, events, clock }: { readonly wakeups: Pick<Wakeups, 'tell'>; readonly events: Emitter; readonly clock: Pick<Clock, 'now'> },
): void {
  const added = tasks.filter((_, index) => inserted[index]?.added);
  for (const hint of hintsOf(added, clock.now())) wakeups.tell(hint);
  for (const [queue, { length: count }] of groupBy(added, (task) => task.queue)) events.emit('task-added', { queue, count });
}
