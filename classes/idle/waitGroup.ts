import { isNamed, isPattern } from '../../modules/ports/queuePatterns';
import type { Cancel, Clock } from '../../modules/time/clock';

/**
 * Why a wait ended: `time`, it timed out; `work`, this process made a task due; `due`, a known task has become due, which other processes may know as
 * well; `hint`, there may be a task, so look before claiming.
 */
export type WakeReason = 'time' | 'work' | 'due' | 'hint';

/** Whether a task has become due, or one that was due already and could not be claimed is tried again. */
export type DueReason = Extract<WakeReason, 'due' | 'time'>;

type Wake = (reason: WakeReason) => void;

/** The workers of this process that serve the same queues and are waiting. One of them is woken for all. */
export class WaitGroup {
  /** The number of hints that found none of its workers waiting. A worker reads it before it looks for work, so that no hint is missed meanwhile. */
  heard = 0;
  readonly #clock: Clock;
  readonly #queues: ReadonlySet<string>;
  readonly #patterns: readonly string[];
  readonly #onDue: (group: WaitGroup, reason: DueReason) => void;
  readonly #waiting = new Set<Wake>();
  /** The workers that wait or look. */
  #members = 0;
  #dueAt = Infinity;
  /** The earliest due time that was heard of since the last look began. */
  #heardDueAt = Infinity;
  #cancel: Cancel = () => undefined;

  constructor(queues: readonly string[], clock: Clock, onDue: (group: WaitGroup, reason: DueReason) => void) {
    this.#queues = new Set(queues);
    this.#patterns = queues.filter(isPattern);
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Whether one of its workers waits or looks. */
  get isActive(): boolean {
    return this.#members > 0;
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  serves(queue: string): boolean {
    return this.#queues.has(queue) || (this.#patterns.length > 0 && isNamed(this.#patterns, queue));
  }

  /** Notes that a worker begins to look and wait. */
  enter(): void {
    this.#members += 1;
  }

  leave(): void {
    this.#members -= 1;
    if (this.#members === 0) this.#setDue(Infinity);
  }

  /** Notes that a worker begins to look when the next task is due. */
  beginLook(): number {
    this.#heardDueAt = Infinity;
    return this.heard;
  }

  /** Notes what a look has found. What was heard of meanwhile may not be in it. */
  endLook(dueMs: number, reason: DueReason): void {
    const dueAt = this.#clock.monotonic() + dueMs;
    if (dueAt <= this.#heardDueAt) this.#setDue(dueAt, reason);
    else this.#setDue(this.#heardDueAt);
  }

  /** Notes that a task is due after this time. */
  noteDue(dueMs: number): void {
    const dueAt = this.#clock.monotonic() + dueMs;
    this.#heardDueAt = Math.min(this.#heardDueAt, dueAt);
    if (dueAt < this.#dueAt) this.#setDue(dueAt);
  }

  /** Waits until it is this worker's turn to be woken, but no longer than the delay. */
  wait(delayMs: number, onEnd: () => void): { readonly ended: Promise<WakeReason>; readonly wake: Wake } {
    let wake: Wake = () => undefined;
    const ended = new Promise<WakeReason>((resolve) => {
      wake = (reason) => {
        if (!this.#waiting.delete(wake)) return;
        cancel();
        onEnd();
        resolve(reason);
      };
    });
    const cancel = this.#clock.after(delayMs, () => wake('time'));
    this.#waiting.add(wake);
    return { ended, wake };
  }

  /** Wakes the worker that has waited longest. If none waits, those that look now look again. */
  wakeOne(reason: WakeReason): void {
    const [wake] = this.#waiting;
    if (wake) wake(reason);
    else this.heard += 1;
  }

  #setDue(dueAt: number, reason: DueReason = 'due'): void {
    this.#cancel();
    this.#dueAt = dueAt;
    if (dueAt === Infinity) return;
    this.#cancel = this.#clock.after(dueAt - this.#clock.monotonic(), () => {
      this.#dueAt = Infinity;
      this.#onDue(this, reason);
    });
  }
}
