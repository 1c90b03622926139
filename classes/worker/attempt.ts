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
import type { Call } from '../async/currentCall';
import type { Emitter } from '../observe/emitter';
import { FollowUpList } from './followUpList';
import type { Iteration } from './iteration';
import type { RecordedAttempt } from '../lease/recorder';

/** Shared by all attempts that log nothing, which most do. */
const NO_LINES: LogLine[] = [];

/** The instants before a claim was sent and when it was answered, on the monotonic clock. */
export interface ClaimTimes {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** One run of a handler under one lease. Its signal is created when it is first used. */
export class Attempt implements RecordedAttempt {
  readonly id: string;
  readonly queue: string;
  readonly token: string;
  readonly leaseMs: number;
  readonly workerId: string;
  /** The claim that brought this attempt. */
  readonly iteration: Iteration;
  heldSince: number;
  extendedUntil = -Infinity;
  /** The call of the handler; undefined before it begins, and without an async context of its own. */
  call: Call | undefined;
  status: RecordedAttempt['status'] = 'held';
  settling = false;
  returning = false;
  readonly #claimedAt: number;
  /** When the handler started, on the monotonic clock; undefined before. */
  #startedAt: number | undefined;
  #task: Task;
  /** The handler's request in place of an outcome. The last one counts. */
  wish: Wish | undefined;
  #followUps: FollowUpList | undefined;
  readonly #events: Emitter;
  #controller: AbortController | undefined;
  #lines: LogLine[] = NO_LINES;
  #cancelTimeout: Cancel | undefined;
  #interruption: HoldfastError | undefined;

  /**
   * @param task a claimed task, with its lease.
   * @param times the instants before the claim was sent and when it was answered, on the monotonic clock.
   */
  constructor(task: Task, { sentAt, answeredAt }: ClaimTimes, workerId: string, events: Emitter, iteration: Iteration) {
    if (!task.lease) throw new TypeError('an attempt needs a task with a lease');
    this.#task = task;
    this.id = task.id;
    this.queue = task.queue;
    this.token = task.lease.token;
    this.leaseMs = task.lease.ms;
    this.workerId = workerId;
    this.heldSince = sentAt;
    this.#claimedAt = answeredAt;
    this.#events = events;
    this.iteration = iteration;
  }

  /** The task as the store has had it since this attempt started. */
  get task(): Task {
    return this.#task;
  }

  /** Records that the store knows that this attempt runs with nothing beside it. */
  noteAlone(): void {
    const { lease } = this.#task;
    if (lease) this.#task = { ...this.#task, lease: { ...lease, alone: true } };
  }

  /** Counts the failure of the passed time limit. The store learns of it later. */
  #noteTimeout(): void {
    const { lease, failures } = this.#task;
    if (lease) this.#task = { ...this.#task, failures: failures + 1, lease: { ...lease, timedOut: true } };
  }

  /** Whether the store knows that this attempt runs beside a suspect. */
  get isBeside(): boolean {
    return this.#task.lease?.beside === true;
  }

  /** Records that the store knows that this attempt runs beside a suspect. */
  noteBeside(): void {
    const { lease } = this.#task;
    if (lease) this.#task = { ...this.#task, lease: { ...lease, beside: true } };
  }

  /** The reason why the handler was told to stop, if it was. The first reason stays. */
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

  /** Tells the handler to stop after a time limit, unless it ends or is told to stop for another reason first. */
  limitTime(clock: Clock, timeoutMs: number, onLimit?: () => void): void {
    this.#cancelTimeout = clock.after(timeoutMs, () => {
      this.#events.emit('task-timed-out', { workerId: this.workerId, task: refOf(this.task), timeoutMs });
      this.#noteTimeout();
      this.interrupt('HOLDFAST_TIMED_OUT');
      onLimit?.();
    });
  }

  /** What the handler has added for the case of its success. Most handlers add nothing. */
  get followUps(): FollowUpList | undefined {
    return this.#followUps;
  }

  /**
   * Returns the list of follow-ups that the handler adds to.
   *
   * @throws HOLDFAST_FOLLOW_UP_LATE after the outcome is decided.
   */
  get openFollowUps(): FollowUpList {
    if (this.settling) throw new HoldfastError('HOLDFAST_FOLLOW_UP_LATE', { field: this.#task.name });
    return (this.#followUps ??= new FollowUpList(this.id));
  }

  /** Returns how long the attempt has waited for a slot, in milliseconds. */
  waitedAt(now: number): number {
    return now - this.#claimedAt;
  }

  /** Returns the time of the store, as far as this process knows: rather too early than too late. */
  storeTimeAt(now: number): number {
    const { lease, availableAt } = this.#task;
    const claimedAt = lease ? lease.expiresAt.getTime() - lease.ms : 0;
    // The store found it due, so its time was no earlier, whatever this process has made of it.
    return Math.max(claimedAt, availableAt.getTime()) + this.waitedAt(now);
  }

  /** Whether a recorded step sets failures to 0. The failure of a passed time limit stays counted. */
  get mayClear(): boolean {
    return this.#task.failures > 0 && this.#task.lease?.timedOut !== true;
  }

  /** Records that the store has a step of this attempt. */
  noteStep(): void {
    if (this.mayClear) this.#task = { ...this.#task, failures: 0 };
  }

  /** Records the start of the handler. */
  begin(now: number): void {
    this.#startedAt = now;
  }

  /** Returns how long the handler has run so far, in milliseconds. */
  durationAt(now: number): number {
    return now - (this.#startedAt ?? now);
  }

  /** The log lines to store with the task. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Returns what the history of the task records about this attempt. */
  factsAt(now: number): AttemptFacts {
    return this.#startedAt === undefined ? { lines: this.#lines } : { durationMs: this.durationAt(now), lines: this.#lines };
  }

  /** Records the end of the handler. */
  end(): void {
    this.#cancelTimeout?.();
  }

  /** Tells the handler to stop. */
  interrupt(code: ErrorCode): void {
    if (this.#interruption) return;
    this.#cancelTimeout?.();
    this.#interruption = new HoldfastError(code);
    this.#controller?.abort(this.#interruption);
  }

  /** Tells whether the lease is too near its end to start a handler. */
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

  /** Emits a log line, and keeps it among the last. */
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
