import type { TaskError } from '../../constants/events';
import type { FinishedState } from '../../constants/states';
import { backoffDelay } from './backoff';
import type { BackoffFunctions } from './backoff';
import type { Random } from '../time/clock';
import type { Change, Outcome, Retry } from './change';
import { errorOf } from './endings';
import { hasBegun } from './history';
import { retentionMs } from './retention';
import type { Task } from './task';

/** What else a decision rests on. */
export interface Rules {
  readonly random: Random;
  readonly backoffs: BackoffFunctions;
  /** Told when a back-off function of the user's, which has this name, could not be used. */
  readonly onBackoffFault?: (name: string, fault: unknown) => void;
}

/** Decides what becomes of a task whose attempt ended so. */
export function nextChange(task: Task, outcome: Outcome, rules: Rules): Change {
  switch (outcome.kind) {
    case 'succeeded':
      return afterSuccess(task, outcome.result);
    case 'overdue':
      return finish(task, 'dead', { suspect: false, error: errorOf(outcome) });
    case 'failed':
      return afterFailure(task, outcome.error, outcome.retry, rules);
    case 'expired':
      return afterExpiry(task, errorOf(outcome));
    case 'released':
    case 'snoozed':
      return { state: 'waiting', delayMs: outcome.delayMs };
  }
}

/**
 * Tells whether it is too late to begin a claimed task, by the store's time: that at its claim, when its lease began, and how long it has waited since.
 * One that has begun before is tried again whatever the time, and so is one that was brought back by hand.
 */
export const isPastDeadline = ({ settings: { deadlineAt }, lease, history }: Task, waitedMs: number): boolean =>
  deadlineAt !== undefined && lease !== null && lease.expiresAt.getTime() - lease.ms + waitedMs > deadlineAt && !hasBegun(history);

/** A task made waiting again by hand. A dead one begins anew with no failures; its `attempt` never falls. */
export const redriveChange: Change = Object.freeze({ state: 'waiting', delayMs: 0, failures: 0, suspect: false });

/** A waiting task made due now. */
export const dueNowChange: Change = Object.freeze({ state: 'waiting', delayMs: 0 });

/** A task cancelled by hand. */
export const cancelChange = (task: Task): Change => finish(task, 'cancelled', {});

/** A task removed by hand. */
export const removeChange: Change = Object.freeze({ state: 'removed' });

/** By literals: this is the way of most tasks, and spreading would cost more than all else that is decided. */
function afterSuccess(task: Task, result: string | null): Change {
  const keepMs = retentionMs(task, 'succeeded');
  if (keepMs === 0) return removeChange;
  return result === null ? { state: 'succeeded', keepMs, suspect: false } : { state: 'succeeded', keepMs, suspect: false, result };
}

function afterFailure(task: Task, error: TaskError, retry: Retry, rules: Rules): Change {
  const failures = task.failures + 1;
  if (retry === 'never' || failures >= task.maxRetries) return finish(task, 'dead', { failures, suspect: false, error });
  return { state: 'waiting', failures, suspect: false, error, delayMs: taskRetryDelay(task, failures, error, retry, rules) };
}

function taskRetryDelay(task: Task, failures: number, error: TaskError, retry: Exclude<Retry, 'never'>, rules: Rules): number {
  if (retry !== 'backoff') return retry.afterMs;
  const { backoff } = task.settings;
  const { delayMs, fault } = backoffDelay(backoff, failures, error, rules.backoffs, rules.random);
  if (fault !== undefined && backoff?.type === 'custom') rules.onBackoffFault?.(backoff.name, fault);
  return delayMs;
}

/**
 * An expired lease is a failure, tried again at once. But a crash charges every task of its process, so the failure that would
 * make a task dead counts only where the task ran alone; else it is a suspect from now on, and runs alone.
 */
function afterExpiry(task: Task, error: TaskError): Change {
  const failures = task.failures + 1;
  const mayBeInnocent = task.lease?.alone !== true && task.maxRetries > 1;
  if (failures < task.maxRetries) return { state: 'waiting', failures, suspect: failures + 1 >= task.maxRetries, error, delayMs: 0 };
  if (mayBeInnocent) return { state: 'waiting', suspect: true, error, delayMs: 0 };
  return finish(task, 'dead', { failures, suspect: false, error });
}

function finish(task: Task, state: FinishedState, change: Omit<Change, 'state' | 'keepMs'>): Change {
  const keepMs = retentionMs(task, state);
  return keepMs === 0 ? removeChange : { ...change, state, keepMs };
}
