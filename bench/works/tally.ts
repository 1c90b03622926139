/** Counts how often each task ran. */
export class Tally {
  #runs: Uint8Array;
  total = 0;

  constructor(runs = new Uint8Array(65_536)) {
    this.#runs = runs;
  }

  get runs(): Uint8Array {
    return this.#runs;
  }

  note(index: number): void {
    while (index >= this.#runs.length) this.#grow();
    this.#runs[index] = (this.#runs[index] ?? 0) + 1;
    this.total += 1;
  }

  add(runs: Uint8Array): void {
    while (runs.length > this.#runs.length) this.#grow();
    runs.forEach((count, index) => {
      this.#runs[index] = (this.#runs[index] ?? 0) + count;
      this.total += count;
    });
  }

  /**
   * Checks that no task ran twice and, if a number is given, that this many ran.
   *
   * @throws an Error that says what is wrong.
   */
  check(tasks?: number): void {
    const twice = this.#runs.findIndex((count) => count > 1);
    if (twice !== -1) throw new Error(`task ${twice} ran ${this.#runs[twice]} times`);
    if (tasks !== undefined && this.total !== tasks) throw new Error(`${this.total} of ${tasks} tasks ran`);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#runs.length * 2);
    larger.set(this.#runs);
    this.#runs = larger;
  }
}
