import type { ErrorCode } from '../../constants/errors';
import { retryOf, snoozeOf } from '../task/handlerErrors';
import { HoldfastError } from '../errors/holdfastError';
import { toJson } from '../task/json';
import type { Outcome } from '../task/change';
import { grouped } from '../errors/failureGroup';
import { taskError } from '../errors/taskError';
import { isError } from '../values/isError';

/** A handler's request in place of an outcome: to release the task, to snooze it, or to let it sleep. */
export type Wish = Extract<Outcome, { kind: 'released' | 'snoozed' | 'suspended' }>;

/** An attempt that has succeeded. */
type Success = Extract<Outcome, { kind: 'succeeded' }>;

/** The state of an attempt, read when its handler has ended. */
export interface Run {
  /** The reason why the handler was told to stop, if it was. */
  readonly interruption: ErrorCode | undefined;
  /** The handler's request, if any. */
  readonly wish: Wish | undefined;
  /** What the handler has added for the case of its success, if anything. */
  readonly followUps?: { readonly text: string } | undefined;
}

/** What a handler is called in, for example an async context. */
export interface Scope {
  enter<Given, T>(handler: (given: Given) => T, given: Given): T;
}

const BARE: Scope = { enter: (handler, given) => handler(given) };

/** One task of a batch. */
interface BatchRun extends Run {
  readonly id: string;
}

/**
 * Runs a handler and returns its outcome. Never throws.
 *
 * It returns a promise only if the handler does, because promises are most of what a task costs a process.
 */
export function runTask<Context>(
  handler: (context: Context) => unknown,
  context: Context,
  attempt: Run,
  scope: Scope = BARE,
): Outcome | Promise<Outcome> {
  try {
    const result = scope.enter(handler, context);
    if (!isThenable(result)) return outcomeOfResult(result, attempt);
    // The method of the class, because a promise of the user may carry another one.
    return Promise.prototype.then.call(
      Promise.resolve(result),
      (value) => outcomeOfResult(value, attempt),
      (thrown) => outcomeOfThrown(thrown, attempt),
    ) as Promise<Outcome>;
  } catch (thrown) {
    return outcomeOfThrown(thrown, attempt);
  }
}

/**
 * Runs a batch handler and returns the outcome of each attempt, in order. Never throws.
 *
 * Either all answers are used or none: an answer for a task outside the batch shows that the handler mixed something up.
 */
export async function runBatch<Batch>(
  handler: (batch: Batch) => unknown,
  batch: Batch,
  attempts: readonly BatchRun[],
  scope: Scope = BARE,
): Promise<Outcome[]> {
  try {
    const answers = answersOf(await scope.enter(handler, batch), attempts);
    return attempts.map((attempt) => outcomeOfAnswer(answers, attempt));
  } catch (thrown) {
    return attempts.map((attempt) => outcomeOfThrown(thrown, attempt));
  }
}

function answersOf(returned: unknown, attempts: readonly { readonly id: string }[]): ReadonlyMap<string, unknown> {
  const given = new Set(attempts.map(({ id }) => id));
  const entries = isIterable(returned) ? [...returned] : [];
  const ids = entries.map((entry) => (Array.isArray(entry) ? (entry[0] as unknown) : undefined));
  const isOurs = ids.every((id) => typeof id === 'string' && given.has(id)) && new Set(ids).size === ids.length;
  if (!isOurs) throw new HoldfastError('HOLDFAST_BATCH_ANSWER_UNKNOWN');
  return new Map(entries as [string, unknown][]);
}

function outcomeOfAnswer(answers: ReadonlyMap<string, unknown>, attempt: BatchRun): Outcome {
  const answer = answers.get(attempt.id);
  if (attempt.wish && !answers.has(attempt.id)) return outcomeOfResult(undefined, attempt);
  if (!answers.has(attempt.id)) return outcomeOfThrown(new HoldfastError('HOLDFAST_BATCH_ANSWER_MISSING'), attempt);
  return isError(answer) ? outcomeOfThrown(answer, attempt) : outcomeOfResult(answer, attempt);
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function';

function outcomeOfResult(result: unknown, { interruption, wish, followUps }: Run): Outcome {
  if (interruption === 'HOLDFAST_TIMED_OUT') return timedOut();
  if (wish) return wish;
  return followUps ? { ...succeeded(result), followUps: followUps.text } : succeeded(result);
}

/** A task that has begun to sleep sleeps, whatever its handler makes of the suspension. */
function outcomeOfThrown(thrown: unknown, { interruption, wish }: Run): Outcome {
  if (wish?.kind === 'suspended' && interruption !== 'HOLDFAST_TIMED_OUT') return wish;
  return interrupted(interruption) ?? snoozed(thrown) ?? { kind: 'failed', error: grouped(taskError(thrown)), retry: retryOf(thrown) };
}

function snoozed(thrown: unknown): Outcome | undefined {
  const delayMs = snoozeOf(thrown);
  return delayMs === undefined ? undefined : { kind: 'snoozed', delayMs, error: taskError(thrown) };
}

/** The work is done, so a result that cannot be stored is dropped, and told. */
function succeeded(result: unknown): Success {
  try {
    return { kind: 'succeeded', result: result === undefined ? null : toJson(result, 'result') };
  } catch (thrown) {
    return { kind: 'succeeded', result: null, dropped: taskError(thrown) };
  }
}

/** An error thrown after the handler was told to stop is no failure of its own. */
function interrupted(code: ErrorCode | undefined): Outcome | undefined {
  if (code === 'HOLDFAST_TIMED_OUT') return timedOut();
  if (code === 'HOLDFAST_LEASE_EXPIRED' || code === 'HOLDFAST_LEASE_LOST') return { kind: 'expired' };
  if (code === 'HOLDFAST_STOPPING') return { kind: 'released', delayMs: 0 };
  return undefined;
}

/** The outcome of an attempt that has passed its time limit, whatever its handler made of it. */
export const timedOut = (): Outcome => ({ kind: 'failed', error: grouped(taskError(new HoldfastError('HOLDFAST_TIMED_OUT'))), retry: 'backoff' });
