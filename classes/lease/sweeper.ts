import { BATCH_TASKS, MINUTE, SECOND } from '../../constants/limits';
import type { Clock, Random } from '../../modules/time/clock';
import type { TaskHead } from '../../modules/task/task';
import { Loop } from '../async/loop';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { LeaseKeeper } from './leaseKeeper';
import type { Recorder } from './recorder';
import type { TaskStore } from '../../modules/ports/taskStore';

/** The bounds of the time between two sweeps. A crashed worker's tasks are free within a second of the end of their leases. */
const SWEEP_MIN_MS = 400;
const SWEEP_MAX_MS = 800;

/** A process that wakes up later than planned by more than this has stalled. */
const STALL_MS = 2 * SWEEP_MAX_MS;

/** Batches in which nothing could be taken back, after which a sweep ends. The next one goes on behind them. */
const BATCHES_IN_VAIN = 5;

/**
 * The maximum wait after a stall of its own, and the minimum time between two such waits. Processes that slept with this one, for example on a
 * suspended machine, renew their leases when they wake.
 */
const WAKING_MS = 10 * SECOND;
const STALLS_EVERY_MS = MINUTE;

/** A step of the store's clock against that of this process, between two looks, after which expired leases may be live ones. */
const CLOCK_STEP_MS = SECOND;

const PRUNE_EVERY_MS = MINUTE / 2;

/** Time of pruning in one tick, so that the next sweep is not delayed. At 100,000 tasks a second it keeps up with 20,000 that finish. */
const PRUNE_MS = 250;

/** The parts of a Sweeper. */
export interface SweeperParts {
  readonly tasks: TaskStore;
  readonly leases: LeaseKeeper;
  readonly recorder: Pick<Recorder, 'expire'>;
  /** Returns the store's time in milliseconds. */
  readonly storeNow: () => Promise<number>;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Takes back tasks whose leases have expired, and deletes finished tasks past their retention.
 *
 * It belongs to the opened store, so that every process sweeps, even one without a worker. After an outage or a stall of its own, a process first
 * renews its own leases and sweeps a while later: other processes were away as well, and their leases must not be taken. After a step of the store's
 * clock it takes a lease only when the length of that lease has passed, in which a live worker renews it.
 */
export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #loop: Loop;
  #beganToWaitAt = 0;
  /** The instants at which the store returned, and at which this process woke from a stall. */
  #backAt = -Infinity;
  #awakeAt = -Infinity;
  /** The store's time at zero of the monotonic clock, and the instant at which a step of it was seen. */
  #clockOffsetMs: number | undefined;
  #steppedAt = -Infinity;
  #prunedAt = -Infinity;
  #leavesTurn = false;
  /** The number of oldest expired leases that could not be taken back, and are passed over: they must not hide younger ones. */
  #passed = 0;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.#tick(),
      delayMs: () => this.#nextDelay(),
      onError: (error) => parts.internalErrors.note('sweep', error),
    });
  }

  /** Starts sweeping. */
  start(): void {
    this.#parts.events.on('store-returned', () => this.#noteReturn());
    this.#loop.start();
  }

  /** Sweeps now. */
  look(): void {
    this.#loop.runNow();
  }

  /** Stops, and waits for a sweep under way. Safe to call twice. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  #nextDelay(): number {
    this.#beganToWaitAt = this.#parts.clock.monotonic();
    return SWEEP_MIN_MS + this.#parts.random() * (SWEEP_MAX_MS - SWEEP_MIN_MS);
  }

  async #tick(): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (now - this.#beganToWaitAt > SWEEP_MAX_MS + STALL_MS) this.#noteStall();
    await this.#sweep();
    if (now - this.#prunedAt >= PRUNE_EVERY_MS) await this.#prune();
  }

  #noteReturn(): void {
    this.#backAt = this.#parts.clock.monotonic();
    void this.#parts.leases.renewAll();
  }

  /** Records a stall, at most once a minute: a process whose handlers block it again and again must still sweep, as it may be the only one. */
  #noteStall(): void {
    const now = this.#parts.clock.monotonic();
    if (now - this.#awakeAt >= STALLS_EVERY_MS) this.#awakeAt = now;
    void this.#parts.leases.renewAll();
  }

  /** Sweeps until nothing is left. A process that has just found leases that it must not take leaves the next turn to the others. */
  async #sweep(): Promise<void> {
    let inTurn = !this.#leavesTurn;
    await this.#lookAtClock();
    this.#leavesTurn = false;
    for (let inVain = 0; inVain < BATCHES_IN_VAIN && !this.#loop.isStopped; inTurn = false) {
      const expired = await this.#parts.tasks.expired(BATCH_TASKS, inTurn, this.#passed);
      const taken = await this.#takeBack(expired);
      const isWhole = taken === expired.length;
      // A batch that is not full may have been cut by its bytes.
      if (expired.length === 0 || (isWhole && expired.length < BATCH_TASKS)) return void (this.#passed = 0);
      this.#passed += expired.length - taken;
      inVain = taken === 0 ? inVain + 1 : 0;
    }
  }

  /** Returns the number of tasks that it has taken back. */
  async #takeBack(expired: readonly TaskHead[]): Promise<number> {
    if (expired.length > 0) await this.#lookAtClock();
    const due = expired.filter((task) => this.#mayTake(task));
    if (due.length < expired.length) this.#leavesTurn = true;
    return due.length > 0 ? this.#parts.recorder.expire(due) : 0;
  }

  /**
   * Tells whether a lease may be taken: its worker had the time of a heartbeat since the store returned, and the time to wake since this process did.
   */
  #mayTake({ lease }: TaskHead): boolean {
    const now = this.#parts.clock.monotonic();
    const heartbeatMs = (lease?.ms ?? 0) / 3;
    if (now - this.#steppedAt < (lease?.ms ?? 0)) return false;
    return now - this.#backAt >= heartbeatMs && now - this.#awakeAt >= Math.min(heartbeatMs, WAKING_MS);
  }

  /** Looks for a step of the store's clock: before leases are read as expired, and again before they are taken. */
  async #lookAtClock(): Promise<void> {
    const { storeNow, clock } = this.#parts;
    const offsetMs = (await storeNow()) - clock.monotonic();
    const stepMs = Math.abs(offsetMs - (this.#clockOffsetMs ?? offsetMs));
    if (stepMs > CLOCK_STEP_MS) this.#steppedAt = clock.monotonic();
    this.#clockOffsetMs = offsetMs;
  }

  async #prune(): Promise<void> {
    const { clock, tasks } = this.#parts;
    const beganAt = clock.monotonic();
    for (;;) {
      const isDone = (await tasks.prune(BATCH_TASKS)) === 0;
      if (isDone) this.#prunedAt = clock.monotonic();
      if (isDone || this.#loop.isStopped || clock.monotonic() - beganAt >= PRUNE_MS) return;
    }
  }
}
