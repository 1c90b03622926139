import { AsyncResource } from 'node:async_hooks';
import type { WorkerOptions } from '../../config/optionTypes';
import { HOUR, MINUTE, SECOND, SUSPECT_ALONE_MS } from '../../constants/limits';
import type { Ending } from '../../constants/events';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Outcome } from '../../modules/task/change';
import { unclearCrashes } from '../../modules/task/history';
import { isPastDeadline } from '../../modules/task/outcome';
import { doubling } from '../../modules/time/doubling';
import { refOf } from '../../modules/task/task';
import { runBatch, runTask } from '../../modules/worker/runTask';
import type { LeaseKeeper } from '../lease/leaseKeeper';
import type { Recorder } from '../lease/recorder';
import type { Solitude } from '../lease/solitude';
import type { InternalErrors } from '../observe/internalErrors';
import type { Emitter } from '../observe/emitter';
import { Call } from '../async/currentCall';
import { Attempt } from './attempt';
import { AttemptBatch } from './attemptBatch';
import { AttemptContext, BatchedContext } from './attemptContext';
import type { AttemptSteps } from './attemptSteps';
import type { ContextParts } from './attemptContext';
import type { AnyBatchHandler, AnyHandler, Handlers, Registered } from './handlers';

/** The bounds of the delay of a task that has no handler here. It doubles with each attempt. */
const UNKNOWN_MIN_MS = SECOND;
const UNKNOWN_MAX_MS = MINUTE;

const RELEASED: Outcome = Object.freeze({ kind: 'released', delayMs: 0 });
const isBeside = (attempt: Attempt): boolean => attempt.isBeside;

const OVERDUE: Outcome = Object.freeze({ kind: 'overdue' });

/** The parts of an Executor. */
export interface ExecutorParts extends ContextParts {
  readonly tasks: Pick<TaskStore, 'renew'>;
  readonly leases: Pick<LeaseKeeper, 'extend' | 'live' | 'noteTimeout'>;
  readonly solitude: Solitude;
  readonly recorder: Recorder;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
}

/** The worker's callbacks on the progress of an attempt. */
export interface Course {
  /** Called when the handler has ended, before the outcome is written. */
  onHandlerEnd(attempt: Attempt): void;
  /** Called when the outcome is written or lost. */
  onSettled(attempt: Attempt, ending: Ending): void;
}

