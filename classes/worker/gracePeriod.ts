import { SECOND } from '../../constants/limits';
import type { Clock } from '../../modules/time/clock';
import type { Condition } from '../async/condition';
import type { Attempt } from './attempt';
import type { Slots } from './slots';

/** The time that handlers have to end after they were told to stop at the end of the grace period. */
const ABORT_MS = SECOND;

/** The parts of a GracePeriod. */
export interface GracePeriodParts {
  readonly slots: Slots;
  /** Signals the ends of attempts and of the claiming. */
  readonly changes: Condition;
  readonly isClaiming: () => boolean;
  readonly clock: Clock;
}

const waits = (attempt: Attempt): boolean => attempt.call?.waitsForStop === true;

/** The time in which the handlers of a stopping worker may end. */
export class GracePeriod {
  /** Resolves when nothing runs but handlers that wait themselves for the worker to stop. */
  readonly othersStopped: Promise<void>;
  readonly #parts: GracePeriodParts;
  readonly #ms: number;
  #tellOthersStopped!: () => void;
  /** Whether it was cut. */
  isCut = false;

  constructor(parts: GracePeriodParts, ms: number) {
    this.#parts = parts;
    this.#ms = ms;
    this.othersStopped = new Promise((resolve) => (this.#tellOthersStopped = resolve));
  }

  /** Waits for no handler any more. */
  cut(): void {
    this.isCut = true;
    this.#parts.changes.tell();
  }

  /** Waits for the handlers: first for the others, then for those that wait for the worker to stop. */
  async pass(): Promise<void> {
    await this.#untilEnded((attempt) => !waits(attempt));
    this.#tellOthersStopped();
    await this.#untilEnded(waits);
  }

  /** Waits for some of the attempts for the grace period, then tells them to stop and waits again. */
  async #untilEnded(isMeant: (attempt: Attempt) => boolean): Promise<void> {
    const { slots, changes, clock, isClaiming } = this.#parts;
    const left = (): Attempt[] => [...slots.running].filter(isMeant);
    const isOver = (): boolean => this.isCut || (!isClaiming() && left().length === 0);
    if (isOver()) return;
    await changes.until(isOver, clock, this.#ms);
    for (const attempt of left()) attempt.interrupt('HOLDFAST_STOPPING');
    await changes.until(isOver, clock, ABORT_MS);
  }
}
