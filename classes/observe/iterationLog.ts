import { EVENT_TABLE } from '../../constants/events';
import type { HoldfastEvents, IterationTally } from '../../constants/events';
import { SECOND } from '../../constants/limits';
import type { Logger } from 'winston';
import { addTally, emptyTally } from '../../modules/task/tally';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { Emitter } from './emitter';

type Iteration = HoldfastEvents['iteration'];

const LINES_A_SECOND = 10;

/**
 * Logs each iteration that did work, at most ten lines a second. The next line sums up what was left out, and the end of a worker brings it at once: a
 * listener of that event that subscribes later logs the end behind it.
 */
export class IterationLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  /** The times of the last lines, oldest first. */
  #writtenAt: number[] = [];
  #leftOut: Iteration[] = [];
  #cancel: Cancel | undefined;
  #awaited: (() => void)[] = [];

  constructor(events: Emitter, logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    events.on('iteration', (iteration) => this.#note(iteration));
    events.on('worker-stopped', () => this.#catchUp());
  }

  /** Resolves when the iterations that were left out have been summed up, within a second. */
  flush(): Promise<void> {
    if (this.#leftOut.length === 0) return Promise.resolve();
    this.#catchUpAfter(this.#waitMs());
    return new Promise((resolve) => this.#awaited.push(resolve));
  }

  #note(iteration: Iteration): void {
    const waitMs = this.#waitMs();
    if (waitMs <= 0) return this.#write(iteration);
    this.#leftOut.push(iteration);
    if (!this.#cancel) this.#catchUpAfter(waitMs, 'idle');
  }

  /** Returns the milliseconds until another line may be written. */
  #waitMs(): number {
    const [oldest = -Infinity] = this.#writtenAt;
    return this.#writtenAt.length < LINES_A_SECOND ? 0 : oldest + SECOND - this.#clock.monotonic();
  }

  #catchUpAfter(waitMs: number, kind?: 'idle'): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(waitMs, () => this.#catchUp(), kind);
  }

  #catchUp(): void {
    const last = this.#leftOut.pop();
    if (last) this.#write(last);
    for (const resolve of this.#awaited.splice(0)) resolve();
  }

  #write({ durationMs, tally }: Iteration): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#writtenAt = [...this.#writtenAt, this.#clock.monotonic()].slice(-LINES_A_SECOND);
    const others = this.#leftOut;
    this.#leftOut = [];
    const more = others.length === 0 ? '' : `; ${others.length} more not shown (${describe(sum(others))})`;
    const message = `Iteration took ${(durationMs / SECOND).toFixed(3)} seconds (${describe(tally)})${more}`;
    this.#logger.log({ level: EVENT_TABLE.iteration.level, label: 'index', message });
  }
}

/** Counts of zero are left out. */
const describe = (tally: Readonly<IterationTally>): string =>
  Object.entries(tally)
    .filter(([, count]) => count > 0)
    .map(([ending, count]) => `${count} ${ending}`)
    .join(', ');

function sum(iterations: readonly Iteration[]): IterationTally {
  const total = emptyTally();
  for (const { tally } of iterations) addTally(total, tally);
  return total;
}
