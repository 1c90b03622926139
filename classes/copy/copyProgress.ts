import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';

/** The longest silence while tasks are copied. */
const TELL_EVERY_MS = 10 * SECOND;

/** Tells how far a copy is, without a terminal: when the first tasks are over, each time that they have doubled, and after ten seconds. */
export class CopyProgress {
  readonly #clock: Clock;
  readonly #tell: (line: string) => void;
  readonly #waiting: number;
  #copied = 0;
  #toldAt = -Infinity;
  #tellFrom = 1;

  /** @param waiting how many were to be copied when it began. */
  constructor(clock: Clock, waiting: number, tell: (line: string) => void) {
    this.#clock = clock;
    this.#waiting = waiting;
    this.#tell = tell;
  }

  /** Notes that so many more are over. */
  note(count: number): void {
    this.#copied += count;
    const now = this.#clock.monotonic();
    if (count === 0 || (this.#copied < this.#tellFrom && now - this.#toldAt < TELL_EVERY_MS)) return;
    this.#toldAt = now;
    this.#tellFrom = 2 * this.#copied;
    this.#tell(`${this.#copied} tasks are copied, about ${Math.max(0, this.#waiting - this.#copied)} are left`);
  }
}
