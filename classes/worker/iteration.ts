import type { Ending, IterationTally } from '../../constants/events';
import { emptyTally } from '../../modules/task/tally';

/** One claim, until its last task is settled. */
export class Iteration {
  readonly #startedAt: number;
  readonly #tally: IterationTally;
  readonly #onEnd: (startedAt: number, tally: Readonly<IterationTally>) => void;
  #left: number;

  constructor(claimed: number, startedAt: number, onEnd: (startedAt: number, tally: Readonly<IterationTally>) => void) {
    this.#left = claimed;
    this.#startedAt = startedAt;
    this.#onEnd = onEnd;
    this.#tally = emptyTally(claimed);
  }

  /** Records the ending of one task. */
  note(ending: Ending): void {
    this.#tally[ending] += 1;
    this.#left -= 1;
    if (this.#left === 0) this.#onEnd(this.#startedAt, this.#tally);
  }
}
