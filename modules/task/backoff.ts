import { BACKOFF_DEFAULTS } from '../../config/options';
import type { Backoff } from '../../config/optionTypes';
import type { TaskError } from '../../constants/events';
import type { Random } from '../time/clock';
import { doubling } from '../time/doubling';
import { isDuration } from './handlerErrors';

/** The user's back-off functions by name. */
export type BackoffFunctions = Readonly<Record<string, (failures: number, error: TaskError) => number>>;

/** A delay, and what was wrong with the user's function where the default had to stand in for it. */
export interface BackoffDelay {
  readonly delayMs: number;
  readonly fault?: unknown;
}

/**
 * Computes the delay before a failed task is tried again.
 *
 * Exponential: a random duration below min(maxMs, minMs · 2^(failures − 1)), 1 s to 1 h by default. This is the "full jitter" of
 * Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: it spreads the retries of tasks that failed together.
 *
 * @param failures failures so far, this one included: at least 1.
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
    if (delayMs instanceof Promise) delayMs.catch(() => undefined);
    if (isDuration(delayMs)) return { delayMs: Math.round(delayMs) };
    throw new TypeError(given ? 'the back-off function gave no duration in milliseconds' : 'no back-off function of this name is known');
  } catch (fault) {
    return { delayMs: fullJitter(failures, BACKOFF_DEFAULTS, random), fault: fault ?? new Error('the back-off function threw nothing') };
  }
}

const fullJitter = (failures: number, { minMs, maxMs }: typeof BACKOFF_DEFAULTS, random: Random): number =>
  Math.round(random() * doubling(minMs, failures - 1, maxMs));
