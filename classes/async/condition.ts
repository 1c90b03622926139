import type { Clock } from '../../modules/time/clock';

/** Wakes those who wait for something to change. */
export class Condition {
  #waiting: (() => void)[] = [];

  /** Resolves at the next change. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Tells everyone who waits that something has changed. */
  tell(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Waits until something is so, which is looked at after each change, but no longer than the given time. */
  async until(isSo: () => boolean, clock: Clock, timeoutMs: number): Promise<void> {
    let isOver = false;
    const cancel = clock.after(timeoutMs, () => {
      isOver = true;
      this.tell();
    });
    while (!isSo() && !isOver) await this.next();
    cancel();
  }
}
