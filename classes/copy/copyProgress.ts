import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';

/** Longest time between two lines while tasks are moved. */
const TELL_EVERY_MS = 10 * SECOND;

/** Reports the progress of a copy without a terminal: after the first tasks, each time their number has doubled, and every ten seconds. */
export class CopyProgress {
  readonly #clock: Clock;
  readonly #tell: (line: string) => void;
  readonly #waiting: number;
  #moved = 0;
  #toldAt = -Infinity;
  #tellFrom = 1;

  /** @param waiting number of waiting tasks at the beginning. */
  constructor(clock: Clock, waiting: number, tell: (line: string) => void) {
    this.#clock = clock;
    this.#waiting = waiting;
    this.#tell = tell;
  }

  /** Counts moved tasks. */
  note(count: number): void {
    this.#moved += count;
    const now = this.#clock.monotonic();
    if (count === 0 || (this.#moved < this.#tellFrom && now - this.#toldAt < TELL_EVERY_MS)) return;
    this.#toldAt = now;
    this.#tellFrom = 2 * this.#moved;
    this.#tell(`${this.#moved} tasks are moved, about ${Math.max(0, this.#waiting - this.#moved)} are left`);
  }
}
