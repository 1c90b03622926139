import type { Attempt } from '../worker/attempt';
import type { Emitter } from '../observe/emitter';
import type { Ending } from '../../constants/events';
import type { Clock } from '../../modules/time/clock';
import { errorOf } from '../../modules/task/outcome';
import type { Change, Outcome } from '../../modules/task/change';
import { refOf } from '../../modules/task/task';

/** Emits the event of an outcome that the store has recorded, and names the ending for the tally of its iteration. */
export function tellEnding(events: Emitter, attempt: Attempt, outcome: Outcome, change: Change, clock: Clock): Ending {
  if (outcome.kind === 'succeeded' && !events.hears('task-succeeded')) return 'succeeded';
  const told = { workerId: attempt.workerId, task: refOf(attempt.task) };
  const delayMs = change.delayMs ?? 0;
  if (outcome.kind === 'succeeded') {
    events.emit('task-succeeded', { ...told, durationMs: attempt.durationAt(clock.monotonic()) });
    return 'succeeded';
  }
  if (outcome.kind === 'snoozed') {
    events.emit('task-snoozed', { ...told, delayMs });
    return 'snoozed';
  }
  if (outcome.kind === 'released') {
    events.emit('task-released', { ...told, delayMs });
    return 'released';
  }
  const error = errorOf(outcome);
  if (change.state !== 'waiting') {
    events.emit('task-dead', { ...told, error });
    return 'dead';
  }
  events.emit('task-retried', { ...told, error, delayMs });
  return 'retried';
}
