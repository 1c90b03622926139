import type { Ending, EventName, HoldfastEvents, TaskError, TaskRef } from '../../constants/events';
import { HoldfastError } from '../errors/holdfastError';
import { taskError } from '../errors/taskError';
import type { Change, Outcome } from './change';

/** The event that tells how an attempt ended. */
export type EndingEvent = Extract<EventName, 'task-succeeded' | 'task-retried' | 'task-dead' | 'task-released' | 'task-snoozed'>;

/** One ending of an attempt, wherever it is told. */
export interface EndingRow {
  readonly event: EndingEvent;
  /** Its count in the tally of an iteration, which is also its word in the log. */
  readonly tally: Ending;
  /** Its word in the history of the task. */
  readonly history: 'succeeded' | 'retried' | 'dead' | 'released' | 'snoozed' | 'expired';
}

const row = (event: EndingEvent, tally: Ending, history: EndingRow['history']): EndingRow => Object.freeze({ event, tally, history });

const DEAD = row('task-dead', 'dead', 'dead');

/** Every ending, by the outcome of the attempt and by the state that its change leads to. An outcome that cannot lead to a state has no row there. */
const ENDINGS = {
  succeeded: { finished: row('task-succeeded', 'succeeded', 'succeeded') },
  failed: { waiting: row('task-retried', 'retried', 'retried'), finished: DEAD },
  expired: { waiting: row('task-retried', 'retried', 'expired'), finished: DEAD },
  overdue: { finished: DEAD },
  released: { waiting: row('task-released', 'released', 'released') },
  snoozed: { waiting: row('task-snoozed', 'snoozed', 'snoozed') },
} as const satisfies Record<Outcome['kind'], Partial<Record<'waiting' | 'finished', EndingRow>>>;

/** Names the ending of an attempt whose outcome led to a change. */
export function endingOf({ kind }: Outcome, { state }: Change): EndingRow {
  const rows: Partial<Record<'waiting' | 'finished', EndingRow>> = ENDINGS[kind];
  return (state === 'waiting' ? rows.waiting : rows.finished) ?? DEAD;
}

/** Returns the error of an attempt that did not succeed: that of its handler, a passed deadline, or an expired lease. */
export function errorOf(outcome: Outcome): TaskError {
  if (outcome.kind === 'failed') return outcome.error;
  return taskError(new HoldfastError(outcome.kind === 'overdue' ? 'HOLDFAST_DEADLINE_PASSED' : 'HOLDFAST_LEASE_EXPIRED'));
}

/** The word of the log for each event that ends an attempt. */
export const ENDING_WORDS: ReadonlyMap<EventName, Ending> = new Map(
  Object.values(ENDINGS).flatMap((rows) => Object.values(rows).map(({ event, tally }) => [event, tally] as const)),
);

/** An attempt that has ended, as its event tells it. */
export interface EndedAttempt {
  readonly workerId: string;
  readonly task: TaskRef;
  readonly durationMs: number;
}

/** Puts together the event of an ending. */
export function endingEvent<Name extends EndingEvent>(name: Name, ended: EndedAttempt, outcome: Outcome, change: Change): HoldfastEvents[Name] {
  const { workerId, task, durationMs } = ended;
  const delayMs = change.delayMs ?? 0;
  const makers: { readonly [Event in EndingEvent]: () => HoldfastEvents[Event] } = {
    'task-succeeded': () => ({ workerId, task, durationMs }),
    'task-retried': () => ({ workerId, task, error: errorOf(outcome), delayMs }),
    'task-dead': () => ({ workerId, task, error: errorOf(outcome) }),
    'task-released': () => ({ workerId, task, delayMs }),
    'task-snoozed': () => ({ workerId, task, delayMs }),
  };
  return makers[name]();
}
