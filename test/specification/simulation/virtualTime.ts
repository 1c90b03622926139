import type { Cancel } from '../../../modules/time/clock';

/** The owner of an event: a process, which may be paused or dead. */
export interface Owner {
  readonly status: 'running' | 'paused' | 'dead';
}

interface Happening {
  readonly at: number;
  readonly order: number;
  readonly owner: Owner | null;
  readonly run: () => void;
}

/** Runs all pending promise callbacks. */
const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Rounds up, as a timer does. A remainder from a rounding error would be too small to move the time, and would come back for ever. */
const inMicroseconds = (delayMs: number): number => Math.ceil(delayMs * 1_000) / 1_000;

/**
 * Runs all events of a simulation one at a time, by their time and then by the order of their creation.
 *
 * Events of a paused process are held until it resumes, as by SIGSTOP. Events of a dead process never run.
 */
export class VirtualTime {
  #nowMs = 0;
  #order = 0;
  #ahead: Happening[] = [];
  #held: Happening[] = [];

  /** Milliseconds since the simulation started. */
  get now(): number {
    return this.#nowMs;
  }

  /** Schedules an event after a delay. */
  after(delayMs: number, owner: Owner | null, run: () => void): Cancel {
    const happening = { at: this.#nowMs + inMicroseconds(Math.max(0, delayMs)), order: (this.#order += 1), owner, run };
    this.#ahead.push(happening);
    return () => this.#remove(happening);
  }

  /** Makes the held events of a process run next, in their order. */
  release(owner: Owner): void {
    this.#ahead.push(...this.#held.filter((happening) => happening.owner === owner));
    this.#held = this.#held.filter((happening) => happening.owner !== owner);
  }

  /** Runs the next event and all that follows from it without taking time. Returns false if there is none by the given time. */
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

  /** Removes an event. A cancelled timer of a paused process is among the held ones. */
  #remove(happening: Happening): void {
    for (const list of [this.#ahead, this.#held]) {
      const index = list.indexOf(happening);
      if (index >= 0) list.splice(index, 1);
    }
  }
}
