import type { TaskError } from '../../constants/events';
import type { FinishedState } from '../../constants/states';
import { backoffDelay } from './backoff';
import type { BackoffFunctions } from './backoff';
import type { Random } from '../time/clock';
import type { Change, Outcome, Retry, Suspended } from './change';
import { errorOf } from './endings';
import { HoldfastError } from '../errors/holdfastError';
import { grouped } from '../errors/failureGroup';
import { taskError } from '../errors/taskError';
import { hasBegun } from './history';
import { retentionMs } from './retention';
import { isConsumers } from './task';
import type { TaskHead } from './task';

/** The other inputs of a decision. */
export interface Rules {
  readonly random: Random;
  readonly backoffs: BackoffFunctions;
  /** Called with the name of a custom back-off function that could not be used. */
  readonly onBackoffFault?: (name: string, fault: unknown) => void;
}

/** The outcome of an attempt that has passed its time limit. */
const TIMED_OUT: Outcome = Object.freeze({ kind: 'failed', error: grouped(taskError(new HoldfastError('HOLDFAST_TIMED_OUT'))), retry: 'backoff' });

/**
 * Returns what the outcome of an attempt counts as. An attempt that has passed its time limit has failed, also if its worker stops before its handler
 * ends: else a handler that hangs would be tried again after every deploy.
 */
export const countedOutcome = ({ lease }: TaskHead, outcome: Outcome): Outcome =>
  lease?.timedOut && outcome.kind === 'released' ? TIMED_OUT : outcome;

/** Returns the change that follows from the outcome of an attempt. */
export function nextChange(task: TaskHead, outcome: Outcome, rules: Rules): Change {
  switch (outcome.kind) {
    case 'succeeded':
      return outcome.followUps === undefined ? afterSuccess(task, outcome.result) : beforeHandOver(task, outcome.result, outcome.followUps);
    case 'overdue':
      return finish(task, 'dead', { suspect: false, error: errorOf(outcome) });
    case 'failed':
      return afterFailure(task, outcome.error, outcome.retry, rules);
    case 'expired':
      return afterExpiry(task, errorOf(task.lease?.timedOut ? TIMED_OUT : outcome));
    case 'released':
    case 'snoozed':
      return { state: 'waiting', delayMs: outcome.delayMs };
    case 'suspended':
      return afterSuspension(task, outcome);
  }
}

/**
 * Tells whether a claimed task is past its deadline, by the store's time at the claim plus the time it has waited since.
 *
 * A task that has started before is retried whatever the time, also after a redrive.
 */
export const isPastDeadline = ({ settings: { deadlineAt }, lease, history }: TaskHead, waitedMs: number): boolean =>
  deadlineAt !== undefined && lease !== null && lease.expiresAt.getTime() - lease.ms + waitedMs > deadlineAt && !hasBegun(history);

/** The change of a redrive. A dead task starts again with no failures; its `attempt` never falls. */
export const redriveChange: Change = Object.freeze({ state: 'waiting', delayMs: 0, failures: 0, suspect: false });

/** The change that makes a waiting task due now. */
export const dueNowChange: Change = Object.freeze({ state: 'waiting', delayMs: 0 });

/** Returns the change that cancels a task. */
export const cancelChange = (task: TaskHead): Change => finish(task, 'cancelled', {});

/** The change that removes a task. */
export const removeChange: Change = Object.freeze({ state: 'removed' });

/** Most tasks take this path. Object literals are used because spreading would cost more than the rest of the decision. */
function afterSuccess(task: TaskHead, result: string | null): Change {
  const keepMs = retentionMs(task, 'succeeded');
  if (keepMs === 0) return removeChange;
  return result === null ? { state: 'succeeded', keepMs, suspect: false } : { state: 'succeeded', keepMs, suspect: false, result };
}

/** Returns the failures of a task after an attempt that failed. The failure of a passed time limit is counted when it passes. */
const failuresAfter = ({ failures, lease }: TaskHead): number => (lease?.timedOut ? failures : failures + 1);

/** A task with follow-ups is kept until they are in their queues, even without retention. */
const beforeHandOver = (task: TaskHead, result: string | null, followUps: string): Change => ({
  ...{ state: 'succeeded', keepMs: retentionMs(task, 'succeeded'), suspect: false, followUps },
  ...(result === null ? {} : { result }),
});

/** Recorded steps have set the failures of a suspect to 0, so that it may be one no more. */
function afterSuspension({ failures, maxRetries, suspect }: TaskHead, { delayMs, signals }: Suspended): Change {
  const change = { state: 'waiting', delayMs, suspect: suspect && failures + 1 >= maxRetries } as const;
  return signals.length > 0 ? { ...change, signals } : change;
}

function afterFailure(task: TaskHead, error: TaskError, retry: Retry, rules: Rules): Change {
  const failures = failuresAfter(task);
  if (retry === 'never' || failures >= task.maxRetries) return finish(task, 'dead', { failures, suspect: false, error });
  return { state: 'waiting', failures, suspect: false, error, delayMs: taskRetryDelay(task, failures, error, retry, rules) };
}

function taskRetryDelay(task: TaskHead, failures: number, error: TaskError, retry: Exclude<Retry, 'never'>, rules: Rules): number {
  if (retry !== 'backoff') return retry.afterMs;
  const { backoff } = task.settings;
  const { delayMs, fault } = backoffDelay(backoff, failures, error, rules.backoffs, rules.random);
  if (fault !== undefined && backoff?.type === 'custom') rules.onBackoffFault?.(backoff.name, fault);
  return delayMs;
}

/**
 * Returns the change after an expired lease. It is a failure, and the task is retried at once.
 *
 * A crash charges every task of its process. So the failure that would make a task dead counts only if the task ran alone. Otherwise the task becomes
 * a suspect, which runs alone. A passed time limit was counted before, and is the task's own.
 *
 * Beside a suspect nobody knows whose crash it was, so the lease is released without a failure. A task that may be tried once only is dead all the
 * same: it must not run again.
 *
 * A consumer of the broker that lets its visibility end has not failed: its queue counts receives.
 */
function afterExpiry(task: TaskHead, error: TaskError): Change {
  if (isConsumers(task)) return { state: 'waiting', delayMs: 0 };
  if (task.lease?.beside === true && !task.lease.timedOut && task.maxRetries > 1) return { state: 'waiting', delayMs: 0 };
  const failures = failuresAfter(task);
  const mayBeInnocent = !task.lease?.timedOut && task.lease?.alone !== true && task.maxRetries > 1;
  if (failures < task.maxRetries) return { state: 'waiting', failures, suspect: failures + 1 >= task.maxRetries, error, delayMs: 0 };
  if (mayBeInnocent) return { state: 'waiting', suspect: true, error, delayMs: 0 };
  return finish(task, 'dead', { failures, suspect: false, error });
}

function finish(task: TaskHead, state: FinishedState, change: Omit<Change, 'state' | 'keepMs'>): Change {
  const keepMs = retentionMs(task, state);
  return keepMs === 0 ? removeChange : { ...change, state, keepMs };
}
