import type { WorkerOptions } from '../../config/optionTypes';
import { doubling } from '../../modules/time/doubling';
import { pollDelay } from '../../modules/time/pollDelay';
import type { Clock, Random } from '../../modules/time/clock';
import type { DueTimes } from './dueTimes';
import type { Wakeups, WakeReason } from './wakeups';

/** The first wait if a task is due but the claim found none. It doubles up to the shortest poll interval. */
const DUE_AGAIN_MS = 2;

/** The parts of Idleness. */
export interface IdlenessParts {
  readonly wakeups: Wakeups;
  readonly dueTimes: DueTimes;
  readonly clock: Clock;
  readonly random: Random;
}

/** The idle waiting of one worker. */
export class Idleness {
  readonly #parts: IdlenessParts;
  readonly #options: Pick<WorkerOptions, 'queues' | 'pollInterval'>;
  readonly #isOver: () => boolean;

  /** @param isOver tells whether the worker is stopping and no longer waits. */
  constructor(parts: IdlenessParts, options: Pick<WorkerOptions, 'queues' | 'pollInterval'>, isOver: () => boolean) {
    this.#parts = parts;
    this.#options = options;
    this.#isOver = isOver;
  }

  /**
   * Waits until there may be work, and returns the reason: a task added by this process, a hint of the database, or the time.
   *
   * @param emptyClaims the number of consecutive empty claims.
   */
  async wait(emptyClaims: number): Promise<WakeReason> {
    const { clock, random, wakeups, dueTimes } = this.#parts;
    const { pollInterval, queues } = this.#options;
    const until = clock.monotonic() + pollDelay(emptyClaims, pollInterval, random);
    // A task that is due although the claim found none has just become due, or is being claimed by another worker.
    const dueAgainMs = doubling(DUE_AGAIN_MS, emptyClaims, pollInterval.minMs);
    let { heard } = wakeups;
    let dueMs = await dueTimes.nextMs(queues);
    for (let leftMs = until - clock.monotonic(); !this.#isOver() && leftMs > 0; leftMs = until - clock.monotonic()) {
      const reason = await wakeups.wait(Math.min(leftMs, dueMs > 0 ? dueMs : dueAgainMs), heard);
      if (reason !== 'hint') return reason;
      ({ heard } = wakeups);
      dueMs = await dueTimes.nextMs(queues);
      if (dueMs === 0) return reason;
    }
    return 'time';
  }
}
