import { batchOptions, workerOptions } from '../../config/options';
import type { BatchOptions, WorkerOptions } from '../../config/optionTypes';
import type { IterationTally, Ending } from '../../constants/events';
import type { Task } from '../../modules/task/task';
import { addTally, emptyTally } from '../../modules/task/tally';
import { within } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { makeWorkerId } from '../../modules/worker/makeWorkerId';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { Attempt, type ClaimTimes } from './attempt';
import { ClaimLoop } from './claimLoop';
import type { Emitter } from '../observe/emitter';
import { Condition } from '../async/condition';
import { type Call, currentCall, outsideCalls } from '../async/currentCall';
import { Executor } from './executor';
import { GracePeriod } from './gracePeriod';
import { type AnyBatchHandler, type AnyHandler, Handlers } from './handlers';
import type { BatchHandler, Handler, HandlerMiddleware, WorkerArguments } from '../../modules/worker/handlerTypes';
import type { TaskMap } from '../../modules/task/taskSpec';
import { Iteration } from './iteration';
import { Slots } from './slots';
import { WorkerBeat } from './workerBeat';
import type { Ticker } from '../schedule/ticker';
import { tickerOf } from '../schedule/tickerOf';
import type { Store } from '../store/store';
import { partsOf, type StoreParts } from '../store/storeParts';

/** The parts of a Worker, beside those of its executor, its claim loop and the ticker. */
type WorkerParts = Pick<StoreParts, 'dependents' | 'checkSchema' | 'leases' | 'recorder' | 'beat' | 'events' | 'clock' | 'callTimeoutMs'>;

/**
 * Claims tasks and runs their handlers, at most `maxConcurrency` at once, until stopped.
 *
 * @example
 * const worker = new Worker<{ welcome: { to: string } }>(store, {
 *   queues: ['mail'],
 *   handlers: { welcome: async ({ payload }) => sendWelcome(payload.to) },
 * });
 * await worker.start();
 * await worker.stop();
 */
export class Worker<Tasks extends TaskMap = Record<string, unknown>> {
  /** The id in leases and events: the option `workerId`, or one made of host, process and a random part. */
  readonly id: string;
  readonly #parts: WorkerParts;
  readonly #ticker: Ticker;
  readonly #options: Readonly<WorkerOptions>;
  readonly #handlers: Handlers;
  readonly #executor: Executor;
  readonly #claims: ClaimLoop;
  readonly #slots: Slots;
  /** Signals the ends of attempts and of the claiming. */
  readonly #changes = new Condition();
  readonly #gracePeriod: GracePeriod;
  readonly #beat: WorkerBeat;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #isClaiming = false;
  #isStopping = false;
  /** The number of tasks released since the worker was told to stop. */
  #givenBack = 0;

