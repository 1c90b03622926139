import type { Cancel, Clock } from '../../modules/time/clock';

/** The instant that the wall clock shows at first. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** The monotonic clock does not begin at 0, so that nothing may rely on it. */
const START_MS = 5_000;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  readonly kind: 'idle' | undefined;
}

/** Taken before a test can put a fake in its place. */
const realSetImmediate = setImmediate;

/** Lets every promise that can be resolved be resolved. */
const microtasks = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve));

/**
 * A clock that moves only when told to, so that a test decides what happens when.
 *
 * @example
 * const clock = new FakeClock();
 * clock.after(100, ring);
 * await clock.advance(100);
 */
export class FakeClock implements Clock {
  #monotonicMs = START_MS;
  #wallOffsetMs = EPOCH_MS - START_MS;
  #timers: Timer[] = [];
  #soon: (() => void)[] = [];

  now(): number {
    return Math.floor(this.#monotonicMs + this.#wallOffsetMs);
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, callback: () => void, kind?: 'idle'): Cancel {
    const timer = { at: this.#monotonicMs + Math.max(0, delayMs), callback, kind };
    this.#timers.push(timer);
    return () => this.#remove(timer);
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.length;
  }

  /** How many of them keep a process alive. */
  get busyTimers(): number {
    return this.#timers.filter(({ kind }) => kind !== 'idle').length;
  }

  /** In how many milliseconds the next timer is due. */
  get nextTimerMs(): number {
    return Math.min(...this.#timers.map(({ at }) => at)) - this.#monotonicMs;
  }

  /** Moves time on; every timer due by then is called at its own instant, in order, and what follows from it is awaited. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms;
    await this.settle();
    for (let timer = this.#dueBy(end); timer; timer = this.#dueBy(end)) {
      this.#remove(timer);
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.at);
      timer.callback();
      await this.settle();
    }
    this.#monotonicMs = end;
  }

  /** Moves time on without calling anyone, as when the process is stopped; timers that are due then come late, at the next `advance`. */
  stall(ms: number): void {
    this.#monotonicMs += ms;
  }

  /** Sets the wall clock; the monotonic one and the timers do not notice. */
  setWall(ms: number): void {
    this.#wallOffsetMs = ms - this.#monotonicMs;
  }

  /** Awaits what can happen without time passing. */
  async settle(): Promise<void> {
    for (;;) {
      await microtasks();
      const soon = this.#soon.splice(0);
      if (soon.length === 0) return;
      for (const callback of soon) callback();
    }
  }

  #dueBy(end: number): Timer | undefined {
    const due = this.#timers.filter(({ at }) => at <= end);
    return due.reduce<Timer | undefined>((first, timer) => (first === undefined || timer.at < first.at ? timer : first), undefined);
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}
