import { MINUTE, SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';

/** Changes a second that brought this process no task, above which a stream costs the server more than looks. */
const FOREIGN_PER_SECOND = 20;

/** Shortest time over which changes are counted. */
const COUNTED_MS = SECOND;

/** Time that a stream stays closed: at first, and where it was too busy again and again, as only an open one shows whether it is calm. */
const CLOSED_MS = 5 * SECOND;
const CLOSED_MOST_MS = MINUTE;

/** Decides when a change stream costs more than it brings: each process with one is woken by every write to the collection. */
export class StreamLoad {
  readonly #clock: Clock;
  #countedFrom = -Infinity;
  #foreign = 0;
  #closedMs = 0;
  #closedUntil = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The time for which the stream is better closed, in milliseconds. */
  get closedForMs(): number {
    return Math.max(0, this.#closedUntil - this.#clock.monotonic());
  }

  /** Notes a change that the stream has brought. Returns whether the stream is better closed. */
  note(): boolean {
    const now = this.#clock.monotonic();
    const tookMs = now - this.#countedFrom;
    if (this.#isTooMany(now, tookMs)) return this.#rest(now);
    if (tookMs >= COUNTED_MS) this.#begin(now);
    this.#foreign += 1;
    return false;
  }

  /** Notes tasks that this process has claimed: their changes were not in vain. */
  noteClaimed(count: number): void {
    this.#foreign = Math.max(0, this.#foreign - count);
  }

  /** A burst may end at once, so a whole second counts. One soon after a busy time is the rest of that, so that a try costs little. */
  #isTooMany(now: number, tookMs: number): boolean {
    if (tookMs < COUNTED_MS) return this.#foreign >= FOREIGN_PER_SECOND && this.#isTry(now);
    return (this.#foreign * SECOND) / tookMs > FOREIGN_PER_SECOND;
  }

  /** Whether the stream is open only to see whether it is calm. */
  #isTry(now: number): boolean {
    return now - this.#closedUntil <= 2 * COUNTED_MS;
  }

  #rest(now: number): true {
    this.#closedMs = !this.#isTry(now) ? CLOSED_MS : Math.min(CLOSED_MOST_MS, 2 * this.#closedMs);
    this.#closedUntil = now + this.#closedMs;
    this.#begin(-Infinity);
    return true;
  }

  #begin(at: number): void {
    this.#countedFrom = at;
    this.#foreign = 0;
  }
}