/** Runs attempts: waits for any suspect, calls the handler, records the outcome. */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #handlers: Handlers;
  readonly #options: Pick<WorkerOptions, 'backoffs' | 'tracksCurrentTask'>;
  readonly #course: Course;
  /** The async context in which every call begins: that in which the worker was started. */
  #base = new AsyncResource('HoldfastWorker');
  #stopped = false;

  constructor(parts: ExecutorParts, handlers: Handlers, options: Pick<WorkerOptions, 'backoffs' | 'tracksCurrentTask'>, course: Course) {
    this.#parts = parts;
    this.#handlers = handlers;
    this.#options = options;
    this.#course = course;
  }

  /** Makes the present async context the one in which handlers begin. */
  beginHere(): void {
    this.#base = new AsyncResource('HoldfastWorker');
  }

  /** Runs attempts. Attempts of one name share a call if their handler takes batches. Never throws. */
  run(attempts: readonly Attempt[]): void {
    this.#base.runInAsyncScope(() => {
      for (const call of this.#handlers.callsOf(attempts)) this.#enter(call);
    });
  }

  /** Starts no more handlers. Attempts that have not started are released. */
  stop(): void {
    this.#stopped = true;
    this.#parts.solitude.wake();
  }

  /** Releases an attempt whose handler ignores its signal. A suspect no longer holds up others. */
  release(attempt: Attempt, onEnding: (ending: Ending) => void): void {
    this.#parts.solitude.openFor(attempt);
    this.#parts.recorder.end(attempt, RELEASED, this.#options.backoffs, onEnding);
  }

  /** Starts a call; a suspect waits until nothing runs beside it, and others while it has its time alone. */
  #enter(call: readonly Attempt[]): void {
    if (call[0]?.task.suspect) void this.#enterSuspect(call[0]);
    else if (this.#parts.solitude.enter(call.length, call.every(isBeside))) this.#perform(call);
    else void this.#enterBeside(call);
  }

  /** Runs a suspect. The store must know before it starts whether it runs alone: only then is a crash certainly its own. */
  async #enterSuspect(suspect: Attempt): Promise<void> {
    const { solitude } = this.#parts;
    const aloneMs = doubling(SUSPECT_ALONE_MS, unclearCrashes(suspect.task.history), HOUR);
    const how = await solitude.enterSuspect(suspect, aloneMs, () => this.#stopped);
    if (how === null) solitude.pass(1);
    const isMarked = how !== null && (await this.#mark(suspect, how).catch((error: unknown) => this.#noteFault(error)));
    if (isMarked) this.#perform([suspect]);
    else this.#finish(suspect, RELEASED);
  }

  async #mark(suspect: Attempt, how: 'alone' | 'beside'): Promise<boolean> {
    if (how === 'beside') return this.#markBeside([suspect]);
    const [isHeld] = await this.#parts.tasks.renew([suspect], { alone: true });
    if (isHeld) suspect.noteAlone();
    return isHeld === true;
  }

  /** Runs a call beside a suspect whose time alone is over. */
  async #enterBeside(call: readonly Attempt[]): Promise<void> {
    const { solitude } = this.#parts;
    do {
      await solitude.untilOpen(() => this.#stopped);
      const mayEnter = !this.#stopped && (!solitude.hasSuspect || (await this.#markBeside(call).catch((error: unknown) => this.#noteFault(error))));
      if (mayEnter) continue;
      solitude.pass(call.length);
      for (const attempt of call) this.#finish(attempt, RELEASED);
      return;
    } while (!solitude.enter(call.length, call.every(isBeside)));
    this.#perform(call);
  }

  /** Tells the store of all tasks of this process that they run beside a suspect. Returns false if one of these attempts has lost its lease. */
  async #markBeside(call: readonly Attempt[]): Promise<boolean> {
    const { leases, tasks, solitude } = this.#parts;
    const { suspect } = solitude;
    const live = leases.live;
    // From now on the suspect counts as beside others: the store may know so although its answer gets lost.
    if (suspect instanceof Attempt) suspect.noteBeside();
    const held = await tasks.renew(live, { beside: true });
    const lost = new Set(live.filter((_, at) => !held[at]).map(({ token, id }) => `${token} ${id}`));
    if (call.some(({ token, id, status }) => status === 'taken' || lost.has(`${token} ${id}`))) return false;
    for (const attempt of call) attempt.noteBeside();
    solitude.noteBeside(suspect);
    return true;
  }

  #noteFault(error: unknown): false {
    this.#parts.internalErrors.note('run', error);
    return false;
  }

  /** Runs the attempts that may start. The others end at once. */
  #perform(call: readonly Attempt[]): void {
    const begun = call.filter((attempt) => this.#mayBegin(attempt));
    const [first] = begun;
    if (!first) return;
    for (const attempt of begun) this.#begin(attempt);
    const { run, size } = this.#handlers.of(first.task) as Registered;
    if (size === undefined) this.#callOne(run, first);
    else void this.#callBatch(run, begun);
  }

  #mayBegin(attempt: Attempt): boolean {
    const outcome = this.#outcomeBefore(attempt);
    if (outcome) this.#finish(attempt, outcome);
    return outcome === undefined;
  }

  /**
   * Returns the outcome of an attempt that must not start: its worker is stopping, its lease is almost over, its deadline has passed, or its name has
   * no handler.
   */
  #outcomeBefore(attempt: Attempt): Outcome | undefined {
    const { task } = attempt;
    const now = this.#parts.clock.monotonic();
    if (this.#stopped || attempt.isOverAt(now)) return RELEASED;
    if (isPastDeadline(task, attempt.waitedAt(now))) return OVERDUE;
    if (this.#handlers.of(task)) return undefined;
    return { kind: 'released', delayMs: doubling(UNKNOWN_MIN_MS, task.attempt - 1, UNKNOWN_MAX_MS) };
  }

  #begin(attempt: Attempt): void {
    const { clock, events } = this.#parts;
    const { timeoutMs } = attempt.task.settings;
    attempt.begin(clock.monotonic());
    if (events.hears('task-started')) events.emit('task-started', { workerId: attempt.workerId, task: refOf(attempt.task) });
    if (timeoutMs !== undefined) attempt.limitTime(clock, timeoutMs, () => void this.#countTimeout(attempt));
  }

  /** Writes the failure of an attempt whose handler ignores its signal. It runs on under its lease, so that nothing else runs it meanwhile. */
  async #countTimeout(attempt: Attempt): Promise<void> {
    const { leases, events } = this.#parts;
    const { failures } = attempt.task;
    if (await leases.noteTimeout(attempt, failures))
      events.emit('timeout-counted', { workerId: attempt.workerId, task: refOf(attempt.task), failures });
  }

  #callOne(run: AnyHandler, attempt: Attempt): void {
    const context = new AttemptContext(attempt, this.#parts);
    const call = this.#callOf([attempt], context);
    const outcome = runTask(run, context, attempt, call);
    if (outcome instanceof Promise) void outcome.then((ended) => this.#end(attempt, context.begunSteps, ended));
    else this.#end(attempt, context.begunSteps, outcome);
  }

  /** An attempt ends with its handler, and with the steps that its handler has begun. */
  #end(attempt: Attempt, steps: AttemptSteps | undefined, outcome: Outcome): void {
    if (steps) void steps.end(outcome).then((ended) => this.#finish(attempt, ended));
    else this.#finish(attempt, outcome);
  }

  async #callBatch(run: AnyBatchHandler, begun: readonly Attempt[]): Promise<void> {
    const batch = new AttemptBatch(begun.map((attempt) => new BatchedContext(attempt, this.#parts)));
    const call = this.#callOf(begun, undefined);
    const outcomes = await runBatch(run, batch, begun, call);
    begun.forEach((attempt, at) => this.#finish(attempt, outcomes[at] as Outcome));
  }

  #callOf(attempts: readonly Attempt[], context: AttemptContext | undefined): Call | undefined {
    if (!this.#options.tracksCurrentTask) return undefined;
    const call = new Call(context);
    for (const attempt of attempts) attempt.call = call;
    return call;
  }

  #finish(attempt: Attempt, outcome: Outcome): void {
    attempt.end();
    // The call holds the parsed payload, which would wait for the outcome to be written.
    attempt.call = undefined;
    this.#course.onHandlerEnd(attempt);
    this.#parts.recorder.end(attempt, outcome, this.#options.backoffs, (ending) => {
      this.#parts.solitude.leave(attempt);
      this.#course.onSettled(attempt, ending);
    });
  }
}
