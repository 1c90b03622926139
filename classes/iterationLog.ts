import { EVENT_TABLE } from '../constants/events';
import type { HoldfastEvents, IterationTally } from '../constants/events';
import { SECOND } from '../constants/limits';
import type { Logger } from 'winston';
import type { Cancel, Clock } from '../modules/clock';
import type { Events } from './events';

type Iteration = HoldfastEvents['iteration'];

const LINES_A_SECOND = 10;

/** Logs each iteration that did work, at most ten a second; the next line sums up what was left out. */
export class IterationLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #secondBeganAt = -Infinity;
  #lines = 0;
  #leftOut: Iteration[] = [];
  #cancel: Cancel | undefined;

  constructor(events: Events, logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
    events.on('iteration', (iteration) => this.#note(iteration));
  }

  /** Logs what is still left out. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#secondBeganAt = -Infinity;
    const last = this.#leftOut.pop();
    if (last) this.#note(last);
  }

  #note(iteration: Iteration): void {
    const now = this.#clock.monotonic();
    if (now - this.#secondBeganAt >= SECOND) {
      this.#secondBeganAt = now;
      this.#lines = 0;
    }
    if (this.#lines < LINES_A_SECOND) return this.#write(iteration);
    this.#leftOut.push(iteration);
    this.#cancel ??= this.#clock.after(this.#secondBeganAt + SECOND - now, () => this.flush(), 'idle');
  }

  #write({ durationMs, tally }: Iteration): void {
    this.#lines += 1;
    const others = this.#leftOut;
    this.#leftOut = [];
    const more = others.length === 0 ? '' : `; ${others.length} more not shown (${describe(sum(others))})`;
    const message = `Iteration took ${(durationMs / SECOND).toFixed(3)} seconds (${describe(tally)})${more}`;
    this.#logger.log({ level: EVENT_TABLE.iteration.level, label: 'index', message });
  }
}

/** What is zero is not told. */
const describe = (tally: Readonly<IterationTally>): string =>
  Object.entries(tally)
    .filter(([, count]) => count > 0)
    .map(([ending, count]) => `${count} ${ending}`)
    .join(', ');

function sum(iterations: readonly Iteration[]): IterationTally {
  const total: IterationTally = { claimed: 0, succeeded: 0, retried: 0, dead: 0, released: 0, lost: 0 };
  for (const { tally } of iterations) for (const ending of Object.keys(total) as (keyof IterationTally)[]) total[ending] += tally[ending];
  return total;
}
