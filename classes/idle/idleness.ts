import type { WorkerOptions } from '../../config/optionTypes';
import { SECOND } from '../../constants/limits';
import { doubling } from '../../modules/time/doubling';
import { pollDelay } from '../../modules/time/pollDelay';
import type { Clock, Random } from '../../modules/time/clock';
import type { DueTimes } from './dueTimes';
import type { WaitGroup, WakeReason } from './waitGroup';
import type { Wakeups } from './wakeups';

/** The first wait if a task is due but the claim found none. It doubles up to the shortest poll interval. */
const DUE_AGAIN_MS = 2;

/** The wait from which a worker has been idle for long. Its own looks then count among those in vain. */
const LONG_IDLE_MS = SECOND / 2;

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
  #wake: () => void = () => undefined;

  /** @param isOver tells whether the worker is stopping and no longer waits. */
  constructor(parts: IdlenessParts, options: Pick<WorkerOptions, 'queues' | 'pollInterval'>, isOver: () => boolean) {
    this.#parts = parts;
    this.#options = options;
    this.#isOver = isOver;
  }

  /**
   * Waits until there may be work, and returns the reason: a task added by this process, one that has become due, a hint of the database, or the time.
   *
   * @param emptyClaims the number of consecutive empty claims.
   */
  async wait(emptyClaims: number): Promise<WakeReason> {
    const group = this.#parts.wakeups.groupOf(this.#options.queues);
    group.enter();
    try {
      const reason = await this.#wait(group, emptyClaims);
      // A worker that stops leaves what it was woken for to the next one.
      if (this.#isOver() && reason !== 'time') group.wakeOne(reason);
      return reason;
    } finally {
      group.leave();
    }
  }

  /** Ends the wait, because the worker is stopping. */
  end(): void {
    this.#wake();
  }

  async #wait(group: WaitGroup, emptyClaims: number): Promise<WakeReason> {
    const { clock, random, wakeups, dueTimes } = this.#parts;
    const { pollInterval, queues } = this.#options;
    const delayMs = pollDelay(emptyClaims, pollInterval, random);
    const until = clock.monotonic() + delayMs;
    let reason: WakeReason = 'time';
    // One that had work a moment ago polls often, and must not wait for what it is hinted of.
    if (delayMs >= LONG_IDLE_MS) wakeups.noteLook();
    for (;;) {
      const heard = group.beginLook();
      const dueMs = await dueTimes.nextMs(queues);
      if (reason === 'hint' && dueMs === 0) return reason;
      const leftMs = until - clock.monotonic();
      if (this.#isOver() || leftMs <= 0) return 'time';
      // A task that is due although the claim found none has just become due, or is being claimed by another worker.
      if (dueMs === 0) group.endLook(doubling(DUE_AGAIN_MS, emptyClaims, pollInterval.minMs), 'time');
      else group.endLook(dueMs, 'due');
      reason = await wakeups.wait(group, leftMs, heard, (wake) => (this.#wake = wake));
      if (reason !== 'hint') return reason;
    }
  }
}
