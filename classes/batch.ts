interface Entry<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers what is asked for one by one into batches.
 *
 * A batch closes when the one before it has been answered, not after a time: a single item waits for nothing, and under load the batches
 * grow by themselves.
 */
export class Batch<Item, Answer> {
  readonly #flush: (items: Item[]) => Promise<readonly Answer[]>;
  readonly #soon: (callback: () => void) => void;
  readonly #limit: number;
  #waiting: Entry<Item, Answer>[] = [];
  #working: Promise<void> | null = null;

  /**
   * @param flush answers the items in their order, or fails for all of them.
   * @param soon when the first item of a quiet time is flushed: what comes in until then goes with it.
   */
  constructor(flush: (items: Item[]) => Promise<readonly Answer[]>, soon: (callback: () => void) => void, limit: number) {
    this.#flush = flush;
    this.#soon = soon;
    this.#limit = limit;
  }

  /** Adds an item to the next batch, and returns its answer. */
  push(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => this.add(item, resolve, reject));
  }

  /** The same without a promise, for the hot path. The callbacks must not throw. */
  add(item: Item, resolve: (answer: Answer) => void, reject: (reason: unknown) => void): void {
    this.#waiting.push({ item, resolve, reject });
    this.#working ??= new Promise<void>(this.#soon).then(() => this.#work());
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    while (this.#working) await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) await this.#answer(this.#waiting.splice(0, this.#limit));
    this.#working = null;
  }

  async #answer(entries: Entry<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#flush(entries.map(({ item }) => item));
      entries.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
    } catch (error) {
      entries.forEach(({ reject }) => reject(error));
    }
  }
}
