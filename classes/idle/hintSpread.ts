import type { Random } from '../../modules/time/clock';

/** The narrowest and the widest spread: a claim on a replica set takes some five milliseconds, so that of fifty processes a few meet. */
const NARROWEST_MS = 4;
const WIDEST_MS = 64;

/**
 * Spreads the processes that a hint of the database wakes at the same moment, so that one task does not make all of them claim.
 *
 * A process that never lost a race waits for nothing. One that did waits a random time, longer each time it loses again, and looks before it
 * claims; one that won waits less from then on. So after a few tasks some are early and most only look.
 */
export class Spread {
  readonly #random: Random;
  #widthMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** How long to wait after a hint. */
  delayMs(): number {
    return this.#widthMs === 0 ? 0 : this.#random() * this.#widthMs;
  }

  /** Notes whether a claim that followed a hint brought something. */
  note(won: boolean): void {
    if (won) this.#widthMs = this.#widthMs <= NARROWEST_MS ? 0 : this.#widthMs / 2;
    else this.#widthMs = Math.min(WIDEST_MS, Math.max(NARROWEST_MS, this.#widthMs * 2));
  }
}
