import type { Clock, Random } from '../../modules/time/clock';
import { Spread } from './hintSpread';
import type { TaskStore, Unwatch } from '../../modules/ports/taskStore';

/**
 * Why a wait ended: `time`, it timed out; `work`, this process made a task due; `hint`, there may be a task of another process, or one due later, so
 * look before claiming.
 */
export type WakeReason = 'time' | 'work' | 'hint';

/**
 * Wakes idle workers when there may be work.
 *
 * Correctness rests on polling; this is only a hint. The database is watched only while a worker waits.
 */
export class Wakeups {
  readonly #tasks: TaskStore;
  readonly #clock: Clock;
  readonly #waiting = new Set<(reason: WakeReason) => void>();
  readonly #spread: Spread;
  #unwatch: Unwatch | undefined;
  #hintIsUnderWay = false;
  #heard = 0;

  constructor(tasks: TaskStore, clock: Clock, random: Random) {
    this.#tasks = tasks;
    this.#clock = clock;
    this.#spread = new Spread(random);
  }

  /** The number of wake-ups so far. A worker reads it before it looks for work, so that a wake-up during the look is not missed. */
  get heard(): number {
    return this.#heard;
  }

  /** Waits until there may be work, but no longer than the delay. Returns at once if there was a wake-up since `heard`. */
  wait(delayMs: number, heard = this.#heard): Promise<WakeReason> {
    if (heard !== this.#heard) return Promise.resolve('hint');
    return new Promise((resolve) => {
      const wake = (reason: WakeReason): void => {
        cancel();
        this.#waiting.delete(wake);
        this.#watchWhileAwaited();
        resolve(reason);
      };
      const cancel = this.#clock.after(delayMs, () => wake('time'));
      this.#waiting.add(wake);
      this.#watchWhileAwaited();
    });
  }

  /** Records whether a claim after a hint brought a task. */
  noteRace(won: boolean): void {
    this.#spread.note(won);
  }

  /** Wakes all waiting workers. */
  notify(reason: Exclude<WakeReason, 'time'>): void {
    this.#heard += 1;
    for (const wake of [...this.#waiting]) wake(reason);
  }

  #watchWhileAwaited(): void {
    if (this.#waiting.size > 0) this.#unwatch ??= this.#tasks.watch?.(() => this.#hint());
    // A woken worker that finds nothing waits again at once. Stopping and restarting the watch in between would miss changes.
    else this.#clock.soon(() => this.#stopIdleWatch());
  }

  /** Other processes get a hint of the same change at the same moment. */
  #hint(): void {
    if (this.#hintIsUnderWay) return;
    const delayMs = this.#spread.delayMs();
    if (delayMs === 0) return this.notify('hint');
    this.#hintIsUnderWay = true;
    this.#clock.after(
      delayMs,
      () => {
        this.#hintIsUnderWay = false;
        this.notify('hint');
      },
      'idle',
    );
  }

  #stopIdleWatch(): void {
    if (this.#waiting.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
