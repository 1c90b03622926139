import type { WorkerOptions } from '../../config/optionTypes';
import { MINUTE, SECOND } from '../../constants/limits';
import type { Ending } from '../../constants/events';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Outcome } from '../../modules/task/change';
import { isPastDeadline } from '../../modules/task/outcome';
import { doubling } from '../../modules/time/doubling';
import { refOf } from '../../modules/task/task';
import { runBatch, runTask } from '../../modules/worker/runTask';
import type { Recorder } from '../lease/recorder';
import type { Solitude } from '../lease/solitude';
import type { InternalErrors } from '../observe/internalErrors';
import type { Emitter } from '../observe/emitter';
import type { Attempt } from './attempt';
import { AttemptBatch } from './attemptBatch';
import { AttemptContext } from './attemptContext';
import type { ContextParts } from './attemptContext';
import { inTask } from './currentTask';
import type { Handlers, Registered } from './handlers';

/** The bounds of the delay of a task whose name has no handler here; it doubles with each attempt. */
const UNKNOWN_MIN_MS = SECOND;
const UNKNOWN_MAX_MS = MINUTE;

const RELEASED: Outcome = Object.freeze({ kind: 'released', delayMs: 0 });
const OVERDUE: Outcome = Object.freeze({ kind: 'overdue' });

/** The parts that an executor rests on. */
export interface ExecutorParts extends ContextParts {
  readonly tasks: Pick<TaskStore, 'renew'>;
  readonly solitude: Solitude;
  readonly recorder: Recorder;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
}

/** The worker, as it is told how far an attempt is. */
export interface Course {
  /** The handler has ended; the outcome is still to be written. */
  onHandlerEnd(attempt: Attempt): void;
  /** The outcome is written, or lost. */
  onSettled(attempt: Attempt, ending: Ending): void;
}

/** Runs attempts: enters, calls the handler, records the outcome, leaves. */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #handlers: Handlers;
  readonly #options: Pick<WorkerOptions, 'backoffs' | 'tracksCurrentTask'>;
  readonly #course: Course;
  #stopped = false;

  constructor(parts: ExecutorParts, handlers: Handlers, options: Pick<WorkerOptions, 'backoffs' | 'tracksCurrentTask'>, course: Course) {
    this.#parts = parts;
    this.#handlers = handlers;
    this.#options = options;
    this.#course = course;
  }

  /** Runs attempts, those of one name by one call where their handler takes batches. Never throws. */
  run(attempts: readonly Attempt[]): void {
    for (const call of this.#handlers.callsOf(attempts)) this.#enter(call);
  }

  /** Begins no handler any more: attempts that are still to run are released. */
  stop(): void {
    this.#stopped = true;
  }

  /** Gives back an attempt whose handler ignores its signal. */
  release(attempt: Attempt, onEnding: (ending: Ending) => void): void {
    this.#parts.recorder.end(attempt, RELEASED, this.#options.backoffs, onEnding);
  }

  /** A suspect runs with nothing beside it. */
  #enter(call: readonly Attempt[]): void {
    const { solitude } = this.#parts;
    if (call[0]?.task.suspect) void this.#enterAlone(call[0]);
    else if (solitude.enter(call.length)) this.#perform(call);
    else void solitude.entered(call.length).then(() => this.#perform(call));
  }

  /** The store must know that a suspect runs alone before it does: only then a crash is surely its own. */
  async #enterAlone(suspect: Attempt): Promise<void> {
    const { solitude, tasks } = this.#parts;
    await solitude.enteredAlone();
    const renewed = this.#stopped ? [] : await tasks.renew([suspect], { alone: true }).catch((error: unknown) => this.#noteFault(error));
    if (renewed.length === 0) return this.#finish([suspect], [RELEASED]);
    suspect.noteAlone();
    this.#perform([suspect]);
  }

  #noteFault(error: unknown): never[] {
    this.#parts.internalErrors.note('run', error);
    return [];
  }

  #perform(call: readonly Attempt[]): void {
    const outcomes = this.#call(call);
    if (outcomes instanceof Promise) void outcomes.then((ended) => this.#finish(call, ended));
    else this.#finish(call, outcomes);
  }

  /** Calls the handler for those attempts that may begin; the outcome of the others is known without it. */
  #call(call: readonly Attempt[]): readonly Outcome[] | Promise<readonly Outcome[]> {
    const known = call.map((attempt) => this.#outcomeBefore(attempt));
    const begun = call.filter((_, at) => known[at] === undefined);
    const [first] = begun;
    if (!first) return known as Outcome[];
    for (const attempt of begun) this.#begin(attempt);
    const outcomes = this.#handle(this.#handlers.of(first.task) as Registered, begun);
    if (begun.length === call.length) return outcomes;
    return Promise.resolve(outcomes).then((ended) => inPlace(known, ended));
  }

  /** An attempt whose worker stops, whose lease is almost over, whose deadline has passed or whose name has no handler does not begin. */
  #outcomeBefore(attempt: Attempt): Outcome | undefined {
    const { task } = attempt;
    const now = this.#parts.clock.monotonic();
    if (this.#stopped || attempt.isOverAt(now)) return RELEASED;
    if (isPastDeadline(task, attempt.waitedAt(now))) return OVERDUE;
    if (this.#handlers.of(task)) return undefined;
    return { kind: 'released', delayMs: doubling(task.attempt - 1, UNKNOWN_MIN_MS, UNKNOWN_MAX_MS) };
  }

  #begin(attempt: Attempt): void {
    const { clock, events } = this.#parts;
    const { timeoutMs } = attempt.task.settings;
    attempt.begin(clock.monotonic());
    if (events.hears('task-started')) events.emit('task-started', { workerId: attempt.workerId, task: refOf(attempt.task) });
    if (timeoutMs !== undefined) attempt.limitTime(clock, timeoutMs);
  }

  #handle({ run, size }: Registered, begun: readonly Attempt[]): Outcome[] | Promise<Outcome[]> {
    const contexts = begun.map((attempt) => new AttemptContext(attempt, this.#parts));
    if (size !== undefined) return runBatch(run, new AttemptBatch(contexts), begun);
    const [context, attempt] = [contexts[0] as AttemptContext, begun[0] as Attempt];
    const outcome = runTask(this.#options.tracksCurrentTask ? (given: AttemptContext) => inTask(given, run) : run, context, attempt);
    return outcome instanceof Promise ? outcome.then((ended) => [ended]) : [outcome];
  }

  #finish(call: readonly Attempt[], outcomes: readonly Outcome[]): void {
    call.forEach((attempt, at) => {
      attempt.end();
      this.#course.onHandlerEnd(attempt);
      this.#parts.recorder.end(attempt, outcomes[at] as Outcome, this.#options.backoffs, (ending) => {
        this.#parts.solitude.leave();
        this.#course.onSettled(attempt, ending);
      });
    });
  }
}

/** Puts the outcomes of those that began between those that were known before. */
function inPlace(known: readonly (Outcome | undefined)[], ended: readonly Outcome[]): Outcome[] {
  const left = [...ended];
  return known.map((outcome) => outcome ?? (left.shift() as Outcome));
}
