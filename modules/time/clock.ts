import { LONGEST_TIMER_MS } from '../../constants/limits';

/** Stops a timer; safe to call twice, and after it fired. */
export type Cancel = () => void;

/** Time as the classes see it: injected, so that a simulation can own it. */
export interface Clock {
  /** Milliseconds since the epoch. Only a store without a clock of its own asks for it. */
  now(): number;
  /** Milliseconds on a clock that never steps, for leases and durations. */
  monotonic(): number;
  /** Calls back after a delay, however long. An idle timer does not keep the process alive. */
  after(delayMs: number, callback: () => void, kind?: 'idle'): Cancel;
  /** Calls back when what is under way in this turn of the event loop is over. */
  soon(callback: () => void): void;
}

/** A source of random numbers: at least 0, below 1. */
export type Random = () => number;

/** What a test or simulation may put in place of the machine's own. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
}

/** The clock of this machine. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: startTimer,
  soon: (callback: () => void) => void setImmediate(callback),
});

/** Waits by the given clock. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> => new Promise((wake) => clock.after(delayMs, wake));

/** Waits for something, but no longer than the given time; leaves no timer behind. */
export function within(clock: Clock, timeoutMs: number, something: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, resolve);
    something.then(() => resolve(), reject).finally(cancel);
  });
}

function startTimer(delayMs: number, callback: () => void, kind?: 'idle'): Cancel {
  let timer: NodeJS.Timeout;
  // A timer beyond 24.8 days would fire at once, so a longer one is waited for in parts.
  const wait = (leftMs: number): void => {
    const partMs = Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS);
    timer = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : callback()), partMs);
    if (kind === 'idle') timer.unref();
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
