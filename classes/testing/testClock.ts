import type { Cancel, Clock } from '../../modules/time/clock';

/** The initial time of the wall clock of a test. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** The monotonic clock does not start at 0, so that no code may rely on that. */
const START_MS = 5_000;

/** A timer that is set. @internal */
export interface Timer {
  readonly at: number;
  readonly callback: () => void;
  readonly kind: 'idle' | undefined;
}

/** Saved before a test can replace it with a fake. */
const realSetImmediate = setImmediate;

/**
 * A clock that moves only when told to, so that a test decides what happens when.
 *
 * @example
 * const clock = new TestClock();
 * const store = await testStore({ clock });
 * await clock.advance(60_000);
 */
export class TestClock implements Clock {
  #monotonicMs = START_MS;
  #wallOffsetMs = EPOCH_MS - START_MS;
  #timers: Timer[] = [];

  /**
   * Returns milliseconds since the epoch, initially the start of 2026.
   *
   * @example
   * const isDue = task.availableAt.getTime() <= clock.now();
   */
  now(): number {
    return Math.floor(this.#monotonicMs + this.#wallOffsetMs);
  }

  /**
   * Returns milliseconds of a clock that never steps.
   *
   * @example
   * const beganAt = clock.monotonic();
   */
  monotonic(): number {
    return this.#monotonicMs;
  }

  /**
   * Calls back once the clock has been advanced this far, in milliseconds.
   *
   * @returns a function that cancels the timer.
   * @example
   * const cancel = clock.after(100, () => console.log('100 ms later'));
   */
  after(delayMs: number, callback: () => void, kind?: 'idle'): Cancel {
    const timer = { at: this.#monotonicMs + Math.max(0, delayMs), callback, kind };
    this.#timers.push(timer);
    return () => this.#remove(timer);
  }

  /**
   * Calls back at the end of this turn of the event loop. No time passes.
   *
   * @example
   * clock.soon(() => console.log('next'));
   */
  soon(callback: () => void): void {
    realSetImmediate(callback);
  }

  /** The number of pending timers. @internal */
  get timers(): number {
    return this.#timers.length;
  }

  /** The number of pending timers that keep a process alive. @internal */
  get busyTimers(): number {
    return this.#timers.filter(({ kind }) => kind !== 'idle').length;
  }

  /** The milliseconds until the next timer is due. @internal */
  get nextTimerMs(): number {
    return Math.min(...this.#timers.map(({ at }) => at)) - this.#monotonicMs;
  }

  /**
   * Advances the time by a number of milliseconds. Every timer due by then is called at its own instant, in order, and everything that follows from
   * it is awaited. Background duties of a store, such as sweeps, run once, at the end.
   *
   * @example
   * await clock.advance(30_000);
   */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms;
    await this.callUntil(end, ({ kind }) => kind !== 'idle');
    const background = this.#timers.filter(({ at, kind }) => kind === 'idle' && at <= end);
    for (const timer of background) await this.#call(timer);
  }

  /** Moves time on, and calls the timers that are due by then and wanted, each at its own instant. @internal */
  protected async callUntil(end: number, isWanted: (timer: Timer) => boolean): Promise<void> {
    await this.settle();
    for (let timer = this.#dueBy(end, isWanted); timer; timer = this.#dueBy(end, isWanted)) {
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.at);
      await this.#call(timer);
    }
    this.#monotonicMs = end;
  }

  async #call(timer: Timer): Promise<void> {
    this.#remove(timer);
    timer.callback();
    await this.settle();
  }

  /** Advances the time without calling timers, as if the process were stopped. Due timers are called late, at the next `advance`. @internal */
  stall(ms: number): void {
    this.#monotonicMs += ms;
  }

  /** Sets the wall clock. The monotonic clock and the timers are not affected. @internal */
  setWall(ms: number): void {
    this.#wallOffsetMs = ms - this.#monotonicMs;
  }

  /** Awaits everything that can happen without time passing. @internal */
  async settle(): Promise<void> {
    await new Promise((resolve) => realSetImmediate(resolve));
  }

  #dueBy(end: number, isWanted: (timer: Timer) => boolean): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.at <= end && isWanted(timer));
    return due.reduce<Timer | undefined>((first, timer) => (first === undefined || timer.at < first.at ? timer : first), undefined);
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}
