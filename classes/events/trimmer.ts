import { SECOND } from '../../constants/limits';
import type { FinishedState } from '../../constants/states';
import { Loop } from '../async/loop';
import type { StoreParts } from '../store/storeParts';
import type { LastKept } from '../../modules/events/eventPlan';

/** Interval between two trims: so long a queue may exceed its limits. */
const TRIM_EVERY_MS = 2 * SECOND;

/** The parts that a trimmer rests on. */
export type TrimmerParts = Pick<StoreParts, 'bulks' | 'internalErrors' | 'clock'>;

/** Removes the oldest finished tasks of a queue above the limit of each state. */
export class Trimmer {
  readonly #parts: TrimmerParts;
  readonly #queue: string;
  readonly #limits: readonly (readonly [FinishedState, number])[];
  readonly #loop: Loop;
  #stopping: Promise<void> | undefined;

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
      delayMs: () => TRIM_EVERY_MS,
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
    for (const [state, limit] of this.#limits) await this.#parts.bulks.trim(this.#queue, state, limit);
  }
}
