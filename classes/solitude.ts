/**
 * Lets one suspect at a time run with nothing beside it in this process.
 *
 * While one waits or runs nothing is claimed: what runs already ends first, then it runs alone.
 */
export class Solitude {
  #beside = 0;
  #wanting = 0;
  #occupied = false;
  #waiting: (() => void)[] = [];

  /** A suspect waits or runs: nothing may be claimed. */
  get isWanted(): boolean {
    return this.#wanting > 0;
  }

  /** Resolves when no suspect waits or runs. */
  async over(): Promise<void> {
    while (this.isWanted) await this.#change();
  }

  /** Runs beside others, but beside no suspect. */
  async among<T>(run: () => Promise<T>): Promise<T> {
    while (this.#occupied) await this.#change();
    this.#beside += 1;
    try {
      return await run();
    } finally {
      this.#beside -= 1;
      this.#tell();
    }
  }

  /** Runs alone. */
  async alone<T>(run: () => Promise<T>): Promise<T> {
    this.#wanting += 1;
    try {
      while (this.#occupied || this.#beside > 0) await this.#change();
      this.#occupied = true;
      return await run().finally(() => (this.#occupied = false));
    } finally {
      this.#wanting -= 1;
      this.#tell();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
