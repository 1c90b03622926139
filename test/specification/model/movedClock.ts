import { systemClock } from '../../../modules/time/clock';
import type { Cancel, Clock } from '../../../modules/time/clock';
import type { StoreClock } from './model';

const EPOCH_MS = Date.UTC(2026, 0, 1);

/** A clock that the test moves. Timers inside a store run on the system clock. */
export class MovedClock implements StoreClock, Clock {
  readonly isExact = true;
  #nowMs = EPOCH_MS;
  #monotonicMs = EPOCH_MS;

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, callback: () => void, kind?: 'idle'): Cancel {
    return systemClock.after(delayMs, callback, kind);
  }

  soon(callback: () => void): void {
    systemClock.soon(callback);
  }

  pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    this.#monotonicMs += Math.max(0, ms);
    return Promise.resolve();
  }
}
