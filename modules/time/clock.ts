import * as timers from 'node:timers';
import { LONGEST_TIMER_MS } from '../../constants/limits';

/** Cancels a timer. Safe to call twice, and after it fired. */
export type Cancel = () => void;

/** The source of time for all classes. It is injected, so that a test or simulation can control it. */
export interface Clock {
  /** Milliseconds since the epoch. Only a store without a clock of its own uses it. */
  now(): number;
  /** Milliseconds of a clock that never steps, for leases and durations. */
  monotonic(): number;
  /** Calls back after a delay of any length. An idle timer does not keep the process alive. */
  after(delayMs: number, callback: () => void, kind?: 'idle'): Cancel;
  /** Calls back at the end of this turn of the event loop. */
  soon(callback: () => void): void;
}

/** A source of random numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** The clock and random numbers, which a test or simulation replaces. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
}

/** The functions of Node.js that a clock rests on. */
export type Timers = Pick<typeof timers, 'setTimeout' | 'clearTimeout' | 'setImmediate'>;

/**
 * Makes the clock of this machine.
 *
 * It keeps the functions that it is made with: a test of the user's that replaces timers by fake ones would stop the calls to a store, which waits for
 * a real database. A `Date` that was replaced is followed.
 */
export function clockOn({ setTimeout, clearTimeout, setImmediate }: Timers): Clock {
  const monotonic = performance.now.bind(performance);
  return Object.freeze({
    now: () => Date.now(),
    monotonic: () => monotonic(),
    after: (delayMs: number, callback: () => void, kind?: 'idle') => startTimer({ setTimeout, clearTimeout }, delayMs, callback, kind),
    soon: (callback: () => void) => void setImmediate(callback),
  });
}

/** The clock of this machine. */
export const systemClock: Clock = clockOn(timers);

/** Calls back when the code that runs now has ended, before anything else. It is no `queueMicrotask`, which fake timers replace. */
export const asMicrotask = (callback: () => void): void => void Promise.resolve().then(callback);

/** Waits on the given clock. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> => new Promise((wake) => clock.after(delayMs, wake));

/** Waits for a promise, but no longer than the timeout. Leaves no timer behind. */
export function within(clock: Clock, timeoutMs: number, something: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, resolve);
    something.then(() => resolve(), reject).finally(cancel);
  });
}

function startTimer(
  { setTimeout, clearTimeout }: Pick<Timers, 'setTimeout' | 'clearTimeout'>,
  delayMs: number,
  callback: () => void,
  kind: 'idle' | undefined,
): Cancel {
  let timer: NodeJS.Timeout;
  // A timer beyond 24.8 days would fire at once, so a longer delay is split.
  const wait = (leftMs: number): void => {
    const partMs = Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS);
    timer = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : callback()), partMs);
    if (kind === 'idle') timer.unref();
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
