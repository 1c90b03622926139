import type { Cancel, Clock } from '../../modules/time/clock';
import { Condition } from '../async/condition';

/** A suspect that runs or is about to. */
interface Stay {
  readonly suspect: object;
  /** Whether its time alone is over: others may come beside it, once the store knows. */
  isOpen: boolean;
  /** Whether the store knows that it does not run alone. */
  isBeside: boolean;
}

/**
 * Lets one suspect at a time run with nothing beside it in this process, for a bounded time (docs/decisions/0009).
 *
 * Running tasks end first, if they end in time. No other starts before the suspect has ended or its time alone is over. What runs beside a suspect is
 * marked so in the store before it starts. Each task that enters also leaves.
 */
export class Solitude {
  readonly #clock: Clock;
  #beside = 0;
  #stay: Stay | null = null;
  #wanting = 0;
  #closedAt = 0;
  /** The time for which the last suspect held up others, and when it ended. */
  #heldUpMs = 0;
  #reopenedAt = -Infinity;
  #cancelTime: Cancel = () => undefined;
  readonly #changes = new Condition();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether nothing may start: a suspect waits for running tasks, or has its time alone. */
  get isClosed(): boolean {
    return this.#wanting > 0 || (this.#stay !== null && !this.#stay.isOpen);
  }

  /** Whether a suspect runs or is about to. */
  get hasSuspect(): boolean {
    return this.#stay !== null || this.#wanting > 0;
  }

  /** The suspect that runs, if one does. */
  get suspect(): object | undefined {
    return this.#stay?.suspect;
  }

  /** Whether nothing runs at all. */
  get isEmpty(): boolean {
    return this.#beside === 0 && !this.hasSuspect;
  }

  /** Whether it is the turn of others: they get as long as the last suspect has held them up. */
  get owesTurn(): boolean {
    return this.#clock.monotonic() - this.#reopenedAt < this.#heldUpMs;
  }

  /** Ends the turn of others, because nothing of theirs is due. */
  endTurn(): void {
    this.#heldUpMs = 0;
  }

  /** Resolves at the next change: a task leaves, or the time alone of a suspect is over. */
  change(): Promise<void> {
    return this.#changes.next();
  }

  /** Wakes those that wait here, because a worker is stopping. */
  wake(): void {
    this.#changes.tell();
  }

  /**
   * Enters a number of tasks. Returns false while a suspect runs, unless the store knows of all that they run beside it.
   *
   * @param isMarked tells whether the leases of these tasks say so.
   */
  enter(count: number, isMarked: boolean): boolean {
    if (this.#stay && !(this.#stay.isBeside && isMarked)) return false;
    this.#beside += count;
    return true;
  }

  /** Enters a number of attempts that will not start. */
  pass(count: number): void {
    this.#beside += count;
  }

  /** Waits until no suspect runs, or its time alone is over. */
  async untilOpen(isOver: () => boolean): Promise<void> {
    while (this.#stay && !this.#stay.isOpen && !isOver()) await this.change();
  }

  /** Records that the store knows of the suspect that it does not run alone. */
  noteBeside(suspect: object | undefined): void {
    if (this.#stay?.suspect === suspect && this.#stay?.isOpen) this.#stay.isBeside = true;
  }

  /**
   * Enters a suspect as soon as nothing runs. Where other tasks do not end in time, it enters beside them.
   *
   * @param aloneMs the longest time that it waits for them, and then that others wait for it.
   * @returns how it runs, or null if it must not start: its worker is stopping, or another suspect is here.
   */
  async enterSuspect(suspect: object, aloneMs: number, isOver: () => boolean): Promise<'alone' | 'beside' | null> {
    if (!this.isClosed) this.#closedAt = this.#clock.monotonic();
    this.#wanting += 1;
    const until = this.#clock.monotonic() + aloneMs;
    const mayEnd = (): boolean => isOver() || (this.#stay === null && this.#beside === 0);
    // Another may have entered since the wait ended.
    for (let leftMs = aloneMs; !mayEnd() && leftMs > 0; leftMs = until - this.#clock.monotonic())
      await this.#changes.until(mayEnd, this.#clock, leftMs);
    this.#wanting -= 1;
    if (isOver() || this.#stay !== null) {
      this.#noteOpen();
      return null;
    }
    this.#stay = { suspect, isOpen: false, isBeside: false };
    if (this.#beside > 0) {
      this.openFor(suspect);
      return 'beside';
    }
    this.#cancelTime = this.#clock.after(aloneMs, () => this.openFor(suspect));
    return 'alone';
  }

  /** Ends the time alone of a suspect. Others may come beside it. */
  openFor(suspect: object): void {
    if (this.#stay?.suspect !== suspect || this.#stay.isOpen) return;
    this.#cancelTime();
    this.#stay.isOpen = true;
    this.#noteOpen();
  }

  /** Leaves: the suspect, or one of the other tasks. */
  leave(attempt: object): void {
    if (this.#stay?.suspect === attempt) {
      this.openFor(attempt);
      this.#stay = null;
    } else {
      this.#beside -= 1;
    }
    this.#changes.tell();
  }

  #noteOpen(): void {
    if (!this.isClosed) {
      this.#reopenedAt = this.#clock.monotonic();
      this.#heldUpMs = this.#reopenedAt - this.#closedAt;
    }
    this.#changes.tell();
  }
}
