import { perSecond } from './work';

/** Time limit of a run. A slow system is measured by what it did until then. */
export const CAP_MS = { quick: 5_000, full: 30_000 } as const;

const WARM_PART = 0.1;
const WARM_TASKS = 20_000;

/** Follows the number of settled tasks. The rate leaves out the first tasks, at most a tenth, as warm-up. */
export class Progress {
  readonly #tasks: number;
  readonly #warm: number;
  readonly #startedAt: number;
  #warmAt: { readonly at: number; readonly settled: number } | undefined;
  #settled = 0;
  #at: number;
  #onDone: () => void = () => undefined;

  constructor(tasks: number, now: number) {
    this.#tasks = tasks;
    this.#warm = Math.min(tasks * WARM_PART, WARM_TASKS);
    this.#startedAt = this.#at = now;
  }

  get settled(): number {
    return this.#settled;
  }

  get isDone(): boolean {
    return this.#settled >= this.#tasks;
  }

  /** Counts this many more settled tasks. */
  note(count: number, now: number): void {
    this.#settled += count;
    this.#at = Math.max(this.#at, now);
    if (this.#settled >= this.#warm) this.#warmAt ??= { at: this.#at, settled: this.#settled };
    if (this.isDone) this.#onDone();
  }

  /** Resolves when all tasks are settled, or after a time. */
  until(capMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, capMs);
      this.#onDone = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.isDone) this.#onDone();
    });
  }

  /** Tasks a second, up to the last settled one. */
  get rate(): number {
    const from = this.#warmAt && this.#at > this.#warmAt.at ? this.#warmAt : { at: this.#startedAt, settled: 0 };
    return perSecond(this.#settled - from.settled, this.#at - from.at);
  }
}
