import { SECOND } from '../../constants/limits';
import type { FinishedState } from '../../constants/states';
import { Loop } from '../async/loop';
import type { StoreParts } from '../store/storeParts';
import type { LastKept } from '../../modules/events/eventPlan';

/** Interval between two trims: so long a queue may exceed its limits. It is longer where a trim takes long, as one that keeps a million does. */
const TRIM_EVERY_MS = 2 * SECOND;
const TIMES_ITS_LENGTH = 50;

/** The parts that a trimmer rests on. */
export type TrimmerParts = Pick<StoreParts, 'bulks' | 'internalErrors' | 'clock'>;

/** Removes the oldest finished tasks of a queue above the limit of each state. */
export class Trimmer {
  readonly #parts: TrimmerParts;
  readonly #queue: string;
  readonly #limits: readonly (readonly [FinishedState, number])[];
  readonly #loop: Loop;
  #stopping: Promise<void> | undefined;
  /** Time of the last look. */
  #tookMs = 0;

  constructor(parts: TrimmerParts, queue: string, { succeededLast, cancelledLast, deadLast }: LastKept) {
    this.#parts = parts;
    this.#queue = queue;
    const limits: readonly (readonly [FinishedState, number | undefined])[] = [
      ['succeeded', succeededLast],
      ['cancelled', cancelledLast],
      ['dead', deadLast],
    ];
    this.#limits = limits.flatMap(([state, limit]) => (limit === undefined ? [] : [[state, limit] as const]));
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.#trim(),
      delayMs: () => Math.max(TRIM_EVERY_MS, TIMES_ITS_LENGTH * this.#tookMs),
      onError: (error) => this.#noteError(error),
    });
  }

  /** Begins to trim. */
  start(): void {
    if (this.#limits.length > 0) this.#loop.start();
  }

  /** Stops, after a last trim. Safe to call twice. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    await this.#loop.stop();
    await this.#trim().catch((error: unknown) => this.#noteError(error));
  }

  #noteError(error: unknown): void {
    this.#parts.internalErrors.note('trim', error);
  }

  async #trim(): Promise<void> {
    const { bulks, clock } = this.#parts;
    const startedAt = clock.monotonic();
    for (const [state, limit] of this.#limits) await bulks.trim(this.#queue, state, limit);
    this.#tookMs = clock.monotonic() - startedAt;
  }
}
