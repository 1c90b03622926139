import type { Cancel, Clock } from '../../modules/time/clock';

/** Parts of a loop. */
export interface LoopParts {
  readonly clock: Clock;
  /** Does the work once. */
  readonly run: () => Promise<void>;
  /** Returns the wait before the next run. It is called after each run, so that it may depend on the result. */
  readonly delayMs: () => number;
  /** Receives the error of a run. The loop goes on. */
  readonly onError: (error: unknown) => void;
}

/** Repeats background work until stopped, one run at a time. Its timer does not keep the process alive. */
export class Loop {
  readonly #parts: LoopParts;
  #state: 'idle' | 'started' | 'stopped' = 'idle';
  #cancelTimer: Cancel = () => undefined;
  #isRunning = false;
  #runsAgain = false;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** Sets the timer of the first run. Safe to call twice; has no effect after `stop`. */
  start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'started';
    this.#wait();
  }

  /** Runs now, or once more after a run under way, which may have looked too early. */
  runNow(): void {
    if (this.#state !== 'started') return;
    this.#runsAgain = true;
    if (this.#isRunning) return;
    this.#cancelTimer();
    this.#isRunning = true;
    this.#running = this.#work();
  }

  /** Stops, and waits for the run under way. Safe to call twice. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelTimer();
    await this.#running;
  }

  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  async #work(): Promise<void> {
    while (this.#runsAgain && this.#state === 'started') {
      this.#runsAgain = false;
      await this.#run();
    }
    this.#isRunning = false;
    if (this.#state === 'started') this.#wait();
  }

  async #run(): Promise<void> {
    try {
      await this.#parts.run();
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  #wait(): void {
    this.#cancelTimer = this.#parts.clock.after(this.#parts.delayMs(), () => this.runNow(), 'idle');
  }
}
