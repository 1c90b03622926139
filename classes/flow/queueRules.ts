import type { QueueSettings } from '../../modules/ports/queueSettings';
import type { Clock } from '../../modules/time/clock';

/** Maximum age of the known pauses. Together with a claim under way, a pause takes effect within a second. */
const PAUSES_KNOWN_MS = 500;

/** The rules of queues as this process knows them: currently, which of them are paused. */
export class QueueRules {
  readonly #settings: Pick<QueueSettings, 'paused'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #paused: ReadonlySet<string> = new Set();
  #readAt = -Infinity;

  constructor(settings: Pick<QueueSettings, 'paused'>, clock: Pick<Clock, 'monotonic'>) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /**
   * Returns the queues that are not paused. A pattern such as `mail.*` stays.
   *
   * @param knownMs the most that the known pauses may be old.
   * @throws the error of the store.
   */
  async openQueues(queues: readonly string[], knownMs = PAUSES_KNOWN_MS): Promise<readonly string[]> {
    const paused = await this.paused(knownMs);
    return paused.size === 0 ? queues : queues.filter((queue) => !paused.has(queue));
  }

  /**
   * Returns the queues that are paused.
   *
   * @param knownMs the most that the known pauses may be old.
   * @throws the error of the store.
   */
  async paused(knownMs = PAUSES_KNOWN_MS): Promise<ReadonlySet<string>> {
    const now = this.#clock.monotonic();
    if (now - this.#readAt >= knownMs) {
      this.#paused = await this.#settings.paused();
      this.#readAt = now;
    }
    return this.#paused;
  }

  /** Forgets the known pauses, so that the next call reads them again. */
  forget(): void {
    this.#readAt = -Infinity;
  }
}
