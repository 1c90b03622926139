import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';

/** Looks that may follow each other at once. */
const BURST = 5;

/**
 * Limits the looks that an idle process makes in vain, whatever others do: hints beyond it share the next look.
 *
 * A claimed task gives its look back, so a process that is hinted of its own work never waits here.
 */
export class LookBudget {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #left = BURST;
  #countedAt: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#countedAt = clock.monotonic();
  }

  /** The time until the next look, in milliseconds. */
  get delayMs(): number {
    const now = this.#clock.monotonic();
    this.#left = Math.min(BURST, this.#left + ((now - this.#countedAt) * this.#perSecond) / SECOND);
    this.#countedAt = now;
    return this.#left >= 1 ? 0 : ((1 - this.#left) * SECOND) / this.#perSecond;
  }

  /** Takes a look. More than there are may be taken; the next one then waits longer. */
  take(looks = 1): void {
    this.#left -= looks;
  }

  giveBack(looks: number): void {
    this.#left = Math.min(BURST, this.#left + looks);
  }
}
