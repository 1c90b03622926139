import { COUNTED_TASKS, SECOND } from '../../constants/limits';
import { countingOrder } from '../../modules/admin/countingOrder';
import type { QueueTallies, QueueTally } from '../../modules/ports/queueTally';
import type { Clock } from '../../modules/time/clock';

/** Queues whose tasks are counted again at once, so that not much more time is taken than was saved up. */
const AT_ONCE = 4;

/**
 * Tasks of each kind that are counted in a queue at first, and once that has taken long: the first picture of many long queues comes soon. A count that
 * stopped there is taken again with ten times as many.
 */
const COUNTED_FIRST = 1_000;
const COUNTED_LATE = 100;
const LATE_MS = 100;
const FINER = 10;

/** The share of time that counting again may take, and the longest time that is saved up for it. A store may need several cores for that time. */
const SHARE = 0.005;
const SAVED_MOST_MS = 100;

/** The first milliseconds of a count are mostly the way to the store and back, and cost it little: a quarter of a short count is charged. */
const WAY_MS = 6;
const SHORT_PART = 0.25;

const chargeOf = (ms: number): number => Math.max(SHORT_PART * ms, ms - WAY_MS);

/** A queue that was counted less long ago is not counted again, unless its count is rough. */
const FRESH_MS = SECOND;

/** The counts of a queue, and when they were counted. */
export interface CountedQueue {
  readonly tally: QueueTally;
  readonly ageMs: number;
}

interface Known {
  readonly tally: QueueTally;
  readonly countedAt: number;
  /** Tasks of each kind that were counted at most. */
  readonly most: number;
}

/** Tells whether a count stopped at a bound lower than the usual one. */
const isRough = ({ most, tally }: Known): boolean => most < COUNTED_TASKS && tally.atLeast.length > 0;

/** The parts of CountedQueues. */
export interface CountingParts {
  readonly tallies: Pick<QueueTallies, 'of' | 'atOnce'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/**
 * The counts of many queues, which are counted again bit by bit, in a fixed share of time. A few short queues are counted at each look; of many long ones those
 * first that have changed, and those that were not counted for long.
 */
export class CountedQueues {
  readonly #parts: CountingParts;
  readonly #known = new Map<string, Known>();
  /** The queues of which something was heard, and those that a person has changed. */
  readonly #changed = new Set<string>();
  readonly #urgent = new Set<string>();
  #savedMs = SAVED_MOST_MS;
  #savedAt: number;

  constructor(parts: CountingParts) {
    this.#parts = parts;
    this.#savedAt = parts.clock.monotonic();
  }

  /** Tells whether a queue was counted. */
  knows(queue: string): boolean {
    return this.#known.has(queue);
  }

  /** Has a queue counted again sooner; null stands for all. */
  heardOf(queue: string | null): void {
    for (const name of queue === null ? this.#known.keys() : [queue]) this.#changed.add(name);
  }

  /** Has a queue counted again at the next look, whatever it takes. */
  urge(queue: string): void {
    this.#urgent.add(queue);
  }

  /**
   * Returns the counts of some queues, of which those are counted now that are unknown or urgent, and others as time allows.
   *
   * @param isBusy tells whether attempts of a queue ended of late.
   * @throws the error of the store.
   */
  async read(names: readonly string[], isBusy: (name: string) => boolean): Promise<ReadonlyMap<string, CountedQueue>> {
    this.#forgetOthers(names);
    await this.#countAll(names.filter((name) => !this.#known.has(name) || this.#urgent.has(name)));
    this.#save();
    await this.#countSome(this.#orderOf(names, isBusy));
    const nowMs = this.#parts.clock.monotonic();
    return new Map([...this.#known].map(([name, { tally, countedAt }]) => [name, { tally, ageMs: nowMs - countedAt }]));
  }

  /**
   * Counts a queue now.
   *
   * @throws the error of the store.
   */
  async count(name: string, most = COUNTED_TASKS): Promise<QueueTally> {
    this.#changed.delete(name);
    this.#urgent.delete(name);
    const tally = await this.#parts.tallies.of(name, most);
    this.#known.set(name, { tally, countedAt: this.#parts.clock.monotonic(), most });
    return tally;
  }

  /** Counts queues whatever it takes, which leaves less time for others. */
  async #countAll(names: readonly string[]): Promise<void> {
    const { clock, tallies } = this.#parts;
    const startedAt = clock.monotonic();
    for (let at = 0; at < names.length; at += tallies.atOnce) {
      const first = clock.monotonic() - startedAt < LATE_MS ? COUNTED_FIRST : COUNTED_LATE;
      await Promise.all(names.slice(at, at + tallies.atOnce).map((name) => this.count(name, this.#known.has(name) ? COUNTED_TASKS : first)));
    }
    this.#savedMs = Math.min(this.#savedMs, Math.max(0, this.#savedMs - (clock.monotonic() - startedAt)));
  }

  /** Counts as many as the time that was saved up allows. The last ones may take more, which is made up for later. */
  async #countSome(names: readonly string[]): Promise<void> {
    const { clock } = this.#parts;
    for (let at = 0; at < names.length && this.#savedMs > 0; at += AT_ONCE) {
      const startedAt = clock.monotonic();
      await Promise.all(names.slice(at, at + AT_ONCE).map((name) => this.count(name, this.#boundOf(name))));
      this.#savedMs -= chargeOf(clock.monotonic() - startedAt);
    }
  }

  #boundOf(name: string): number {
    const known = this.#known.get(name);
    return known && isRough(known) ? Math.min(COUNTED_TASKS, FINER * known.most) : COUNTED_TASKS;
  }

  #save(): void {
    const nowMs = this.#parts.clock.monotonic();
    this.#savedMs = Math.min(SAVED_MOST_MS, this.#savedMs + (nowMs - this.#savedAt) * SHARE);
    this.#savedAt = nowMs;
  }

  #orderOf(names: readonly string[], isBusy: (name: string) => boolean): string[] {
    const nowMs = this.#parts.clock.monotonic();
    const before = names.flatMap((name) => {
      const known = this.#known.get(name);
      const ageMs = nowMs - (known?.countedAt ?? nowMs);
      if (!known || (!isRough(known) && ageMs < FRESH_MS)) return [];
      return [{ name, ageMs, isChanged: this.#changed.has(name) || isBusy(name), isRough: isRough(known) }];
    });
    return countingOrder(before);
  }

  #forgetOthers(names: readonly string[]): void {
    const kept = new Set(names);
    for (const marks of [this.#known, this.#changed, this.#urgent]) for (const name of marks.keys()) if (!kept.has(name)) marks.delete(name);
  }
}
