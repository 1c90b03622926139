import { SECOND } from '../../constants/limits';
import type { Cancel, Clock } from '../../modules/time/clock';

/** Visibility timeouts up to this length are ended in time. Longer ones are ended by the next sweep, within a second. */
const SHORT_MS = 15 * SECOND;

/** Ends within this time of each other share a sweep. */
const STEP_MS = 50;

/** The time after the end by which the clock of this process may be ahead of the store's. */
const LATE_MS = 10;

/** Sweeps when short visibility timeouts of this process end, so that their messages can be received at once. */
export class Expiries {
  readonly #clock: Clock;
  readonly #sweep: () => void;
  readonly #planned = new Map<number, Cancel>();

  constructor(clock: Clock, sweep: () => void) {
    this.#clock = clock;
    this.#sweep = sweep;
  }

  /** Takes note of a visibility timeout that begins now. */
  plan(ms: number): void {
    if (ms > SHORT_MS) return;
    const now = this.#clock.monotonic();
    const at = Math.ceil((now + ms) / STEP_MS) * STEP_MS + LATE_MS;
    if (this.#planned.has(at)) return;
    const cancel = this.#clock.after(at - now, () => {
      this.#planned.delete(at);
      this.#sweep();
    });
    this.#planned.set(at, cancel);
  }

  stop(): void {
    for (const cancel of this.#planned.values()) cancel();
    this.#planned.clear();
  }
}
