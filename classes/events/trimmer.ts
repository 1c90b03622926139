import { PAGE_TASKS, SECOND } from '../../constants/limits';
import type { FinishedState } from '../../constants/states';
import type { Cancel } from '../../modules/time/clock';
import type { StoreParts } from '../store/storeParts';
import type { LastKept } from '../../modules/events/eventPlan';

/** How long finished tasks of a queue that is worked here may be more than are to be kept. */
const TRIM_EVERY_MS = 2 * SECOND;

/** The parts that a trimmer rests on. */
export type TrimmerParts = Pick<StoreParts, 'tasks' | 'recorder' | 'clock'>;

/** Keeps only the last so many finished tasks of a queue, for each state that has a limit. */
export class Trimmer {
  readonly #parts: TrimmerParts;
  readonly #queue: string;
  readonly #limits: readonly (readonly [FinishedState, number])[];
  #cancelTimer: Cancel = () => undefined;
  #trimming: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: TrimmerParts, queue: string, { succeededLast, cancelledLast, deadLast }: LastKept) {
    this.#parts = parts;
    this.#queue = queue;
    const limits: readonly (readonly [FinishedState, number | undefined])[] = [
      ['succeeded', succeededLast],
      ['cancelled', cancelledLast],
      ['dead', deadLast],
    ];
    this.#limits = limits.flatMap(([state, limit]) => (limit === undefined ? [] : [[state, limit] as const]));
  }

  /** Begins to trim, now and then. Its timer does not keep the process alive. */
  start(): void {
    if (this.#limits.length > 0) this.#wait();
  }

  /** Stops, after a last trim. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#stopped) return this.#trimming;
    this.#stopped = true;
    this.#cancelTimer();
    await (this.#trimming = this.#trimming.then(() => this.#trim()));
  }

  #wait(): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#parts.clock.after(TRIM_EVERY_MS, () => void (this.#trimming = this.#trim().then(() => this.#wait())), 'idle');
  }

  async #trim(): Promise<void> {
    try {
      for (const [state, limit] of this.#limits) await this.#trimState(state, limit);
    } catch {
      // The store tells of its errors; the next trim tries again.
    }
  }

  /** Walks past those that stay, newest first, and removes the rest. */
  async #trimState(state: FinishedState, limit: number): Promise<void> {
    let toKeep = limit;
    for (let after: string | undefined; ;) {
      const tasks = await this.#parts.tasks.list({
        queue: this.#queue,
        states: [state],
        limit: PAGE_TASKS,
        ...(after === undefined ? {} : { after }),
      });
      await this.#parts.recorder.trim(tasks.slice(toKeep));
      toKeep = Math.max(0, toKeep - tasks.length);
      after = tasks.at(-1)?.id;
      if (tasks.length < PAGE_TASKS) return;
    }
  }
}
