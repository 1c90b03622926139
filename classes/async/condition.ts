import type { Clock } from '../../modules/time/clock';

/** Wakes waiters when something changes. */
export class Condition {
  #waiting: (() => void)[] = [];

  /** Resolves at the next change. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Wakes all waiters. */
  tell(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Waits until the predicate holds, but no longer than the timeout. The predicate is checked after each change. */
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
