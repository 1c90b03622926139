import type { WorkerOptions } from '../../config/optionTypes';
import { MINUTE, SECOND } from '../../constants/limits';
import type { BackoffFunctions } from '../../modules/task/backoff';
import { chunksOf } from '../../modules/values/chunksOf';
import { groupBy } from '../../modules/values/groupBy';
import { hasNoHistory, withHistory } from '../../modules/task/history';
import { isPastDeadline, nextChange } from '../../modules/task/outcome';
import type { Change, Outcome } from '../../modules/task/change';
import { runBatch, runTask } from '../../modules/worker/runTask';
import { refOf } from '../../modules/task/task';
import type { Task } from '../../modules/task/task';
import { taskError } from '../../modules/errors/taskError';
import { tellEnding } from '../lease/tellEnding';
import type { Attempt } from './attempt';
import { AttemptBatch } from './attemptBatch';
import { AttemptContext } from './attemptContext';
import { inTask } from './currentTask';
import type { AnyBatchHandler, AnyHandler, Handlers, Registered } from './handlers';
import type { Ending } from '../../constants/events';
import type { Settled } from '../lease/settler';
import type { Store } from '../store/store';

/** The bounds of the delay of a task whose name has no handler here; it doubles with each attempt. */
const UNKNOWN_MIN_MS = SECOND;
const UNKNOWN_MAX_MS = MINUTE;

const RELEASED: Outcome = Object.freeze({ kind: 'released', delayMs: 0 });
const OVERDUE: Outcome = Object.freeze({ kind: 'overdue' });

/** Where a handler was not to run, or was not there, the outcome is known beforehand. */
type Prepared = { readonly registered: Registered } | { readonly outcome: Outcome };

/** Whom an executor tells how far an attempt is. */
export interface Course {
  /** The handler has ended; the outcome is still to be written. */
  onHandlerEnd(attempt: Attempt): void;
  /** The outcome is written, or lost. */
  onSettled(attempt: Attempt, ending: Ending): void;
}

/** Runs attempts: handler → Outcome → Change → one guarded write. */
export class Executor {
  readonly #store: Store;
  readonly #handlers: Handlers;
  readonly #backoffs: BackoffFunctions;
  readonly #tracksCurrentTask: boolean;
  readonly #course: Course;
  readonly #leave = (): void => this.#store.solitude.leave();
  #stopped = false;

  constructor(store: Store, handlers: Handlers, options: Pick<WorkerOptions, 'backoffs' | 'tracksCurrentTask'>, course: Course) {
    this.#store = store;
    this.#handlers = handlers;
    this.#backoffs = options.backoffs;
    this.#tracksCurrentTask = options.tracksCurrentTask;
    this.#course = course;
  }

  /** Begins no handler any more: what is still asked for is released. */
  stop(): void {
    this.#stopped = true;
  }

  /** Runs attempts, from their handlers to the writing of their outcomes; those of one name by one call, where their handler takes batches. Never throws. */
  run(attempts: readonly Attempt[]): void {
    if (!this.#handlers.hasBatches) for (const attempt of attempts) this.#runOne(attempt);
    else for (const alike of this.#batchesOf(attempts)) this.#runTogether(alike);
  }

  /** Writes how an attempt ended, and tells it. */
  settle(attempt: Attempt, outcome: Outcome, onEnding: (ending: Ending) => void): void {
    if (attempt.status === 'taken' || attempt.settling) return onEnding('lost');
    const { id, token } = attempt;
    const change = this.#decide(attempt, outcome);
    attempt.settling = true;
    attempt.returning = change.state === 'waiting';
    this.#store.settler.submit({ id, place: attempt.task.place, guard: { token }, change, by: token }, (answer) =>
      onEnding(this.#tellAnswer(attempt, outcome, change, answer)),
    );
  }

  /** A suspect runs with nothing beside it. */
  #runOne(attempt: Attempt): void {
    if (attempt.task.suspect) void this.#runAlone(attempt);
    else if (this.#store.solitude.enter()) this.#runBeside(attempt);
    else void this.#store.solitude.entered().then(() => this.#runBeside(attempt));
  }

  #batchesOf(attempts: readonly Attempt[]): Attempt[][] {
    return [...groupBy(attempts, ({ task }) => task.name)].flatMap(([name, alike]) => chunksOf(alike, this.#handlers.sizeOf(name)));
  }

  #runTogether(attempts: readonly Attempt[]): void {
    const [first] = attempts;
    if (first && attempts.length === 1) this.#runOne(first);
    else void this.#runBatchOf(attempts);
  }

  async #runBatchOf(attempts: readonly Attempt[]): Promise<void> {
    await this.#store.solitude.among(async () => {
      const outcomes = await this.#performBatch(attempts);
      await Promise.all(attempts.map((attempt, index) => this.#settled(attempt, outcomes[index] as Outcome)));
    });
  }

  #tellAnswer(attempt: Attempt, outcome: Outcome, change: Change, answer: Settled): Ending {
    if (answer === 'lost') attempt.onTaken();
    if (answer !== 'applied') return 'lost';
    if (change.state === 'waiting') this.#store.wakeups.notify('hint');
    return tellEnding(this.#store.events, attempt, outcome, change, this.#store.clock);
  }

  #end(attempt: Attempt, outcome: Outcome, onEnd: () => void): void {
    this.#course.onHandlerEnd(attempt);
    this.settle(attempt, outcome, (ending) => {
      onEnd();
      this.#course.onSettled(attempt, ending);
    });
  }

