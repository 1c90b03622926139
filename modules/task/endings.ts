import type { Ending, EventName, HoldfastEvents, TaskError, TaskRef } from '../../constants/events';
import { HoldfastError } from '../errors/holdfastError';
import { grouped } from '../errors/failureGroup';
import { taskError } from '../errors/taskError';
import type { Change, Outcome, Suspended } from './change';

/** The event of an attempt's ending. */
export type EndingEvent = Extract<EventName, 'task-succeeded' | 'task-retried' | 'task-dead' | 'task-released' | 'task-snoozed' | 'task-suspended'>;

/** One ending of an attempt, with its name in each place that reports it. */
export interface EndingRow {
  readonly event: EndingEvent;
  /** The count in the tally of an iteration, which is also the word in the log. */
  readonly tally: Ending;
  /** The word in the history of the task. */
  readonly history: 'succeeded' | 'retried' | 'dead' | 'released' | 'snoozed' | 'suspended' | 'expired';
}

const row = (event: EndingEvent, tally: Ending, history: EndingRow['history']): EndingRow => Object.freeze({ event, tally, history });

const DEAD = row('task-dead', 'dead', 'dead');

/** Every ending, by the outcome of the attempt and the state that its change leads to. Impossible combinations have no row. */
const ENDINGS = {
  succeeded: { finished: row('task-succeeded', 'succeeded', 'succeeded') },
  failed: { waiting: row('task-retried', 'retried', 'retried'), finished: DEAD },
  expired: { waiting: row('task-retried', 'retried', 'expired'), finished: DEAD },
  overdue: { finished: DEAD },
  released: { waiting: row('task-released', 'released', 'released') },
  snoozed: { waiting: row('task-snoozed', 'snoozed', 'snoozed') },
  suspended: { waiting: row('task-suspended', 'suspended', 'suspended') },
} as const satisfies Record<Outcome['kind'], Partial<Record<'waiting' | 'finished', EndingRow>>>;

/** Returns the ending of an attempt from its outcome and change. */
export function endingOf({ kind }: Outcome, { state }: Change): EndingRow {
  const rows: Partial<Record<'waiting' | 'finished', EndingRow>> = ENDINGS[kind];
  return (state === 'waiting' ? rows.waiting : rows.finished) ?? DEAD;
}

/** Returns the error of an unsuccessful attempt: the handler's own, a passed deadline, or an expired lease. */
export function errorOf(outcome: Outcome): TaskError {
  if (outcome.kind === 'failed') return outcome.error;
  return grouped(taskError(new HoldfastError(outcome.kind === 'overdue' ? 'HOLDFAST_DEADLINE_PASSED' : 'HOLDFAST_LEASE_EXPIRED')));
}

/** The log's word for each event that ends an attempt. */
export const ENDING_WORDS: ReadonlyMap<EventName, Ending> = new Map(
  Object.values(ENDINGS).flatMap((rows) => Object.values(rows).map(({ event, tally }) => [event, tally] as const)),
);

/** An ended attempt, as its event reports it. */
export interface EndedAttempt {
  readonly workerId: string;
  readonly task: TaskRef;
  readonly durationMs: number;
}

/** Builds the event of an ending. */
export function endingEvent<Name extends EndingEvent>(name: Name, ended: EndedAttempt, outcome: Outcome, change: Change): HoldfastEvents[Name] {
  const { workerId, task, durationMs } = ended;
  const delayMs = change.delayMs ?? 0;
  const makers: { readonly [Event in EndingEvent]: () => HoldfastEvents[Event] } = {
    'task-succeeded': () => ({ workerId, task, durationMs }),
    'task-retried': () => ({ workerId, task, error: errorOf(outcome), delayMs }),
    'task-dead': () => ({ workerId, task, error: errorOf(outcome) }),
    'task-released': () => ({ workerId, task, delayMs }),
    'task-snoozed': () => ({ workerId, task, delayMs }),
    'task-suspended': () => ({ workerId, task, on: (outcome as Suspended).on, delayMs }),
  };
  return makers[name]();
}
