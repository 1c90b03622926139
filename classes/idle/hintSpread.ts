import type { Random } from '../../modules/time/clock';

/** The bounds of the spread. A claim on a replica set takes about five milliseconds, so of fifty processes a few still collide. */
const NARROWEST_MS = 4;
const WIDEST_MS = 64;

/**
 * Spreads the processes that a hint of the database wakes at the same moment, so that one task does not make all of them claim.
 *
 * A process that never lost a race does not wait. After a lost race it waits a random time, longer with each loss, and looks before it claims. After
 * a win it waits less. So after a few tasks some processes are early, and most only look.
 */
export class Spread {
  readonly #random: Random;
  #widthMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether the process has not lost a race lately, so that it claims without a look. */
  get isNarrow(): boolean {
    return this.#widthMs === 0;
  }

  /** Returns the delay after a hint, in milliseconds. */
  delayMs(): number {
    return this.#widthMs === 0 ? 0 : this.#random() * this.#widthMs;
  }

  /** Records whether a claim after a hint brought a task. */
  note(won: boolean): void {
    if (won) this.#widthMs = this.#widthMs <= NARROWEST_MS ? 0 : this.#widthMs / 2;
    else this.#widthMs = Math.min(WIDEST_MS, Math.max(NARROWEST_MS, this.#widthMs * 2));
  }
}