  /**
   * Creates a worker. It claims nothing before `start`.
   *
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID.
   */
  constructor(store: Store, options: WorkerArguments<Tasks>) {
    const parts = (this.#parts = partsOf(store));
    this.#ticker = tickerOf(parts);
    this.#options = resolveOptions(workerOptions, options, 'worker');
    this.id = this.#options.workerId ?? makeWorkerId();
    this.#slots = new Slots(this.#options.maxConcurrency, this.#options.prefetch, (attempts) => this.#executor.run(attempts));
    const waited = { slots: this.#slots, changes: this.#changes, isClaiming: () => this.#isClaiming, clock: parts.clock };
    this.#gracePeriod = new GracePeriod(waited, this.#options.gracePeriodMs);
    this.#handlers = new Handlers(
      (task) => this.events.emit('unknown-task', { workerId: this.id, task }),
      (at) => this.events.emit('next-unawaited', { workerId: this.id, ...at }),
    );
    this.#executor = new Executor(parts, this.#handlers, this.#options, {
      onHandlerEnd: (attempt) => this.#freeSlot(attempt),
      onSettled: (attempt, ending) => this.#dropLease(attempt, ending),
    });
    this.#claims = new ClaimLoop(parts, {
      id: this.id,
      options: this.#options,
      slots: this.#slots,
      changes: this.#changes,
      isStopping: () => this.#isStopping,
      take: (tasks, times) => this.#take(tasks, times),
    });
    this.#beat = new WorkerBeat(parts, { id: this.id, options: this.#options, handlers: this.#handlers, slots: this.#slots, claims: this.#claims });
    for (const [name, handler] of Object.entries(this.#options.handlers)) this.#handlers.add(name, { run: handler as AnyHandler });
  }

  /** The events of the store: those of this worker, and of everything else on the store in this process. */
  get events(): Emitter {
    return this.#parts.events;
  }

  /** The number of running tasks, up to `maxConcurrency`. A handler that ignores its signal counts until it ends. */
  get running(): number {
    return this.#slots.running.size;
  }

  /**
   * Registers the handler of a task name.
   *
   * Its return value, a JSON value of at most 1 MiB, is stored as the result. An error that it throws is a failure.
   *
   * @throws HOLDFAST_HANDLER_DUPLICATE if the name already has a handler, HOLDFAST_OPTION_INVALID if the handler is not a function.
   * @example
   * worker.handle('welcome', async ({ payload, signal }) => sendWelcome(payload.to, { signal }));
   */
  handle<Name extends keyof Tasks & string>(name: Name, handler: Handler<Tasks[Name]>): this {
    this.#handlers.add(name, { run: handler as AnyHandler });
    return this;
  }

  /**
   * Registers a handler that gets several tasks of one name per call. It returns an entry `[id, answer]` for each task: an Error is a failure
   * (PermanentError and RetryAfter keep their meaning), anything else is the result.
   *
   * A batch holds the tasks that can start together, usually from one claim; the worker never waits to fill it. A task without an answer fails with
   * HOLDFAST_BATCH_ANSWER_MISSING. An answer for a task outside the batch fails all its tasks with HOLDFAST_BATCH_ANSWER_UNKNOWN.
   *
   * @param options `size`: the maximum number of tasks per call, 1 to 1,000, by default 100.
   * @throws HOLDFAST_HANDLER_DUPLICATE, HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID.
   * @example
   * worker.handleBatch('index', async ({ tasks }) => tasks.map(({ id, payload }) => [id, index(payload)]), { size: 500 });
   */
  handleBatch<Name extends keyof Tasks & string>(name: Name, handler: BatchHandler<Tasks[Name]>, options?: Partial<BatchOptions>): this {
    const { size } = resolveOptions(batchOptions, options, 'batch');
    this.#handlers.add(name, { run: handler as AnyBatchHandler, size });
    return this;
  }

  /**
   * Adds middleware around every handler, inside the existing middleware. Around a batch handler it runs once per call.
   *
   * Its return value or error is the outcome, so it must await `next`, and pass on its result.
   *
   * @throws HOLDFAST_OPTION_INVALID if the middleware is not a function.
   * @example
   * worker.use(async ({ name }, next) => { const end = timer(name); try { return await next(); } finally { end(); } });
   */
  use(middleware: HandlerMiddleware): this {
    this.#handlers.use(middleware);
    return this;
  }

  /**
   * Starts claiming tasks. Safe to call twice.
   *
   * @throws HOLDFAST_WORKER_STOPPED after `stop`, HOLDFAST_STORE_CLOSED after the store was closed, HOLDFAST_STORE_NEWER if a newer release of
   *   Holdfast has changed the store since it was opened.
   * @example
   * await worker.start();
   */
  start(): Promise<void> {
    if (this.#isStopping) return Promise.reject(new HoldfastError('HOLDFAST_WORKER_STOPPED'));
    if (this.#isClaiming && !this.#starting) return Promise.reject(new HoldfastError('HOLDFAST_WORKER_STARTED'));
    return (this.#starting ??= this.#start());
  }

  /**
   * Stops the worker: it stops claiming and waits up to `gracePeriodMs` for running handlers. Then it tells them to stop, and a second later releases
   * the tasks that are left. Safe to call twice.
   *
   * In one of its own handlers it resolves when all other handlers have ended; that handler may then end, and its outcome is recorded.
   *
   * @example
   * await worker.stop();
   */
  stop(): Promise<void> {
    this.#isStopping = true;
    const call = currentCall();
    const isInside = call !== undefined && this.isRunning(call) && (call.waitsForStop = true);
    this.#stopping ??= outsideCalls(() => this.#stop());
    this.#changes.tell();
    return isInside ? this.othersStopped : this.#stopping;
  }

  /** Resolves when a stopped worker runs nothing but handlers that wait for it to stop. @internal */
  get othersStopped(): Promise<void> {
    return this.#gracePeriod.othersStopped;
  }

  /** Tells whether a call is one of this worker. @internal */
  isRunning(call: Call): boolean {
    return [...this.#slots.running].some((attempt) => attempt.call === call);
  }

  /**
   * Runs due tasks, and those that become due meanwhile, until no task of its queues is due or running. It is meant for tests and scripts; schedules
   * do not fire.
   *
   * @returns how the attempts ended.
   * @throws HOLDFAST_WORKER_STARTED after `start`, HOLDFAST_WORKER_STOPPED after `stop`, or HOLDFAST_STORE_….
   * @example
   * const { succeeded, retried } = await worker.drain();
   */
  async drain(): Promise<Readonly<IterationTally>> {
    if (this.#isStopping) throw new HoldfastError('HOLDFAST_WORKER_STOPPED');
    if (this.#isClaiming) throw new HoldfastError('HOLDFAST_WORKER_STARTED');
    this.#parts.dependents.attach(this);
    this.#executor.beginHere();
    this.#isClaiming = true;
    const total = emptyTally();
    const end = this.events.on('iteration', ({ workerId, tally }) => void (workerId === this.id && addTally(total, tally)));
    try {
      await this.#claimUntil(this.#claims.drain());
    } finally {
      end();
      if (!this.#isStopping) this.#parts.dependents.detach(this);
    }
    return total;
  }

  /**
   * Stops without waiting for handlers: known outcomes are written, and the other tasks are left to the ends of their leases.
   *
   * @internal
   */
  abandon(): Promise<void> {
    this.#gracePeriod.cut();
    return this.stop();
  }

  async #start(): Promise<void> {
    const { queues, maxConcurrency } = this.#options;
    this.#executor.beginHere();
    try {
      this.#parts.dependents.attach(this);
      this.#ticker.start();
      this.#isClaiming = true;
      await this.#parts.checkSchema();
    } catch (error) {
      this.#starting = undefined;
      this.#isClaiming = false;
      this.#changes.tell();
      this.#parts.dependents.detach(this);
      throw error;
    }
    if (!this.#isStopping) this.events.emit('worker-started', { workerId: this.id, queues, maxConcurrency });
    if (!this.#isStopping) this.#parts.beat.join(this.#beat);
    void this.#claimUntil(this.#claims.run());
  }

  /** Waits for the end of the claiming, and signals it. */
  async #claimUntil(ended: Promise<void>): Promise<void> {
    await ended.finally(() => {
      this.#isClaiming = false;
      this.#changes.tell();
    });
  }

  #take(tasks: readonly Task[], times: ClaimTimes): void {
    const iteration = new Iteration(tasks.length, times.sentAt, (startedAt, tally) =>
      this.events.emit('iteration', { workerId: this.id, durationMs: this.#parts.clock.monotonic() - startedAt, tally }),
    );
    const attempts = tasks.map((task) => new Attempt(task, times, this.id, this.events, iteration));
    for (const attempt of attempts) this.#parts.leases.hold(attempt);
    this.#slots.take(attempts);
  }

  #freeSlot(attempt: Attempt): void {
    this.#slots.free(attempt);
    this.#changes.tell();
  }

  #dropLease(attempt: Attempt, ending: Ending): void {
    this.#parts.leases.drop(attempt);
    if (ending === 'succeeded') this.#ticker.noteSuccess(attempt.id);
    else this.#noteGivenBack(ending);
    attempt.iteration.note(ending);
  }

  async #stop(): Promise<void> {
    const { recorder, beat, dependents, clock, callTimeoutMs } = this.#parts;
    if (!this.#isClaiming) return this.#gracePeriod.pass();
    this.events.emit('worker-stopping', { workerId: this.id, running: this.running });
    this.#executor.stop();
    this.#slots.beginAll();
    this.#claims.wake();
    this.#changes.tell();
    await this.#gracePeriod.pass();
    // Handlers that ignore their signals are left behind.
    for (const attempt of this.#gracePeriod.isCut ? [] : this.#slots.running)
      this.#executor.release(attempt, (ending) => this.#noteGivenBack(ending));
    await within(clock, callTimeoutMs, recorder.idle());
    beat.leave(this.#beat);
    dependents.detach(this);
    this.events.emit('worker-stopped', { workerId: this.id, released: this.#givenBack });
  }

  #noteGivenBack(ending: Ending): void {
    this.#givenBack += Number(this.#isStopping && ending === 'released');
  }
}
