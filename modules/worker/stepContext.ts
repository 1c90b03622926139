import type { Jsonified } from '../task/json';

/**
 * What the function of a step gets.
 *
 * @example
 * const charge = await step('charge', ({ key, signal }) => bank.charge(payload.to, { idempotencyKey: key, signal }));
 */
export interface StepContext {
  /**
   * A UUID that is the same in every attempt, made from the id of the task and the name of the step. Hand it to another system as the idempotency key:
   * a step that was killed before its result was recorded runs again with it.
   */
  readonly key: string;

  /** Aborts when the handler should stop. */
  readonly signal: AbortSignal;

  /** The number of this attempt, from 1. */
  readonly attempt: number;
}

/** The result of a step: what JSON makes of it, in the first attempt too. */
export type StepResult<T> = T extends void | undefined ? undefined : Jsonified<T>;

/** A signal that a wait has taken. */
export interface ReceivedSignal<Payload = unknown> {
  /** What was sent with it, after JSON. */
  readonly payload: Payload;
}

/** Options of `context.waitForSignal`. */
export interface WaitOptions {
  /** Longest wait for the signal, in milliseconds from its beginning; by default there is no limit. */
  readonly timeoutMs?: number;
}

/** The durable steps of a handler, which its context has. Each call ends the attempt if the task has begun to sleep. */
export interface Steps {
  /**
   * Runs a function once in all attempts of the task, and keeps its result with the task. A later attempt gets the kept result, and the function does
   * not run again.
   *
   * A function that throws is not recorded: the attempt fails with its error unless the handler catches it. One whose process dies before the result
   * is recorded runs again, with the same `key`. A recorded step sets the failures of the task to 0.
   *
   * @param name 1 to 128 characters, unique in an attempt and the same in every one.
   * @param fn returns a JSON value of at most 1 MiB, or nothing.
   * @throws HOLDFAST_STEP_REPEATED, HOLDFAST_STEP_CHANGED, HOLDFAST_STEPS_FULL, HOLDFAST_STEP_RESULT_INVALID, HOLDFAST_STEPS_IN_BATCH,
   *   HOLDFAST_LEASE_LOST, or what the function throws.
   * @example
   * const { id } = await step('charge', ({ key }) => bank.charge(payload.to, { idempotencyKey: key }));
   */
  readonly step: <T>(name: string, fn: (step: StepContext) => T | Promise<T>) => Promise<StepResult<T>>;

  /**
   * Lets the task sleep from its first call on, for up to 100 years. The attempt ends without a failure, and its slot is free meanwhile; the next attempt
   * runs the handler from its beginning, and goes on after this call.
   *
   * @throws as `step`, or HOLDFAST_OPTION_INVALID.
   * @example
   * await sleepFor('a week', 7 * 24 * 3_600_000);
   */
  readonly sleepFor: (name: string, ms: number) => Promise<void>;

  /**
   * Lets the task sleep until an instant of the store's clock, as `sleepFor`. The first call counts: another date in a later attempt changes nothing.
   *
   * @throws as `step`, or HOLDFAST_OPTION_INVALID.
   * @example
   * await sleepUntil('new year', new Date('2030-01-01'));
   */
  readonly sleepUntil: (name: string, date: Date) => Promise<void>;

  /**
   * Waits for a signal that `queue.signal` sends, as `sleepFor` sleeps. One that came before the wait counts as well. A name may be waited for several
   * times: each wait takes the next signal of the name, and one that comes after a wait has timed out is for the next wait.
   *
   * @returns the signal, or null if none has come within `timeoutMs`.
   * @throws as `step`, or HOLDFAST_OPTION_….
   * @example
   * const paid = await waitForSignal<{ amount: number }>('paid', { timeoutMs: 3 * 24 * 3_600_000 });
   * if (!paid) await step('remind', () => sendWelcome(payload.to));
   */
  readonly waitForSignal: <Payload = unknown>(name: string, options?: WaitOptions) => Promise<ReceivedSignal<Payload> | null>;
}
