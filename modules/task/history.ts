import type { LogLevel, TaskError } from '../../constants/events';
import { HISTORY_ATTEMPTS, HISTORY_LINES, HISTORY_TEXT_CHARACTERS } from '../../constants/limits';
import { clipText } from '../values/clipText';
import type { Change, Outcome } from './change';
import { endingOf } from './endings';
import type { EndingRow } from './endings';
import type { Task } from './task';

/** What is kept of the error of an attempt. */
export type ErrorBrief = Pick<TaskError, 'name' | 'message' | 'code'>;

/** How one attempt of a task ended. */
export interface AttemptRecord {
  readonly attempt: number;
  readonly workerId: string;
  /** How long its handler ran, in milliseconds; absent where nobody saw its end. */
  readonly durationMs?: number;
  readonly ending: EndingRow['history'];
  readonly error?: ErrorBrief;
}

/** A line that a handler wrote by `context.log`. */
export interface LogLine {
  readonly attempt: number;
  /** In milliseconds from the beginning of its attempt. */
  readonly afterMs: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** What is kept of the attempts of a task, bounded in number and size. */
export interface TaskHistory {
  readonly attempts: readonly AttemptRecord[];
  readonly log: readonly LogLine[];
}

/** What is known of an attempt that has ended. */
export interface AttemptFacts {
  readonly durationMs?: number;
  readonly lines: readonly LogLine[];
}

const NONE: TaskHistory = Object.freeze({ attempts: [], log: [] });

/**
 * Adds an attempt to what its change keeps of the history of its task; beyond the bounds the oldest is dropped.
 *
 * A first attempt that succeeded and logged nothing adds nothing: the task itself tells it, and most tasks are of this kind.
 */
export function withHistory(task: Task, outcome: Outcome, change: Change, { durationMs, lines }: AttemptFacts): Change {
  if (hasNoHistory(task, outcome, change, lines)) return change;
  const { attempts, log } = viewHistory(task.history);
  const record: AttemptRecord = {
    attempt: task.attempt,
    workerId: task.lease?.workerId ?? '',
    ...(durationMs === undefined ? {} : { durationMs: Math.round(durationMs) }),
    ending: endingOf(outcome, change).history,
    ...(change.error ? { error: briefOf(change.error) } : {}),
  };
  const kept: TaskHistory = { attempts: [...attempts, record].slice(-HISTORY_ATTEMPTS), log: [...log, ...lines].slice(-HISTORY_LINES) };
  return { ...change, history: JSON.stringify(kept) };
}

/** Tells of an attempt that adds nothing, before anything is put together of it. */
export const hasNoHistory = (task: Task, { kind }: Outcome, { state }: Change, lines: readonly LogLine[]): boolean =>
  state === 'removed' || (kind === 'succeeded' && task.history === null && lines.length === 0);

/** Reads what a store keeps. What cannot be read was written by somebody else, and must not keep a task from ending. */
export function viewHistory(history: string | null): TaskHistory {
  if (history === null) return NONE;
  try {
    const { attempts, log } = JSON.parse(history) as TaskHistory;
    return Array.isArray(attempts) && Array.isArray(log) ? { attempts, log } : NONE;
  } catch {
    return NONE;
  }
}

/** Tells whether an attempt has begun, or was ended for good: all but one that was given back before its handler was called. */
export const hasBegun = (history: string | null): boolean =>
  viewHistory(history).attempts.some(({ ending, durationMs }) => ending !== 'released' || durationMs !== undefined);

const briefOf = ({ name, message, code }: TaskError): ErrorBrief => ({
  name,
  message: clipText(message, HISTORY_TEXT_CHARACTERS),
  ...(code === undefined ? {} : { code }),
});
