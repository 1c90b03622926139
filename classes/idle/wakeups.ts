import type { Clock, Random } from '../../modules/time/clock';
import { Spread } from './hintSpread';
import type { TaskStore, Unwatch } from '../../modules/ports/taskStore';

/** Why a wait ended: its time was over, this process has made work that is due, or there may be some, of another process or due later: look before claiming. */
export type WakeReason = 'time' | 'work' | 'hint';

/**
 * Ends the waiting of idle workers when there may be work.
 *
 * Polling is the truth and this only a hint; the database is watched only while someone waits.
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

  /** How often there may have been work so far. Who looks for work reads it before, so that what comes while it looks is not missed. */
  get heard(): number {
    return this.#heard;
  }

  /** Waits until there may be work, but no longer than the given time; not at all where more was heard than `heard`. */
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

  /** Notes whether a claim that followed a hint brought something. */
  noteRace(won: boolean): void {
    this.#spread.note(won);
  }

  /** Wakes everyone who waits. */
  notify(reason: Exclude<WakeReason, 'time'>): void {
    this.#heard += 1;
    for (const wake of [...this.#waiting]) wake(reason);
  }

  #watchWhileAwaited(): void {
    if (this.#waiting.size > 0) this.#unwatch ??= this.#tasks.watch?.(() => this.#hint());
    // One who was woken waits again at once if there was nothing: to stop and start a watch in between would miss what came in.
    else this.#clock.soon(() => this.#stopIdleWatch());
  }

  /** Other processes hear of the same change at the same moment. */
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
