import type { Attempt } from '../classes/attempt';
import type { Events } from '../classes/events';
import type { Ending } from '../classes/iteration';
import { HoldfastError } from './holdfastError';
import type { Change, Outcome } from './outcome';
import { refOf } from './task';
import { taskError } from './taskError';

/** Emits the event of an outcome that the store has recorded, and names the ending for the tally of its iteration. */
export function tellEnding(events: Events, attempt: Attempt, outcome: Outcome, change: Change, nowMs: number): Ending {
  const told = { workerId: attempt.workerId, task: refOf(attempt.task) };
  const delayMs = change.delayMs ?? 0;
  if (outcome.kind === 'succeeded') {
    events.emit('task-succeeded', { ...told, durationMs: nowMs - attempt.startedAt });
    return 'succeeded';
  }
  if (outcome.kind === 'released' || outcome.kind === 'cancelled') {
    events.emit('task-released', { ...told, delayMs });
    return 'released';
  }
  const error = outcome.kind === 'failed' ? outcome.error : taskError(new HoldfastError('HOLDFAST_LEASE_EXPIRED'));
  if (change.state !== 'waiting') {
    events.emit('task-dead', { ...told, error });
    return 'dead';
  }
  events.emit('task-retried', { ...told, error, delayMs });
  return 'retried';
}
