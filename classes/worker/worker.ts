import { batchOptions, workerOptions } from '../../config/options';
import type { BatchOptions, WorkerOptions } from '../../config/optionTypes';
import { SECOND } from '../../constants/limits';
import type { IterationTally, Ending } from '../../constants/events';
import { within } from '../../modules/time/clock';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { makeWorkerId } from '../../modules/worker/makeWorkerId';
import { openedStore } from '../../modules/store/openedStore';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { Attempt } from './attempt';
import type { Emitter } from '../observe/emitter';
import { Changes } from '../async/condition';
import { Executor } from './executor';
import { Handlers } from './handlers';
import type { AnyBatchHandler, AnyHandler } from './handlers';
import type { BatchHandler, Handler, HandlerMiddleware, WorkerArguments } from '../../modules/worker/handlerTypes';
import type { TaskMap } from '../../modules/task/taskSpec';
import { Idleness } from '../idle/idleness';
import { Iteration } from './iteration';
import { Slots } from './slots';
import type { Store } from '../store/store';

/** How long handlers that were told to end after the grace period have to do so. */
const ABORT_MS = SECOND;

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
  /** Told in leases and events: `workerId`, or one made of host, process and a random part. */
  readonly id: string;
  readonly #store: Store;
  readonly #options: Readonly<WorkerOptions>;
  readonly #handlers: Handlers;
  readonly #executor: Executor;
  readonly #idleness: Idleness;
  readonly #slots: Slots;
  /** Of its attempts, and of its loop. */
  readonly #changes = new Changes();
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #isClaiming = false;
  #isStopping = false;
  #isAbandoned = false;
  /** How many tasks it has given back since it was told to stop. */
  #givenBack = 0;

  /**
   * Claims nothing before `start`.
   *
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID.
   */
  constructor(store: Store, options: WorkerArguments<Tasks>) {
    this.#store = openedStore(store);
    this.#options = resolveOptions(workerOptions, options, 'worker');
    this.id = this.#options.workerId ?? makeWorkerId();
    this.#idleness = new Idleness(store, this.#options, () => this.#isStopping);
    this.#slots = new Slots(this.#options.maxConcurrency, this.#options.prefetch, (attempts) => this.#executor.run(attempts));
    this.#handlers = new Handlers((task) => this.events.emit('unknown-task', { workerId: this.id, task }));
    this.#executor = new Executor(store, this.#handlers, this.#options, {
      onHandlerEnd: (attempt) => this.#freeSlot(attempt),
      onSettled: (attempt, ending) => this.#dropLease(attempt, ending),
    });
    for (const [name, handler] of Object.entries(this.#options.handlers)) this.#handlers.add(name, { run: handler as AnyHandler });
  }

  /** The events of its store: of this worker, and of all else that runs on the store in this process. */
  get events(): Emitter {
    return this.#store.events;
  }

  /** How many tasks it runs now, up to `maxConcurrency`; a handler that ignores its signal counts until it ends. */
  get running(): number {
    return this.#slots.running.size;
  }

  /**
   * Registers the handler of a task name: what it returns, a JSON value of at most 1 MiB, is kept as the result, what it throws is a failure.
   *
   * @throws HOLDFAST_HANDLER_DUPLICATE where the name has one, HOLDFAST_OPTION_INVALID where it is no function.
   * @example
   * worker.handle('welcome', async ({ payload, signal }) => sendWelcome(payload.to, { signal }));
   */
  handle<Name extends keyof Tasks & string>(name: Name, handler: Handler<Tasks[Name]>): this {
    this.#handlers.add(name, { run: handler as AnyHandler });
    return this;
  }

  /**
   * Registers a handler that gets several tasks of one name in one call. It returns an entry `[id, answer]` for each: an Error is a failure
   * (PermanentError and RetryAfter keep their meaning), anything else is the result.
   *
   * A batch holds the tasks that can start together, usually from one claim; the worker never waits to fill it. A task without an answer has
   * failed with HOLDFAST_BATCH_ANSWER_MISSING; an answer for a task outside the batch fails them all with HOLDFAST_BATCH_ANSWER_UNKNOWN.
   *
   * @param options `size`: the most tasks of one call, 1 to 1,000, by default 100.
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
   * Puts something around every handler, inside of what was put there before; around a batch handler once a call. What it returns or throws
   * is the outcome, so it passes on what `next` gives.
   *
   * @throws HOLDFAST_OPTION_INVALID where it is no function.
   * @example
   * worker.use(async ({ name }, next) => { const end = timer(name); try { return await next(); } finally { end(); } });
   */
  use(middleware: HandlerMiddleware): this {
    this.#handlers.use(middleware);
    return this;
  }

  /**
   * Begins to claim. Safe to call twice.
   *
   * @throws HOLDFAST_WORKER_STOPPED after `stop`, HOLDFAST_STORE_CLOSED after the store was closed, HOLDFAST_STORE_NEWER where a newer release of
   *   Holdfast has changed the store since it was opened.
   * @example
   * await worker.start();
   */
  start(): Promise<void> {
    if (this.#isStopping) return Promise.reject(new HoldfastError('HOLDFAST_WORKER_STOPPED'));
    return (this.#starting ??= this.#start());
  }

  /**
   * Claims no more, lets what runs end within `gracePeriodMs`, then tells handlers to end and a second later gives back what is left. Safe to call twice.
   *
   * @example
   * await worker.stop();
   */
  stop(): Promise<void> {
    this.#isStopping = true;
    return (this.#stopping ??= this.#stop());
  }

  /**
   * Stops without waiting for handlers: writes the outcomes that are known, and leaves the rest to the ends of their leases.
   *
   * @internal
   */
  abandon(): Promise<void> {
    this.#isAbandoned = true;
    this.#changes.tell();
    return this.stop();
  }

  async #start(): Promise<void> {
    const { queues, maxConcurrency } = this.#options;
    try {
      this.#store.attach(this);
      this.#isClaiming = true;
      await this.#store.checkSchema();
    } catch (error) {
      this.#starting = undefined;
      this.#isClaiming = false;
      this.#changes.tell();
      this.#store.detach(this);
      throw error;
    }
    if (!this.#isStopping) this.events.emit('worker-started', { workerId: this.id, queues, maxConcurrency });
    void this.#work();
  }

  async #work(): Promise<void> {
    let emptyClaims = 0;
    let failedClaims = 0;
    let wasHinted = false;
    while (!this.#isStopping) {
      try {
        await this.#untilRoom();
        const claimed = await this.#claim();
        emptyClaims = claimed ? 0 : emptyClaims + 1;
        failedClaims = 0;
        if (wasHinted) this.#store.wakeups.noteRace(claimed);
        wasHinted = !claimed && (await this.#idleness.wait(emptyClaims)) === 'hint';
      } catch {
        // The store tells of its errors by events.
        failedClaims += 1;
        await this.#changes.until(() => this.#isStopping, this.#store.clock, callRetryDelay(failedClaims, this.#store.random));
      }
    }
    this.#isClaiming = false;
    this.#changes.tell();
  }

  /** Waits for free slots; those that come free in the same turn of the event loop are filled by one claim. */
  async #untilRoom(): Promise<void> {
    const { clock, claimer } = this.#store;
    while (!this.#isStopping && (!this.#slots.wantsMore || claimer.isBlocked)) {
      await (claimer.isBlocked ? claimer.lookAgain(this.#changes.next()) : this.#changes.next());
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  }

  async #claim(): Promise<boolean> {
    const { queues, leaseMs } = this.#options;
    if (this.#isStopping) return false;
    const { tasks, sentAt } = await this.#store.claimer.claim({ queues, limit: this.#slots.room, workerId: this.id, leaseMs });
    if (tasks.length === 0) return false;
    const iteration = new Iteration(tasks.length, sentAt, (startedAt, tally) => this.#tellIteration(startedAt, tally));
    const answeredAt = this.#store.clock.monotonic();
    this.#slots.take(tasks.map((task) => this.#hold(new Attempt(task, { sentAt, answeredAt }, this.id, this.events, iteration))));
    return true;
  }

  #hold(attempt: Attempt): Attempt {
    this.#store.leases.hold(attempt);
    return attempt;
  }

  #freeSlot(attempt: Attempt): void {
    this.#slots.free(attempt);
    this.#changes.tell();
  }

  #dropLease(attempt: Attempt, ending: Ending): void {
    const { leases, ticker } = this.#store;
    leases.drop(attempt);
    if (ending === 'succeeded') ticker.noteSuccess(attempt.id);
    else this.#noteGivenBack(ending);
    attempt.iteration.note(ending);
  }

  async #stop(): Promise<void> {
    const { wakeups, settler, clock, options } = this.#store;
    if (!this.#isClaiming) return;
    this.events.emit('worker-stopping', { workerId: this.id, running: this.running });
    this.#executor.stop();
    this.#slots.beginAll();
    wakeups.notify('work');
    this.#changes.tell();
    await this.#drain();
    if (!this.#isAbandoned) this.#releaseRest();
    await within(clock, options.callTimeoutMs, settler.idle());
    this.#store.detach(this);
    this.events.emit('worker-stopped', { workerId: this.id, released: this.#givenBack });
  }

  async #drain(): Promise<void> {
    const { clock } = this.#store;
    const isOver = (): boolean => this.#isAbandoned || (this.running === 0 && !this.#isClaiming);
    await this.#changes.until(isOver, clock, this.#options.gracePeriodMs);
    for (const attempt of this.#slots.running) attempt.interrupt('HOLDFAST_STOPPING');
    await this.#changes.until(isOver, clock, ABORT_MS);
  }

  /** Gives back what handlers that ignore their signals still hold. */
  #releaseRest(): void {
    for (const attempt of this.#slots.running)
      this.#executor.settle(attempt, { kind: 'released', delayMs: 0 }, (ending) => this.#noteGivenBack(ending));
  }

  #noteGivenBack(ending: Ending): void {
    if (this.#isStopping && ending === 'released') this.#givenBack += 1;
  }

  #tellIteration(startedAt: number, tally: Readonly<IterationTally>): void {
    this.events.emit('iteration', { workerId: this.id, durationMs: this.#store.clock.monotonic() - startedAt, tally });
  }
}
