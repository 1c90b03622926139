import { chunkEnd } from '../../modules/values/weightBound';
import type { WeightBound } from '../../modules/values/weightBound';

interface Entry<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers single calls into batches.
 *
 * A batch closes when the previous one has been answered, not on a timer. So a single item waits for nothing, and under load the batches grow.
 */
export class Batch<Item, Answer> {
  readonly #flush: (items: Item[]) => Promise<readonly Answer[]>;
  readonly #soon: (callback: () => void) => void;
  readonly #limit: number;
  readonly #width: number;
  readonly #bound: WeightBound<Entry<Item, Answer>> | undefined;
  #waiting: Entry<Item, Answer>[] = [];
  #lanes = 0;
  readonly #working = new Set<Promise<void>>();

  /**
   * @param flush answers the items in their order, or fails for all of them.
   * @param soon delays the first batch after a pause, so that items of the same turn join it.
   * @param limit maximum number of items in a batch.
   * @param width maximum number of batches under way while full ones wait.
   * @param bound maximum weight of a batch; none if left out.
   */
  constructor(
    flush: (items: Item[]) => Promise<readonly Answer[]>,
    soon: (callback: () => void) => void,
    limit: number,
    width = 1,
    bound?: WeightBound<Item>,
  ) {
    this.#flush = flush;
    this.#soon = soon;
    this.#limit = limit;
    this.#width = width;
    this.#bound = bound && { most: bound.most, weigh: ({ item }) => bound.weigh(item) };
  }

  /** Adds an item to the next batch, and returns its answer. */
  push(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => this.add(item, resolve, reject));
  }

  /** Adds an item without a promise, for the hot path. The callbacks must not throw. */
  add(item: Item, resolve: (answer: Answer) => void, reject: (reason: unknown) => void): void {
    this.#waiting.push({ item, resolve, reject });
    if (this.#lanes === 0) this.#open(new Promise<void>(this.#soon));
    else if (this.#lanes < this.#width && this.#waiting.length >= this.#limit) this.#open(Promise.resolve());
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  #open(begin: Promise<void>): void {
    this.#lanes += 1;
    const lane = begin.then(() => this.#work());
    this.#working.add(lane);
    void lane.finally(() => this.#working.delete(lane));
  }

  /** Answers batches. If several lanes work, each goes on only for full batches. */
  async #work(): Promise<void> {
    while (this.#waiting.length >= (this.#lanes > 1 ? this.#limit : 1)) {
      const size = this.#bound ? chunkEnd(this.#waiting, 0, this.#limit, this.#bound) : this.#limit;
      await this.#answer(this.#waiting.splice(0, size));
    }
    this.#lanes -= 1;
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
