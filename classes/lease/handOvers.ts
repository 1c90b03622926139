import { BATCH_TASKS, SECOND } from '../../constants/limits';
import type { FollowUpStore, HandOver } from '../../modules/ports/followUpStore';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Change } from '../../modules/task/change';
import { followUpsOf } from '../../modules/task/followUps';
import { retentionMs } from '../../modules/task/retention';
import type { TaskHead } from '../../modules/task/task';
import type { Clock, Random } from '../../modules/time/clock';
import { Batch } from '../async/batch';
import { Loop } from '../async/loop';
import { tellAdded } from '../idle/tellAdded';
import type { Wakeups } from '../idle/wakeups';
import type { Emitter } from '../observe/emitter';
import type { InternalErrors } from '../observe/internalErrors';
import type { TaskCounter } from '../statistics/taskCounter';

/** The bounds of the time between two looks for follow-ups whose process has ended before it handed them over. */
const LOOK_MIN_MS = 4 * SECOND;
const LOOK_MAX_MS = 6 * SECOND;

/** Time that a process has to hand over the follow-ups of its own tasks, before others do it as well. */
const OWN_MS = 2 * SECOND;

/** Most tasks whose follow-ups are read at once: each may keep megabytes. */
const LOOK_TASKS = 50;

/** A task that keeps follow-ups. */
type Keeper = Pick<TaskHead, 'id' | 'queue' | 'settings'>;

/** The parts of a HandOvers. */
export interface HandOversParts {
  readonly followUps: FollowUpStore;
  readonly tasks: Pick<TaskStore, 'find'>;
  readonly wakeups: Wakeups;
  readonly events: Emitter;
  /** Absent where nothing is counted. */
  readonly counter?: TaskCounter | undefined;
  readonly internalErrors: InternalErrors;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Hands follow-ups over to their queues: those of this process at once, and those that a process has left when it ended.
 *
 * It belongs to the opened store, so that every process looks for them.
 */
export class HandOvers {
  readonly #parts: HandOversParts;
  readonly #batches: Batch<HandOver, readonly boolean[] | null>;
  readonly #loop: Loop;

  constructor(parts: HandOversParts) {
    const { followUps, clock, random, internalErrors } = parts;
    this.#parts = parts;
    this.#batches = new Batch(
      (batch) => followUps.handOver(batch),
      (callback) => clock.soon(callback),
      BATCH_TASKS,
    );
    this.#loop = new Loop({
      clock,
      run: () => this.#look(),
      delayMs: () => LOOK_MIN_MS + random() * (LOOK_MAX_MS - LOOK_MIN_MS),
      onError: (error) => internalErrors.note('hand-over', error),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Looks now for what another process has left. */
  look(): void {
    this.#loop.runNow();
  }

  /** Hands over the follow-ups of a task whose success is recorded. A fault is reported, and the next look goes on. Never throws. */
  begin(keeper: Keeper, { followUps }: Change): void {
    if (followUps === undefined) return;
    this.#handOver(keeper, followUps).catch((error: unknown) => this.#parts.internalErrors.note('hand-over', error));
  }

  /**
   * Hands over the follow-ups of one task, if it keeps some.
   *
   * @throws the error of the store.
   */
  async of(queue: string, id: string): Promise<void> {
    const task = await this.#parts.tasks.find(queue, id);
    if (task?.followUps !== undefined) await this.#handOver(task, task.followUps);
  }

  /**
   * Hands over the follow-ups of all tasks that keep some.
   *
   * @throws the error of the store.
   */
  async all(): Promise<void> {
    while ((await this.#handOverKept(0)) > 0);
  }

  /** Resolves when nothing is being handed over. */
  idle(): Promise<void> {
    return this.#batches.idle();
  }

  /** Stops looking, and waits for what is being handed over. Safe to call twice. */
  async stop(): Promise<void> {
    await Promise.all([this.#loop.stop(), this.idle()]);
  }

  async #look(): Promise<void> {
    const isFull = (await this.#handOverKept(OWN_MS)) === LOOK_TASKS;
    if (isFull) this.#loop.runNow();
  }

  /** Returns the number of tasks that kept follow-ups for at least that long. */
  async #handOverKept(forMs: number): Promise<number> {
    const kept = await this.#parts.followUps.kept(forMs, LOOK_TASKS);
    await Promise.all(kept.map((task) => this.#handOver(task, task.followUps)));
    return kept.length;
  }

  /** Only whoever lets the task go tells of its follow-ups, so that they are told once. */
  async #handOver({ id, queue, settings }: Keeper, text: string): Promise<void> {
    const followUps = followUpsOf(text);
    const wereAdded = await this.#batches.push({ id, queue, followUps, keepMs: retentionMs({ settings }, 'succeeded') });
    if (wereAdded)
      tellAdded(
        followUps.filter((_, index) => wereAdded[index]),
        this.#parts,
      );
  }
}