  #runBeside(attempt: Attempt): void {
    const outcome = this.#perform(attempt);
    if (outcome instanceof Promise) void outcome.then((ended) => this.#end(attempt, ended, this.#leave));
    else this.#end(attempt, outcome, this.#leave);
  }

  async #runAlone(attempt: Attempt): Promise<void> {
    await this.#store.solitude.alone(async () => {
      await this.#settled(attempt, await this.#performAlone(attempt));
    });
  }

  #settled(attempt: Attempt, outcome: Outcome): Promise<void> {
    return new Promise((resolve) => this.#end(attempt, outcome, resolve));
  }

  /** The store must know that a suspect runs alone before it does: only then a crash is surely its own. */
  async #performAlone(attempt: Attempt): Promise<Outcome> {
    try {
      const renewed = this.#stopped ? [] : await this.#store.tasks.renew([attempt], { alone: true });
      if (renewed.length === 0) return RELEASED;
      attempt.isAlone = true;
      return await this.#perform(attempt);
    } catch {
      return RELEASED;
    }
  }

  #perform(attempt: Attempt): Outcome | Promise<Outcome> {
    const prepared = this.#prepare(attempt);
    if ('outcome' in prepared) return prepared.outcome;
    const { registered } = prepared;
    if (registered.size !== undefined) return this.#runBatch(registered.run, [attempt]).then(([outcome]) => outcome as Outcome);
    this.#begin(attempt);
    return this.#ended(attempt, runTask(this.#tracked(registered.run), new AttemptContext(attempt, this.#store), attempt));
  }

  #ended(attempt: Attempt, outcome: Outcome | Promise<Outcome>): Outcome | Promise<Outcome> {
    if (outcome instanceof Promise) return outcome.finally(() => attempt.end());
    attempt.end();
    return outcome;
  }

  /** Those that are not to run have their outcome; the others go into one call. */
  async #performBatch(attempts: readonly Attempt[]): Promise<Outcome[]> {
    const prepared = attempts.map((attempt) => this.#prepare(attempt));
    const wanted = attempts.filter((_, index) => 'registered' in (prepared[index] as Prepared));
    const registered = prepared.find((one) => 'registered' in one)?.registered;
    const outcomes = registered ? await this.#runBatch(registered.run as AnyBatchHandler, wanted) : [];
    return prepared.map((one) => ('outcome' in one ? one.outcome : (outcomes.shift() as Outcome)));
  }

  async #runBatch(run: AnyBatchHandler, attempts: readonly Attempt[]): Promise<Outcome[]> {
    const batch = new AttemptBatch(attempts.map((attempt) => new AttemptContext(attempt, this.#store)));
    for (const attempt of attempts) this.#begin(attempt);
    const outcomes = await runBatch(run, batch, attempts);
    for (const attempt of attempts) attempt.end();
    return outcomes;
  }

  #tracked(handler: AnyHandler): AnyHandler {
    return this.#tracksCurrentTask ? (context) => inTask(context, handler) : handler;
  }

  #prepare(attempt: Attempt): Prepared {
    const { task } = attempt;
    const now = this.#store.clock.monotonic();
    if (this.#stopped || attempt.isOverAt(now)) return { outcome: RELEASED };
    if (isPastDeadline(task, attempt.waitedAt(now))) return { outcome: OVERDUE };
    const registered = this.#handlers.of(task);
    if (registered) return { registered };
    return { outcome: { kind: 'released', delayMs: Math.min(UNKNOWN_MAX_MS, UNKNOWN_MIN_MS * 2 ** Math.min(task.attempt - 1, 16)) } };
  }

  #begin(attempt: Attempt): void {
    const { clock, events } = this.#store;
    const { timeoutMs } = attempt.task.settings;
    attempt.begin(clock.monotonic());
    if (events.hears('task-started')) events.emit('task-started', { workerId: attempt.workerId, task: refOf(attempt.task) });
    if (timeoutMs !== undefined) attempt.limitTime(clock, timeoutMs);
  }

  #decide(attempt: Attempt, outcome: Outcome): Change {
    const task = judgedTask(attempt);
    const { clock, events, random } = this.#store;
    const onBackoffFault = (backoff: string, fault: unknown): void =>
      events.emit('backoff-failed', { task: refOf(task), backoff, error: taskError(fault) });
    const change = nextChange(task, outcome, { random, backoffs: this.#backoffs, onBackoffFault });
    if (hasNoHistory(task, outcome, change, attempt.lines)) return change;
    return withHistory(task, outcome, change, attempt.factsAt(clock.monotonic()));
  }
}

/** The task as the store has it since its attempt began. */
const judgedTask = ({ task, isAlone }: Attempt): Task => (isAlone && task.lease ? { ...task, lease: { ...task.lease, alone: true } } : task);
