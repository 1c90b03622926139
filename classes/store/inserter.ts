import { BATCH_TASKS, COMMAND_BYTES, RESEND_WITHIN_MS } from '../../constants/limits';
import { chunksWithin } from '../../modules/values/weightBound';
import { asMicrotask, sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { HoldfastError, isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import type { NewTask } from '../../modules/task/task';
import { taskBytes } from '../../modules/task/taskBytes';
import { Batch } from '../async/batch';
import type { Emitter } from '../observe/emitter';
import type { TaskCounter } from '../statistics/taskCounter';
import type { Inserted, TaskStore } from '../../modules/ports/taskStore';
import { tellAdded } from '../idle/tellAdded';
import type { SessionHints } from '../idle/sessionHints';
import type { Wakeups } from '../idle/wakeups';

/** The number of times that an unanswered insert is sent. */
const TRIES = 3;

/** Maximum number of full batches under way: while the server writes one, the next is built. */
const BATCHES_AT_ONCE = 2;

const BOUND = { most: COMMAND_BYTES, weigh: taskBytes };

/** The parts of an Inserter. */
export interface InserterParts {
  readonly tasks: Pick<TaskStore, 'insert'>;
  /** The port without the monitor, for transactions of the caller's: their errors pass unchanged, and say nothing about the store. */
  readonly within: Pick<TaskStore, 'insert'>;
  readonly wakeups: Wakeups;
  readonly sessions: SessionHints;
  readonly events: Emitter;
  /** Absent where nothing is counted. */
  readonly counter?: TaskCounter | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Adds the tasks of a process to its store. Tasks added at the same time are written together. */
export class Inserter {
  readonly #parts: InserterParts;
  /** Tasks that were added one by one, or are too few for a batch. */
  readonly #batches: Batch<NewTask, Inserted>;
  /** Full batches, of which each is an item: 1,000 promises fewer. */
  readonly #full: Batch<NewTask[], Inserted[]>;
  readonly #many = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(parts: InserterParts) {
    this.#parts = parts;
    this.#batches = new Batch((batch) => this.#insert(batch), asMicrotask, BATCH_TASKS, BATCHES_AT_ONCE, BOUND);
    this.#full = new Batch((batches) => Promise.all(batches.map((batch) => this.#insert(batch))), asMicrotask, 1, BATCHES_AT_ONCE);
  }

  /**
   * Adds a task, together with others that are added now. Resolves when the store has it.
   *
   * @throws HOLDFAST_STORE_CLOSED, HOLDFAST_INSERT_UNKNOWN, or the error of the store.
   */
  add(task: NewTask): Promise<Inserted> {
    return this.#isClosed ? refuseClosed() : this.#batches.push(task);
  }

  /**
   * Adds many tasks, which may take turns of the event loop to be made. A close meanwhile waits for them.
   *
   * @throws as `add`, and what making the tasks threw.
   */
  addAll(made: readonly NewTask[] | Promise<readonly NewTask[]>): Promise<Inserted[]> {
    const ready = Promise.resolve(made);
    if (this.#isClosed) return ready.then(refuseClosed);
    const adding = ready.then((tasks) => this.#addAll(tasks));
    this.#note(Promise.allSettled([adding]));
    return adding;
  }

  /** A lane ends with the first batch that fails, so that a store that is away is not asked for each of the rest. */
  async #addAll(tasks: readonly NewTask[]): Promise<Inserted[]> {
    const inserted: Inserted[][] = [];
    const chunks = chunksWithin(tasks, BATCH_TASKS, BOUND).entries();
    const lane = async (): Promise<void> => {
      for (const [at, chunk] of chunks) inserted[at] = await this.#addChunk(chunk);
    };
    const lanes = Array.from({ length: 2 * BATCHES_AT_ONCE }, lane);
    this.#note(Promise.allSettled(lanes));
    await Promise.all(lanes);
    return inserted.flat();
  }

  /** Tasks that fill a batch are one; fewer are written together with others that are added now. */
  #addChunk(chunk: NewTask[]): Promise<Inserted[]> {
    return chunk.length < BATCH_TASKS ? Promise.all(chunk.map((task) => this.#batches.push(task))) : this.#full.push(chunk);
  }

  /**
   * Adds tasks in a transaction of the caller's. They exist once it is committed.
   *
   * @throws HOLDFAST_STORE_CLOSED, HOLDFAST_SESSION_UNUSABLE, or the unchanged error of the database, so that the caller's own retry works.
   */
  async addWithin(tasks: readonly NewTask[], session: unknown): Promise<Inserted[]> {
    if (this.#isClosed) return refuseClosed();
    const inserted = await this.#parts.within.insert(tasks, session);
    this.#parts.sessions.follow(
      session,
      tasks.map(({ queue }) => queue),
    );
    return inserted;
  }

  /** Refuses new tasks from now on. */
  close(): void {
    this.#isClosed = true;
  }

  /** Resolves when all accepted tasks have been answered. */
  async idle(): Promise<void> {
    while (this.#many.size > 0) await Promise.all(this.#many);
    await Promise.all([this.#batches.idle(), this.#full.idle()]);
  }

  #note(many: Promise<unknown>): void {
    this.#many.add(many);
    void many.then(() => this.#many.delete(many));
  }

  async #insert(batch: NewTask[]): Promise<Inserted[]> {
    const inserted = await this.#insertUntilAnswered(batch);
    const added = batch.filter((_, index) => inserted[index]?.added);
    tellAdded(added, this.#parts);
    return inserted;
  }

  /** An insert is idempotent by the ids of its tasks, as long as the store remembers them. */
  async #insertUntilAnswered(batch: NewTask[]): Promise<Inserted[]> {
    const { tasks, clock, random } = this.#parts;
    const ageOf = stopwatch(clock);
    let unanswered: unknown;
    for (let tries = 1; ; tries += 1) {
      try {
        return await tasks.insert(batch);
      } catch (error) {
        // The try before may have added the tasks, also where the last one did not reach the store.
        if (isHoldfastError(error, 'HOLDFAST_STORE_TIMEOUT')) unanswered ??= error;
        if (!isHoldfastError(error) || isHoldfastError(error, 'HOLDFAST_STORE_CLOSED')) throw error;
        if (tries >= TRIES) throw isUnanswered(error) ? (unanswered ?? error) : error;
        await sleep(clock, callRetryDelay(tries, random));
        if (ageOf() > RESEND_WITHIN_MS) throw isUnanswered(error) ? new HoldfastError('HOLDFAST_INSERT_UNKNOWN', { cause: error }) : error;
      }
    }
  }
}

/** Returns how much time has passed. A monotonic clock stands still while the machine sleeps, and the wall clock may be set back. */
function stopwatch(clock: Clock): () => number {
  const [monotonicMs, wallMs] = [clock.monotonic(), clock.now()];
  return () => Math.max(clock.monotonic() - monotonicMs, clock.now() - wallMs);
}

const refuseClosed = (): Promise<never> => Promise.reject(new HoldfastError('HOLDFAST_STORE_CLOSED'));
