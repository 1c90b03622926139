import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { workerOptions } from '../config/options';
import type { WorkerOptions } from '../config/options';
import { LONGEST_TIMER_MS, NAME_CHARACTERS, SECOND } from '../constants/limits';
import type { IterationTally } from '../constants/events';
import { within } from '../modules/clock';
import { HoldfastError } from '../modules/holdfastError';
import { pollDelay } from '../modules/pollDelay';
import { resolveOptions } from '../modules/resolveOptions';
import { retryDelay } from '../modules/retryDelay';
import type { Task } from '../modules/task';
import { Attempt } from './attempt';
import type { Events } from './events';
import { Executor } from './executor';
import { Handlers } from './handlers';
import { Iteration } from './iteration';
import type { Store } from './store';
import type { TaskContext } from './taskContext';

/** The payloads of tasks by the tasks' names. */
export type TaskMap = object;

/** What runs a task: returns its result, or throws. */
export type Handler<Payload = unknown> = (context: TaskContext<Payload>) => unknown;

/** Options of a worker, with handlers typed by task name. */
export type WorkerArguments<Tasks extends TaskMap> = Partial<Omit<WorkerOptions, 'queues' | 'handlers' | 'pollInterval'>> & {
  readonly queues: readonly string[];
  readonly handlers?: { readonly [Name in keyof Tasks]?: Handler<Tasks[Name]> };
  readonly pollInterval?: Partial<WorkerOptions['pollInterval']>;
};

/** How long handlers that were told to end after the grace period have to do so. */
const ABORT_MS = SECOND;

/** The first wait where a task is due and the claim found none; it doubles up to the shortest poll. */
const DUE_AGAIN_MS = 2;

/**
 * Claims tasks and runs their handlers, at most `maxConcurrency` at once, until stopped.
 *
 * @example
 * const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: async ({ payload }) => send(payload.to) } });
 * await worker.start();
 * await worker.stop();
 */
export class Worker<Tasks extends TaskMap = Record<string, unknown>> {
  /** Told in leases and events. */
  readonly id: string;
  readonly #store: Store;
  readonly #options: Readonly<WorkerOptions>;
  readonly #handlers: Handlers;
  readonly #executor: Executor;
  readonly #attempts = new Set<Attempt>();
  #onChange: (() => void)[] = [];
  #stopping: Promise<void> | undefined;
  #isClaiming = false;
  #isStopping = false;
  #isAbandoned = false;

