import type { LogLevel, SleepsOn, TaskError } from '../../constants/events';
import { HISTORY_ATTEMPTS, HISTORY_LINES, HISTORY_TEXT_CHARACTERS } from '../../constants/limits';
import { clipText } from '../values/clipText';
import type { Change, Outcome } from './change';
import { endingOf } from './endings';
import type { EndingRow } from './endings';
import { isConsumers } from './task';
import type { TaskHead } from './task';

/** The part of an error that the history keeps. */
export type ErrorBrief = Pick<TaskError, 'name' | 'message' | 'code'>;

/** The record of one ended attempt. */
export interface AttemptRecord {
  readonly attempt: number;
  readonly workerId: string;
  /** When it was claimed, in milliseconds since the epoch by the clock of the store; absent if nobody saw its end. */
  readonly claimedAtMs?: number;
  /** How long the task had been due when it was claimed, in milliseconds; absent like `claimedAtMs`. */
  readonly waitedMs?: number;
  /** The duration of the handler in milliseconds; absent if nobody saw its end. */
  readonly durationMs?: number;
  readonly ending: EndingRow['history'];
  readonly error?: ErrorBrief;
  /** For a suspended attempt: what it slept on. */
  readonly on?: SleepsOn;
}

/** A line that a handler wrote with `context.log`. */
export interface LogLine {
  readonly attempt: number;
  /** Milliseconds since the start of the attempt. */
  readonly afterMs: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** The history of a task: its last attempts and log lines, bounded in number and size. */
export interface TaskHistory {
  readonly attempts: readonly AttemptRecord[];
  readonly log: readonly LogLine[];
  /** For a message of the broker that came back: when it was received first, in milliseconds since the epoch. */
  readonly firstAtMs?: number;
}

/** What the worker knows about an ended attempt. */
export interface AttemptFacts {
  readonly durationMs?: number;
  readonly lines: readonly LogLine[];
}

const NONE: TaskHistory = Object.freeze({ attempts: [], log: [] });

/**
 * Adds an attempt to the history in its change. The oldest entries beyond the bounds are dropped.
 *
 * A first attempt that succeeded and logged nothing adds nothing, because the task itself says as much. Most tasks are like that.
 */
export function withHistory(task: TaskHead, outcome: Outcome, change: Change, { durationMs, lines }: AttemptFacts): Change {
  if (hasNoHistory(task, outcome, change, lines)) return change;
  const { attempts, log, firstAtMs = firstReceiveOf(task) } = viewHistory(task.history);
  const error = outcome.kind === 'snoozed' ? outcome.error : change.error;
  const record: AttemptRecord = {
    attempt: task.attempt,
    workerId: task.lease?.workerId ?? '',
    ...(durationMs === undefined ? {} : { ...claimOf(task), durationMs: Math.round(durationMs) }),
    ending: endingOf(outcome, change).history,
    ...(error ? { error: briefOf(error) } : {}),
    ...(outcome.kind === 'suspended' ? { on: outcome.on } : {}),
  };
  const kept: TaskHistory = {
    ...{ attempts: [...attempts, record].slice(-HISTORY_ATTEMPTS), log: [...log, ...lines].slice(-HISTORY_LINES) },
    ...(firstAtMs === undefined ? {} : { firstAtMs }),
  };
  return { ...change, history: JSON.stringify(kept) };
}

/** Tells whether an attempt adds nothing to the history, before anything is built for it. */
export const hasNoHistory = (task: TaskHead, { kind }: Outcome, { state }: Change, lines: readonly LogLine[]): boolean =>
  state === 'removed' || (kind === 'succeeded' && task.history === null && lines.length === 0);

/** Returns when a task was claimed that its own process ends, which has the lease as it was claimed. */
function claimOf({ lease, availableAt }: TaskHead): Pick<AttemptRecord, 'claimedAtMs' | 'waitedMs'> {
  if (!lease) return {};
  const claimedAtMs = lease.expiresAt.getTime() - lease.ms;
  return { claimedAtMs, waitedMs: Math.max(0, claimedAtMs - availableAt.getTime()) };
}

/** Returns when a message was received, if that was its first receive. */
const firstReceiveOf = (task: TaskHead): number | undefined =>
  isConsumers(task) && task.attempt === 1 && task.lease ? task.lease.expiresAt.getTime() - task.lease.ms : undefined;

/** Returns the history of a message that comes back after its first receive; undefined if it came back before, and has one. */
export const historyAfterReceive = (attempt: number, receivedAtMs: number): string | undefined =>
  attempt === 1 ? JSON.stringify({ ...NONE, firstAtMs: receivedAtMs }) : undefined;

/** Reads the stored history. Unreadable text was written by another program, and must not keep a task from ending. */
export function viewHistory(history: string | null): TaskHistory {
  if (history === null) return NONE;
  try {
    const { attempts, log, firstAtMs } = JSON.parse(history) as TaskHistory;
    if (!Array.isArray(attempts) || !Array.isArray(log)) return NONE;
    return typeof firstAtMs === 'number' ? { attempts, log, firstAtMs } : { attempts, log };
  } catch {
    return NONE;
  }
}

/** Tells whether any attempt has started or ended for good. An attempt that was released before its handler was called does not count. */
export const hasBegun = (history: string | null): boolean =>
  viewHistory(history).attempts.some(({ ending, durationMs }) => ending !== 'released' || durationMs !== undefined);

/** Returns the number of last attempts, released ones aside, that ended by a crash of which nobody knows whose it was: none of them was charged. */
export function unclearCrashes(history: string | null): number {
  const ended = viewHistory(history).attempts.filter(({ ending }) => ending !== 'released');
  return ended.length - 1 - ended.findLastIndex(({ ending, error }) => ending !== 'expired' || error !== undefined);
}

const briefOf = ({ name, message, code }: TaskError): ErrorBrief => ({
  name,
  message: clipText(message, HISTORY_TEXT_CHARACTERS),
  ...(code === undefined ? {} : { code }),
});
