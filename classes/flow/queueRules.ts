import type { QueueSettings } from '../../modules/ports/queueSettings';
import type { Clock } from '../../modules/time/clock';

/** Maximum age of the known pauses: with a claim under way, a pause holds within a second. */
const PAUSES_KNOWN_MS = 500;

/** The rules of queues as this process knows them: today, which of them are paused. */
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
   * Returns those of the queues that are not paused.
   *
   * @throws what the store throws.
   */
  async openQueues(queues: readonly string[]): Promise<readonly string[]> {
    const now = this.#clock.monotonic();
    if (now - this.#readAt >= PAUSES_KNOWN_MS) {
      this.#paused = await this.#settings.paused();
      this.#readAt = now;
    }
    return this.#paused.size === 0 ? queues : queues.filter((queue) => !this.#paused.has(queue));
  }

  /** Has the next question read the pauses again. */
  forget(): void {
    this.#readAt = -Infinity;
  }
}
