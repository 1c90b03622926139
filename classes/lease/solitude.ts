import { Changes } from '../async/condition';

/**
 * Lets one suspect at a time run with nothing beside it in this process, from its start until its outcome is written (docs/decisions/0001).
 *
 * What runs already ends first, and while it runs nothing else begins.
 */
export class Solitude {
  #beside = 0;
  #wanting = 0;
  #occupied = false;
  readonly #changes = new Changes();

  /** A suspect runs, or is about to. */
  get isWanted(): boolean {
    return this.#wanting > 0;
  }

  /** Nothing runs at all. */
  get isEmpty(): boolean {
    return this.#beside === 0 && this.#wanting === 0;
  }

  /** Resolves at the next end of something that ran. */
  change(): Promise<void> {
    return this.#changes.next();
  }

  /** Counts something as running beside others, unless a suspect runs. What enters leaves. */
  enter(): boolean {
    if (this.#occupied) return false;
    this.#beside += 1;
    return true;
  }

  leave(): void {
    this.#beside -= 1;
    this.#changes.tell();
  }

  /** Enters as soon as no suspect runs. */
  async entered(): Promise<void> {
    while (!this.enter()) await this.change();
  }

  /** Runs beside others, but beside no suspect. */
  async among<T>(run: () => Promise<T>): Promise<T> {
    if (!this.enter()) await this.entered();
    return run().finally(() => this.leave());
  }

  /** Runs alone. */
  async alone<T>(run: () => Promise<T>): Promise<T> {
    this.#wanting += 1;
    try {
      while (this.#occupied || this.#beside > 0) await this.change();
      this.#occupied = true;
      return await run().finally(() => (this.#occupied = false));
    } finally {
      this.#wanting -= 1;
      this.#changes.tell();
    }
  }
}
