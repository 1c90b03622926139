import { BATCH_TASKS } from '../../constants/limits';
import { chunksOf } from '../../modules/values/chunksOf';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { groupBy } from '../../modules/values/groupBy';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import type { NewTask } from '../../modules/task/task';
import { Batch } from '../async/batch';
import type { Emitter } from '../observe/emitter';
import type { Inserted, TaskStore } from '../../modules/ports/taskStore';
import type { Wakeups } from '../idle/wakeups';

/** How often an insert is sent that is not answered. */
const TRIES = 3;

/** Full batches that are under way at once: while the server writes one, the next is made. */
const BATCHES_AT_ONCE = 2;

/** What it works with. */
export interface InserterParts {
  readonly tasks: TaskStore;
  readonly wakeups: Wakeups;
  readonly events: Emitter;
  readonly clock: Clock;
  readonly random: Random;
}

/** Adds the tasks of a process to its store: those that come in together are written together. */
export class Inserter {
  readonly #parts: InserterParts;
  readonly #batches: Batch<NewTask, Inserted>;
  readonly #many = new Set<Promise<unknown>>();

  constructor(parts: InserterParts) {
    this.#parts = parts;
    this.#batches = new Batch((batch) => this.#insert(batch), queueMicrotask, BATCH_TASKS, BATCHES_AT_ONCE);
  }

  /** Resolves when the store has the task. */
  add(task: NewTask): Promise<Inserted> {
    return this.#batches.push(task);
  }

  /** Adds many, of which a few batches wait at a time: what is made for a task long before its turn only grows old in memory. */
  async addAll(tasks: readonly NewTask[]): Promise<Inserted[]> {
    const inserted: Inserted[][] = [];
    const chunks = chunksOf(tasks, BATCH_TASKS).entries();
    const lane = async (): Promise<void> => {
      for (const [at, chunk] of chunks) inserted[at] = await Promise.all(chunk.map((task) => this.add(task)));
    };
    const lanes = Array.from({ length: 2 * BATCHES_AT_ONCE }, lane);
    this.#note(Promise.allSettled(lanes));
    await Promise.all(lanes);
    return inserted.flat();
  }

  /** Resolves when all that was handed over has been answered. */
  async idle(): Promise<void> {
    while (this.#many.size > 0) await Promise.all(this.#many);
    await this.#batches.idle();
  }

  #note(many: Promise<unknown>): void {
    this.#many.add(many);
    void many.then(() => this.#many.delete(many));
  }

  async #insert(batch: NewTask[]): Promise<Inserted[]> {
    const inserted = await this.#insertUntilAnswered(batch);
    this.#parts.wakeups.notify('work');
    const added = batch.filter((_, index) => inserted[index]?.added);
    for (const [queue, tasks] of groupBy(added, (task) => task.queue)) this.#parts.events.emit('task-added', { queue, count: tasks.length });
    return inserted;
  }

  /** An insert is idempotent by the ids of its tasks. */
  async #insertUntilAnswered(batch: NewTask[]): Promise<Inserted[]> {
    const { tasks, clock, random } = this.#parts;
    for (let tries = 1; ; tries += 1) {
      try {
        return await tasks.insert(batch);
      } catch (error) {
        if (tries >= TRIES || !isHoldfastError(error) || isHoldfastError(error, 'HOLDFAST_STORE_CLOSED')) throw error;
        await sleep(clock, callRetryDelay(tries, random));
      }
    }
  }
}