  /**
   * @param options see `workerOptions` in `config/options`.
   * @throws HOLDFAST_OPTION_UNKNOWN or HOLDFAST_OPTION_INVALID.
   */
  constructor(store: Store, options: WorkerArguments<Tasks>) {
    this.#store = store;
    this.#options = resolveOptions(workerOptions, options, 'worker');
    this.id = this.#options.workerId ?? makeWorkerId();
    this.#handlers = new Handlers((task) => this.events.emit('unknown-task', { workerId: this.id, task }));
    this.#executor = new Executor(store, this.#handlers, this.#options.backoffs);
    for (const [name, handler] of Object.entries(this.#options.handlers)) this.#handlers.add(name, handler);
  }

  /** The events of its store: of this worker, and of all else that runs on the store in this process. */
  get events(): Events {
    return this.#store.events;
  }

  /** How many handlers run now. */
  get running(): number {
    return this.#attempts.size;
  }

  /**
   * Registers the handler of a task name.
   *
   * @throws HOLDFAST_HANDLER_DUPLICATE where the name has one, HOLDFAST_OPTION_INVALID where it is no function.
   */
  handle<Name extends keyof Tasks & string>(name: Name, handler: Handler<Tasks[Name]>): this {
    this.#handlers.add(name, handler);
    return this;
  }

  /**
   * Begins to claim. Safe to call twice.
   *
   * @throws HOLDFAST_WORKER_STOPPED after `stop`, HOLDFAST_STORE_CLOSED after the store was closed.
   */
  start(): Promise<void> {
    if (this.#isStopping) return Promise.reject(new HoldfastError('HOLDFAST_WORKER_STOPPED'));
    if (this.#isClaiming) return Promise.resolve();
    const { queues, maxConcurrency } = this.#options;
    try {
      this.#store.attach(this);
    } catch (error) {
      return Promise.reject(error);
    }
    this.events.emit('worker-started', { workerId: this.id, queues, maxConcurrency });
    this.#isClaiming = true;
    void this.#work();
    return Promise.resolve();
  }

  /** Claims no more, lets what runs end within `gracePeriodMs`, then tells handlers to end and gives back what is left. Safe to call twice. */
  stop(): Promise<void> {
    this.#isStopping = true;
    return (this.#stopping ??= this.#stop());
  }

  /** Stops without waiting for handlers: writes the outcomes that are known, and leaves the rest to the ends of their leases. */
  abandon(): Promise<void> {
    this.#isAbandoned = true;
    this.#tellChange();
    return this.stop();
  }

  async #work(): Promise<void> {
    let emptyClaims = 0;
    let failedClaims = 0;
    while (!this.#isStopping) {
      try {
        await this.#untilRoom();
        emptyClaims = (await this.#claim()) ? 0 : emptyClaims + 1;
        failedClaims = 0;
        if (emptyClaims > 0) await this.#idle(emptyClaims);
      } catch {
        // The store tells of its errors by events.
        failedClaims += 1;
        await this.#until(() => this.#isStopping, retryDelay(failedClaims, this.#store.random));
      }
    }
    this.#isClaiming = false;
    this.#tellChange();
  }

  /** Waits for a free slot; those that come free in the same turn of the event loop are filled by one claim. */
  async #untilRoom(): Promise<void> {
    const { clock, solitude, claimer } = this.#store;
    while (!this.#isStopping && (this.#attempts.size >= this.#options.maxConcurrency || claimer.isHeld)) {
      await (claimer.isHeld ? Promise.race([this.#change(), solitude.change()]) : this.#change());
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  }

  async #claim(): Promise<boolean> {
    const { queues, maxConcurrency, leaseMs } = this.#options;
    const limit = maxConcurrency - this.#attempts.size;
    if (this.#isStopping) return false;
    const { tasks, sentAt } = await this.#store.claimer.claim({ queues, limit, workerId: this.id, leaseMs });
    if (tasks.length === 0) return false;
    const iteration = new Iteration(tasks.length, sentAt, (startedAt, tally) => this.#tellIteration(startedAt, tally));
    for (const task of tasks) void this.#attempt(task, sentAt, iteration);
    return true;
  }

  /** One task, from its claim to the end of its attempt. */
  async #attempt(task: Task, sentAt: number, iteration: Iteration): Promise<void> {
    const attempt = new Attempt(task, sentAt, this.id, this.events);
    this.#attempts.add(attempt);
    this.#store.leases.hold(attempt);
    const ending = await this.#executor.execute(attempt, () => {
      this.#attempts.delete(attempt);
      this.#tellChange();
    });
    this.#store.leases.drop(attempt);
    iteration.note(ending);
  }

  /** Waits until there may be work: woken by what this process adds, by a hint of the database, or when the next task is due. */
  async #idle(emptyClaims: number): Promise<void> {
    const { clock, random, wakeups } = this.#store;
    const { pollInterval } = this.#options;
    const until = clock.monotonic() + pollDelay(emptyClaims, pollInterval, random);
    // A task that is due although the claim found none came due just then, or is in the claim of another worker.
    const dueAgainMs = Math.min(pollInterval.minMs, DUE_AGAIN_MS * 2 ** Math.min(emptyClaims, 20));
    let dueMs = await this.#nextDueMs();
    for (let leftMs = until - clock.monotonic(); !this.#isStopping && leftMs > 0; leftMs = until - clock.monotonic()) {
      const reason = await wakeups.wait(Math.min(leftMs, dueMs > 0 ? dueMs : dueAgainMs));
      if (reason !== 'hint') return;
      dueMs = await this.#nextDueMs();
      if (dueMs === 0) return;
    }
  }

  async #nextDueMs(): Promise<number> {
    const queues = await this.#store.claimer.openQueues(this.#options.queues);
    const dueMs = queues.length === 0 ? null : await this.#store.tasks.nextDueMs(queues);
    return Math.min(dueMs ?? LONGEST_TIMER_MS, LONGEST_TIMER_MS);
  }

  async #stop(): Promise<void> {
    const { wakeups, settler, clock, options } = this.#store;
    if (!this.#isClaiming) return;
    this.events.emit('worker-stopping', { workerId: this.id, running: this.running });
    this.#executor.stop();
    wakeups.notify('work');
    this.#tellChange();
    await this.#drain();
    const released = this.#isAbandoned ? 0 : this.#releaseRest();
    await within(clock, options.callTimeoutMs, settler.idle());
    this.#store.detach(this);
    this.events.emit('worker-stopped', { workerId: this.id, released });
  }

  async #drain(): Promise<void> {
    const isOver = (): boolean => this.#isAbandoned || (this.#attempts.size === 0 && !this.#isClaiming);
    await this.#until(isOver, this.#options.gracePeriodMs);
    for (const attempt of this.#attempts) attempt.interrupt('HOLDFAST_STOPPING');
    await this.#until(isOver, ABORT_MS);
  }

  /** Gives back what handlers that ignore their signals still hold, and tells how many. */
  #releaseRest(): number {
    for (const attempt of this.#attempts) void this.#executor.settle(attempt, { kind: 'released', delayMs: 0 });
    return this.#attempts.size;
  }

  /** Waits until something is so that attempts or the loop can change, but no longer than the given time. */
  async #until(isSo: () => boolean, timeoutMs: number): Promise<void> {
    const { clock } = this.#store;
    let isOver = false;
    const cancel = clock.after(timeoutMs, () => {
      isOver = true;
      this.#tellChange();
    });
    while (!isSo() && !isOver) await this.#change();
    cancel();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve));
  }

  #tellChange(): void {
    const waiting = this.#onChange;
    this.#onChange = [];
    for (const resolve of waiting) resolve();
  }

  #tellIteration(startedAt: number, tally: Readonly<IterationTally>): void {
    this.events.emit('iteration', { workerId: this.id, durationMs: this.#store.clock.monotonic() - startedAt, tally });
  }
}

const makeWorkerId = (): string => `${hostname().slice(0, NAME_CHARACTERS / 2)}:${process.pid}:${randomBytes(3).toString('hex')}`;
