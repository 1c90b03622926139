import type { Cancel } from '../../../modules/time/clock';

/** Who owns what is to happen: a process that may be stopped for a while, or be gone. */
export interface Owner {
  readonly status: 'running' | 'paused' | 'dead';
}

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly owner: Owner | null;
  readonly run: () => void;
}

/** Lets every promise that can be resolved be resolved. */
const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Rounded up, as a timer is: what is left of a delay by a fault of rounding would be no step of time at all, and come again for ever. */
const inMicroseconds = (delayMs: number): number => Math.ceil(delayMs * 1_000) / 1_000;

/**
 * The one order in which everything of a simulation happens: by time, then by when it was asked for, one at a time.
 *
 * What a paused process owns is held until it goes on, as by SIGSTOP; what a dead one owns never happens.
 */
export class VirtualTime {
  #nowMs = 0;
  #order = 0;
  #ahead: Happening[] = [];
  #held: Happening[] = [];

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#nowMs;
  }

  /** Has something happen after a delay. */
  after(delayMs: number, owner: Owner | null, run: () => void): Cancel {
    const happening = { at: this.#nowMs + inMicroseconds(Math.max(0, delayMs)), order: (this.#order += 1), owner, run };
    this.#ahead.push(happening);
    return () => this.#remove(happening);
  }

  /** What was held of a process is overdue, and happens next, in its order. */
  release(owner: Owner): void {
    this.#ahead.push(...this.#held.filter((happening) => happening.owner === owner));
    this.#held = this.#held.filter((happening) => happening.owner !== owner);
  }

  /** Moves on to the next happening and lets all follow from it that needs no time; false where that lies after the given time. */
  async step(untilMs: number): Promise<boolean> {
    for (;;) {
      const next = this.#next();
      if (!next || next.at > untilMs) {
        this.#nowMs = Math.max(this.#nowMs, untilMs);
        return false;
      }
      this.#remove(next);
      this.#nowMs = Math.max(this.#nowMs, next.at);
      if (next.owner?.status === 'dead') continue;
      if (next.owner?.status === 'paused') {
        this.#held.push(next);
        continue;
      }
      next.run();
      await microtasks();
      return true;
    }
  }

  #next(): Happening | undefined {
    let first: Happening | undefined;
    for (const happening of this.#ahead) {
      if (!first || happening.at < first.at || (happening.at === first.at && happening.order < first.order)) first = happening;
    }
    return first;
  }

  /** Cancelled timers of a paused process are among the held. */
  #remove(happening: Happening): void {
    for (const list of [this.#ahead, this.#held]) {
      const index = list.indexOf(happening);
      if (index >= 0) list.splice(index, 1);
    }
  }
}
