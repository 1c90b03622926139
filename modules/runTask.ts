import type { ErrorCode } from '../constants/errors';
import { PermanentError, RetryAfter } from './handlerErrors';
import { HoldfastError } from './holdfastError';
import { toJson } from './json';
import type { Outcome, Retry } from './outcome';
import { taskError } from './taskError';

/** A handler as it is kept: what it gets is made by the worker. */
export type AnyHandler = (context: never) => unknown;

/**
 * Runs a handler and makes a value of its ending. Never throws.
 *
 * @param interruption tells why the handler was told to end, if it was.
 */
export async function runTask(handler: AnyHandler, context: object, interruption: () => ErrorCode | undefined): Promise<Outcome> {
  try {
    const result = await handler(context as never);
    return interruption() === 'HOLDFAST_TIMED_OUT' ? timedOut() : succeeded(result);
  } catch (thrown) {
    return interrupted(interruption()) ?? { kind: 'failed', error: taskError(thrown), retry: retryOf(thrown) };
  }
}

/** The work is done, so a result that cannot be kept must not have it done again. */
function succeeded(result: unknown): Outcome {
  try {
    return { kind: 'succeeded', result: result === undefined ? null : toJson(result, 'result') };
  } catch (thrown) {
    return { kind: 'failed', error: taskError(thrown), retry: 'never' };
  }
}

/** What a handler throws after it was told to end is not a failure of its own. */
function interrupted(code: ErrorCode | undefined): Outcome | undefined {
  if (code === 'HOLDFAST_TIMED_OUT') return timedOut();
  if (code === 'HOLDFAST_LEASE_EXPIRED' || code === 'HOLDFAST_LEASE_LOST') return { kind: 'expired' };
  if (code === 'HOLDFAST_STOPPING') return { kind: 'released', delayMs: 0 };
  return undefined;
}

const timedOut = (): Outcome => ({ kind: 'failed', error: taskError(new HoldfastError('HOLDFAST_TIMED_OUT')), retry: 'backoff' });

function retryOf(thrown: unknown): Retry {
  if (thrown instanceof PermanentError) return 'never';
  return thrown instanceof RetryAfter ? { afterMs: thrown.delayMs } : 'backoff';
}
