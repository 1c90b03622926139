import { types } from 'node:util';
import { BACKOFF_DEFAULTS } from '../../config/options';
import type { Backoff } from '../../config/optionTypes';
import type { TaskError } from '../../constants/events';
import type { Random } from '../time/clock';
import { doubling } from '../time/doubling';
import { isDuration } from './handlerErrors';

/** The back-off functions of a worker, by name. */
export type BackoffFunctions = Readonly<Record<string, (failures: number, error: TaskError) => number>>;

/** A delay, and the fault of a custom back-off function if the default replaced it. */
export interface BackoffDelay {
  readonly delayMs: number;
  readonly fault?: unknown;
}

/**
 * Computes the delay before a failed task is retried.
 *
 * Exponential back-off draws a random duration below min(maxMs, minMs · 2^(failures − 1)); the bounds are 1 s and 1 h by default. This is the "full
 * jitter" of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. It spreads the retries of tasks that failed together.
 *
 * @param failures the failures so far, this one included: at least 1.
 */
export function backoffDelay(
  backoff: Backoff | undefined,
  failures: number,
  error: TaskError,
  functions: BackoffFunctions,
  random: Random,
): BackoffDelay {
  if (backoff?.type === 'fixed') return { delayMs: backoff.delayMs };
  if (backoff?.type === 'custom') return customDelay(functions[backoff.name], failures, error, random);
  const { minMs = BACKOFF_DEFAULTS.minMs, maxMs = BACKOFF_DEFAULTS.maxMs } = backoff ?? {};
  return { delayMs: fullJitter(failures, { minMs, maxMs }, random) };
}

function customDelay(given: BackoffFunctions[string] | undefined, failures: number, error: TaskError, random: Random): BackoffDelay {
  try {
    const delayMs: unknown = given?.(failures, error);
    if (types.isPromise(delayMs)) delayMs.catch(() => undefined);
    if (isDuration(delayMs)) return { delayMs: Math.round(delayMs) };
    throw new TypeError(given ? 'the back-off function returned no duration in milliseconds' : 'there is no back-off function of this name');
  } catch (fault) {
    return { delayMs: fullJitter(failures, BACKOFF_DEFAULTS, random), fault: fault ?? new Error('the back-off function threw nothing') };
  }
}

const fullJitter = (failures: number, { minMs, maxMs }: typeof BACKOFF_DEFAULTS, random: Random): number =>
  Math.round(random() * doubling(minMs, failures - 1, maxMs));
