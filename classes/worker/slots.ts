import type { Attempt } from './attempt';

/** The slots of a worker: what runs, and what it has claimed ahead, which waits for a slot. */
export class Slots {
  readonly #size: number;
  readonly #ahead: number;
  readonly #begin: (attempts: readonly Attempt[]) => void;
  readonly #running = new Set<Attempt>();
  #waiting: Attempt[] = [];
  #isFilling = false;
  #isDraining = false;

  /**
   * @param size how many run at once.
   * @param ahead how many may wait.
   * @param begin runs those that got a slot together.
   */
  constructor(size: number, ahead: number, begin: (attempts: readonly Attempt[]) => void) {
    this.#size = size;
    this.#ahead = ahead;
    this.#begin = begin;
  }

  /** What holds a slot. */
  get running(): ReadonlySet<Attempt> {
    return this.#running;
  }

  /** How many may be claimed. */
  get room(): number {
    return this.#size + this.#ahead - this.#running.size - this.#waiting.length;
  }

  /** Whether to claim: while half of those ahead are left, a claim would be a small one, which costs as much as a large one. */
  get wantsMore(): boolean {
    return this.room > this.#ahead / 2;
  }

  /** Takes what was claimed, and begins as many as there are slots. */
  take(claimed: Attempt[]): void {
    this.#waiting = this.#waiting.length === 0 ? claimed : [...this.#waiting, ...claimed];
    this.#fill();
  }

  /** The handler of one has ended. Those that end together make room for others that begin together, as a batch needs it. */
  free(attempt: Attempt): void {
    this.#running.delete(attempt);
    if (this.#isFilling || this.#waiting.length === 0) return;
    this.#isFilling = true;
    queueMicrotask(() => this.#fill());
  }

  /** Begins all that waits, and from now on all that is taken: where nothing is run any more, it is given back. */
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
