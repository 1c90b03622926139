import type { Attempt } from './attempt';
import { asMicrotask } from '../../modules/time/clock';

/** The slots of a worker: the running attempts, and the prefetched ones that wait for a slot. */
export class Slots {
  readonly #size: number;
  readonly #ahead: number;
  readonly #begin: (attempts: readonly Attempt[]) => void;
  readonly #running = new Set<Attempt>();
  #waiting: Attempt[] = [];
  #isFilling = false;
  #isDraining = false;

  /**
   * @param size the maximum number of running attempts.
   * @param ahead the maximum number of waiting attempts.
   * @param begin starts attempts that got a slot together.
   */
  constructor(size: number, ahead: number, begin: (attempts: readonly Attempt[]) => void) {
    this.#size = size;
    this.#ahead = ahead;
    this.#begin = begin;
  }

  /** The attempts that hold a slot. */
  get running(): ReadonlySet<Attempt> {
    return this.#running;
  }

  /** The number of tasks that may be claimed. */
  get room(): number {
    return this.#size + this.#ahead - this.#running.size - this.#waiting.length;
  }

  /**
   * Whether to claim. While at least half of the prefetched tasks are left, a claim would be small, and a small claim costs as much as a large one.
   */
  get wantsMore(): boolean {
    return this.room > this.#ahead / 2;
  }

  /** Whether nothing runs and nothing waits for a slot. */
  get isEmpty(): boolean {
    return this.#running.size + this.#waiting.length === 0;
  }

  /** Takes claimed attempts, and starts as many as there are free slots. */
  take(claimed: Attempt[]): void {
    this.#waiting = this.#waiting.length === 0 ? claimed : [...this.#waiting, ...claimed];
    this.#fill();
  }

  /** Frees a slot. Slots freed together are filled together, which gives batch handlers full batches. */
  free(attempt: Attempt): void {
    this.#running.delete(attempt);
    if (this.#isFilling || this.#waiting.length === 0) return;
    this.#isFilling = true;
    asMicrotask(() => this.#fill());
  }

  /** Starts all waiting attempts, and from now on all new ones. A stopping worker releases them instead of running them. */
  beginAll(): void {
    this.#isDraining = true;
    this.#fill();
  }

  #fill(): void {
    this.#isFilling = false;
    const free = this.#isDraining ? Infinity : this.#size - this.#running.size;
    const next = this.#waiting.splice(0, Math.max(0, free));
    if (next.length === 0) return;
    for (const attempt of next) this.#running.add(attempt);
    this.#begin(next);
  }
}
