import type { ErrorCode } from '../../constants/errors';
import type { LogLevel } from '../../constants/events';
import { HISTORY_LINES, HISTORY_TEXT_CHARACTERS } from '../../constants/limits';
import { clipText } from '../../modules/values/clipText';
import type { Cancel, Clock } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { AttemptFacts, LogLine } from '../../modules/task/history';
import { marginOf } from '../../modules/task/leaseMargin';
import type { Wish } from '../../modules/worker/runTask';
import { refOf } from '../../modules/task/task';
import type { Task } from '../../modules/task/task';
import type { Emitter } from '../observe/emitter';
import type { Iteration } from './iteration';
import type { RecordedAttempt } from '../lease/recorder';

/** Shared by all that log nothing, which most are. */
const NO_LINES: LogLine[] = [];

/** When a claim was sent, and when it was answered. */
export interface ClaimTimes {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** One run of a handler, under one lease. Its signal is made when it is first asked for. */
export class Attempt implements RecordedAttempt {
  readonly id: string;
  readonly token: string;
  readonly leaseMs: number;
  readonly workerId: string;
  /** The claim that it came by. */
  readonly iteration: Iteration;
  heldSince: number;
  extendedUntil = -Infinity;
  status: RecordedAttempt['status'] = 'held';
  settling = false;
  returning = false;
  readonly #claimedAt: number;
  /** When its handler began, on the monotonic clock; undefined before. */
  #startedAt: number | undefined;
  #task: Task;
  /** What its handler asked for in place of an outcome. The last wish counts. */
  wish: Wish | undefined;
  readonly #events: Emitter;
  #controller: AbortController | undefined;
  #lines: LogLine[] = NO_LINES;
  #cancelTimeout: Cancel | undefined;
  #interruption: HoldfastError | undefined;

  /**
   * @param task a claimed task, with its lease.
   * @param times the instants before its claim was sent and when it was answered, on the monotonic clock.
   */
  constructor(task: Task, { sentAt, answeredAt }: ClaimTimes, workerId: string, events: Emitter, iteration: Iteration) {
    if (!task.lease) throw new TypeError('an attempt needs a task with a lease');
    this.#task = task;
    this.id = task.id;
    this.token = task.lease.token;
    this.leaseMs = task.lease.ms;
    this.workerId = workerId;
    this.heldSince = sentAt;
    this.#claimedAt = answeredAt;
    this.#events = events;
    this.iteration = iteration;
  }

  /** The task as the store has it since this attempt began. */
  get task(): Task {
    return this.#task;
  }

  /** Notes that the store knows that this attempt runs with nothing beside it. */
  noteAlone(): void {
    const { lease } = this.#task;
    if (lease) this.#task = { ...this.#task, lease: { ...lease, alone: true } };
  }

  /** Why the handler was told to end, if it was. The first reason stays. */
  get interruption(): ErrorCode | undefined {
    return this.#interruption?.code;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#interruption) this.#controller.abort(this.#interruption);
    }
    return this.#controller.signal;
  }

  /** Tells the handler to end after a time; that it was told to end for another reason, or has ended, cancels it. */
  limitTime(clock: Clock, timeoutMs: number): void {
    this.#cancelTimeout = clock.after(timeoutMs, () => {
      this.#events.emit('task-timed-out', { workerId: this.workerId, task: refOf(this.task), timeoutMs });
      this.interrupt('HOLDFAST_TIMED_OUT');
    });
  }

  /** How long it has waited for a slot, in milliseconds. */
  waitedAt(now: number): number {
    return now - this.#claimedAt;
  }

  /** Its handler begins. */
  begin(now: number): void {
    this.#startedAt = now;
  }

  /** How long its handler has run by now, in milliseconds. */
  durationAt(now: number): number {
    return now - (this.#startedAt ?? now);
  }

  /** The lines that are kept of it. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** What is kept of it with its task. */
  factsAt(now: number): AttemptFacts {
    return this.#startedAt === undefined ? { lines: this.#lines } : { durationMs: this.durationAt(now), lines: this.#lines };
  }

  /** Its handler has ended. */
  end(): void {
    this.#cancelTimeout?.();
  }

  /** Tells the handler to end. */
  interrupt(code: ErrorCode): void {
    if (this.#interruption) return;
    this.#cancelTimeout?.();
    this.#interruption = new HoldfastError(code);
    this.#controller?.abort(this.#interruption);
  }

  /** Tells whether the lease is too near its end for a handler to begin. */
  isOverAt(monotonicMs: number): boolean {
    return this.status !== 'held' || monotonicMs >= this.heldSince + this.leaseMs - marginOf(this.leaseMs);
  }

  onExpired(): void {
    this.#tellLoss('expired');
    this.interrupt('HOLDFAST_LEASE_EXPIRED');
  }

  onTaken(): void {
    this.#tellLoss('taken');
    this.interrupt('HOLDFAST_LEASE_LOST');
  }

  /** Tells a line, and keeps it among the last. */
  writeLog(level: LogLevel, message: string, now: number): void {
    const afterMs = Math.round(this.durationAt(now));
    if (this.#lines === NO_LINES) this.#lines = [];
    this.#lines.push({ attempt: this.task.attempt, afterMs, level, message: clipText(message, HISTORY_TEXT_CHARACTERS) });
    if (this.#lines.length > HISTORY_LINES) this.#lines.shift();
    this.#events.emit('task-log', { workerId: this.workerId, task: refOf(this.task), level, message });
  }

  #tellLoss(reason: 'expired' | 'taken'): void {
    this.#events.emit('lease-lost', { workerId: this.workerId, task: refOf(this.task), reason });
  }
}
