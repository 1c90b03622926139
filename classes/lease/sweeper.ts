import { BATCH_TASKS, MINUTE, SECOND } from '../../constants/limits';
import type { Clock, Random } from '../../modules/time/clock';
import type { Task } from '../../modules/task/task';
import { Loop } from '../async/loop';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { LeaseKeeper } from './leaseKeeper';
import type { Recorder } from './recorder';
import type { TaskStore } from '../../modules/ports/taskStore';

/** The bounds of the time between two sweeps: a crashed worker's tasks are free within a second of the end of their leases. */
const SWEEP_MIN_MS = 400;
const SWEEP_MAX_MS = 800;

/** A process that was away so much longer than it meant to be has stalled. */
const STALL_MS = 2 * SWEEP_MAX_MS;

/** Who was asleep with this process, as on a machine that was suspended, renews when it wakes: so long at most it is waited for, and so rarely. */
const WAKING_MS = 10 * SECOND;
const STALLS_EVERY_MS = MINUTE;

const PRUNE_EVERY_MS = MINUTE / 2;

/** What the sweeper rests on. */
export interface SweeperParts {
  readonly tasks: TaskStore;
  readonly leases: LeaseKeeper;
  readonly recorder: Pick<Recorder, 'expire'>;
  readonly events: Emitter;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Takes back the tasks whose leases are over, and deletes finished ones whose time is over.
 *
 * It belongs to the opened store, so that every process sweeps, also one that runs no worker. After an outage, or after it stood still itself,
 * a process first renews its own leases and sweeps a while later: others were away as well, and their leases are not to be taken.
 */
export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #loop: Loop;
  #beganToWaitAt = 0;
  /** When the store was back from having been away, and when this process was. */
  #backAt = -Infinity;
  #awakeAt = -Infinity;
  #prunedAt = -Infinity;
  #leavesTurn = false;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.#tick(),
      delayMs: () => this.#nextDelay(),
      onError: (error) => parts.internalErrors.note('sweep', error),
    });
  }

  /** Begins to sweep. */
  start(): void {
    this.#parts.events.on('store-returned', () => this.#noteReturn());
    this.#loop.start();
  }

  /** Stops, and lets a sweep under way end. Safe to call twice. */
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

  /** A process whose handlers block it again and again has to sweep all the same: it may be the only one. */
  #noteStall(): void {
    const now = this.#parts.clock.monotonic();
    if (now - this.#awakeAt >= STALLS_EVERY_MS) this.#awakeAt = now;
    void this.#parts.leases.renewAll();
  }

  /** Who has just found what it may not take leaves the turn to those who may. */
  async #sweep(): Promise<void> {
    for (let inTurn = !this.#leavesTurn; ; inTurn = false) {
      const expired = await this.#parts.tasks.expired(BATCH_TASKS, inTurn);
      const due = expired.filter((task) => this.#mayTake(task));
      this.#leavesTurn = due.length < expired.length;
      const taken = due.length > 0 ? await this.#parts.recorder.expire(due) : 0;
      if (expired.length < BATCH_TASKS || taken === 0 || this.#loop.isStopped) return;
    }
  }

  /** Its worker has had a heartbeat's time since the store was away, and the time to wake since this process was. */
  #mayTake({ lease }: Task): boolean {
    const now = this.#parts.clock.monotonic();
    const heartbeatMs = (lease?.ms ?? 0) / 3;
    return now - this.#backAt >= heartbeatMs && now - this.#awakeAt >= Math.min(heartbeatMs, WAKING_MS);
  }

  async #prune(): Promise<void> {
    // One batch a tick, so that the next sweep does not wait for it.
    const isDone = (await this.#parts.tasks.prune(BATCH_TASKS)) < BATCH_TASKS;
    if (isDone) this.#prunedAt = this.#parts.clock.monotonic();
  }
}
