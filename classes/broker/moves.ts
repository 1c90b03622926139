import { DAY, SECOND } from '../../constants/limits';
import { deadLetterOf, redrivenSettings } from '../../modules/broker/messageTask';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { isActive, isMoved, moveKey, moveOf, movePrefix } from '../../modules/broker/moveTask';
import type { KeptMove, MovePlan, MoveState, MoveTask } from '../../modules/broker/moveTask';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { QueueTallies } from '../../modules/ports/queueTally';
import type { RecordStore } from '../../modules/ports/recordStore';
import { taskPages } from '../../modules/ports/taskPages';
import type { TaskStore } from '../../modules/ports/taskStore';
import { newId } from '../../modules/task/newId';
import type { TaskHead } from '../../modules/task/task';
import { sleep } from '../../modules/time/clock';
import type { Clock, Random } from '../../modules/time/clock';
import { chunksOf } from '../../modules/values/chunksOf';
import { Loop } from '../async/loop';
import type { InternalErrors } from '../observe/internalErrors';
import { fifoPages } from './fifoPages';
import { isFifo } from './queueBook';
import type { QueueBook } from './queueBook';
import type { Settling } from './settling';

/** Time after its last part in which no other process goes on with a move. */
const HELD_MS = 30 * SECOND;

/** Time between two looks for moves whose process has ended. */
const LOOK_MS = 10 * SECOND;

/** How long the record of an ended move is kept. */
const KEPT_MS = DAY;

/** Most moves of one look, and of one list. */
const MOST_MOVES = 100;

/** Messages of one part, and parts a second where there is a rate. */
const PART = 250;
const PARTS_A_SECOND = 4;

/** Bound up to which the messages to move are counted. */
const COUNTED = 1_000_000;

/** The parts of a Moves. */
export interface MovesParts {
  readonly book: Pick<QueueBook, 'get'>;
  readonly fifo: FifoStore;
  readonly tasks: Pick<TaskStore, 'list'>;
  readonly tallies: Pick<QueueTallies, 'of'>;
  readonly records: RecordStore;
  readonly settling: Settling;
  readonly storeNow: () => Promise<number>;
  readonly internalErrors: Pick<InternalErrors, 'note'>;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Moves messages from queue to queue, a part at a time. Each move has a record, from which another process goes on if this one ends: what was moved is
 * not in its queue any more, so nothing is moved twice.
 */
export class Moves {
  readonly #parts: MovesParts;
  readonly #loop: Loop;
  readonly #running = new Map<string, Promise<MoveTask>>();

  constructor(parts: MovesParts) {
    this.#parts = parts;
    this.#loop = new Loop({
      clock: parts.clock,
      run: () => this.#resume(),
      delayMs: () => LOOK_MS * (0.75 + parts.random() / 2),
      onError: (error) => parts.internalErrors.note('bulk', error),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Looks now for moves whose process has ended. */
  look(): void {
    this.#loop.runNow();
  }

  /** Leaves moves under way to other processes, after their present parts. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await Promise.allSettled(this.#running.values());
  }

  /** Begins a move, which goes on by itself. */
  async begin(plan: MovePlan): Promise<MoveTask> {
    const kept = await this.#write(await this.#newTask(plan), 0);
    if (kept) this.#drive(kept).catch((error: unknown) => this.#parts.internalErrors.note('bulk', error));
    return (kept as KeptMove).task;
  }

  /** Moves all messages of a plan, and returns how many were moved. */
  async run(plan: MovePlan): Promise<number> {
    const kept = await this.#write(await this.#newTask(plan), 0);
    return (await this.#drive(kept as KeptMove)).moved;
  }

  /** Returns the moves from a queue, the newest first. */
  async list(from: string): Promise<MoveTask[]> {
    const records = await this.#parts.records.list({ kind: 'move', prefix: movePrefix(from), limit: MOST_MOVES });
    return records.map((record) => moveOf(record).task).reverse();
  }

  /** Asks the process that carries a move out to end it. Returns the move, or null if there is none under way. */
  async cancel(from: string, id: string): Promise<MoveTask | null> {
    for (;;) {
      const record = await this.#parts.records.read('move', moveKey({ from, id }));
      const kept = record && moveOf(record);
      if (!kept || kept.task.state !== 'running') return null;
      const asked = await this.#write({ ...kept.task, state: 'cancelling' }, kept.rev, kept.task.heldUntilMs);
      if (asked) return asked.task;
    }
  }

  async #newTask(plan: MovePlan): Promise<MoveTask> {
    const { due, delayed } = await this.#countsOf(plan.from);
    const expected = Math.min(due + delayed, plan.limit ?? Infinity);
    return { ...plan, id: newId(), state: 'running', moved: 0, expected, startedAtMs: await this.#parts.storeNow(), heldUntilMs: 0 };
  }

  async #countsOf(queue: string): Promise<{ readonly due: number; readonly delayed: number }> {
    if (!(await this.#isFifo(queue))) return (await this.#parts.tallies.of(queue, COUNTED)).counts;
    const { waiting: due, delayed } = await this.#parts.fifo.tally(queue, COUNTED);
    return { due, delayed };
  }

  async #isThere(queue: string): Promise<boolean> {
    return this.#parts.book.get(queue).then(() => true, unlessUnknown);
  }

  async #isFifo(queue: string): Promise<boolean> {
    return this.#parts.book.get(queue).then(isFifo, unlessUnknown);
  }

  /** Goes on with moves whose process has ended. */
  async #resume(): Promise<void> {
    const found = await this.#parts.records.list({ kind: 'move', prefix: '', limit: MOST_MOVES });
    const active = found.map(moveOf).filter(({ task }) => isActive(task) && !this.#running.has(task.id));
    if (active.length === 0) return;
    const nowMs = await this.#parts.storeNow();
    for (const kept of active) {
      if (kept.task.heldUntilMs > nowMs || this.#loop.isStopped) continue;
      const taken = await this.#write(kept.task, kept.rev);
      if (taken) await this.#drive(taken);
    }
  }

  #drive(kept: KeptMove): Promise<MoveTask> {
    const { id } = kept.task;
    const running = this.#walk(kept).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    return running;
  }

  async #walk(begun: KeptMove): Promise<MoveTask> {
    let kept = begun;
    const { from, limit = Infinity, ratePerSecond } = kept.task;
    const size = ratePerSecond === undefined ? PART : Math.max(1, Math.min(PART, Math.ceil(ratePerSecond / PARTS_A_SECOND)));
    const isOfFifo = await this.#isFifo(from);
    if (kept.task.to !== null && (await this.#isFifo(kept.task.to)) !== isOfFifo)
      return this.#end({ ...kept, task: { ...kept.task, failure: 'InvalidDestinationKind' } }, 'failed');
    const isWanted = (head: TaskHead): boolean => isMoved(head, kept.task);
    const pages = isOfFifo ? fifoPages(this.#parts.fifo, from, isWanted) : taskPages(this.#parts.tasks, { queue: from, states: ['waiting'] });
    for await (const page of pages) {
      for (const heads of chunksOf(page.filter(isWanted), size)) {
        const wanted = heads.slice(0, limit - kept.task.moved);
        const startedAt = this.#parts.clock.monotonic();
        const obstacle = await this.#obstacleTo(wanted, kept.task);
        const moved = obstacle === undefined ? await this.#move(wanted, kept.task, isOfFifo) : 0;
        const next = await this.#note({ ...kept.task, moved: kept.task.moved + moved }, kept.rev, obstacle);
        if (!isActive(next.task)) return next.task;
        if (this.#loop.isStopped) return this.#leave(next);
        kept = next;
        if (ratePerSecond !== undefined) await this.#rest((moved / ratePerSecond) * SECOND - (this.#parts.clock.monotonic() - startedAt));
        if (kept.task.moved >= limit) return this.#end(kept, 'completed');
      }
    }
    return this.#end(kept, 'completed');
  }

  /** Leaves a move to whoever lives. */
  async #leave({ task, rev }: KeptMove): Promise<MoveTask> {
    await this.#write(task, rev, 0);
    return task;
  }

  /** Returns why messages cannot move: nobody knows where they came from, or the queue that they would move to is gone. */
  async #obstacleTo(heads: readonly TaskHead[], task: MoveTask): Promise<string | undefined> {
    const targets = new Set(heads.map((head) => this.#targetOf(head, task)));
    for (const target of targets) {
      if (target === undefined) return 'CouldNotDetermineMessageSource';
      if (!(await this.#isThere(target))) return 'NonExistentQueue';
    }
    return undefined;
  }

  #targetOf(head: TaskHead, { to }: MoveTask): string | undefined {
    return to ?? deadLetterOf(head)?.from;
  }

  async #move(heads: readonly TaskHead[], task: MoveTask, isOfFifo: boolean): Promise<number> {
    const { settling } = this.#parts;
    const answers = await Promise.all(
      heads.map((head) => {
        const [to, settings] = [this.#targetOf(head, task) ?? task.from, redrivenSettings(head)];
        if (isOfFifo) return settling.fifo.changeIf(head, { attempt: head.attempt }, { kind: 'move', to, settings });
        return settling.moveTo(head, to, settings);
      }),
    );
    return answers.filter(Boolean).length;
  }

  async #rest(ms: number): Promise<void> {
    if (ms > 0) await sleep(this.#parts.clock, ms);
  }

  /** Writes how far a move has come. One that is to be cancelled, or that has failed, ends with it; one that another process has taken is left to it. */
  async #note(task: MoveTask, rev: number, failure: string | undefined): Promise<KeptMove> {
    if (failure !== undefined) return { task: await this.#end({ task: { ...task, failure }, rev }, 'failed'), rev };
    const kept = await this.#write(task, rev);
    if (kept) return kept;
    const record = await this.#parts.records.read('move', moveKey(task));
    const now = record && moveOf(record);
    if (now?.task.state !== 'cancelling')
      return { task: { ...task, state: now?.task.state === 'running' ? 'cancelled' : (now?.task.state ?? 'cancelled') }, rev };
    return { task: await this.#end({ task: { ...now.task, moved: task.moved }, rev: now.rev }, 'cancelled'), rev };
  }

  async #end({ task, rev }: KeptMove, state: MoveState): Promise<MoveTask> {
    const ended = { ...task, state: task.state === 'cancelling' ? ('cancelled' as const) : state };
    const { records } = this.#parts;
    await records.write({ kind: 'move', key: moveKey(task), value: JSON.stringify({ ...ended, heldUntilMs: 0 }), rev, keepMs: KEPT_MS });
    return ended;
  }

  /** Writes a move, which this process then holds. Returns null if another has written it since. */
  async #write(task: MoveTask, rev: number, heldUntilMs?: number): Promise<KeptMove | null> {
    const held = { ...task, heldUntilMs: heldUntilMs ?? (await this.#parts.storeNow()) + HELD_MS };
    const isWritten = await this.#parts.records.write({ kind: 'move', key: moveKey(task), value: JSON.stringify(held), rev });
    return isWritten ? { task: held, rev: rev + 1 } : null;
  }
}

/** A queue that is not there is none of FIFO. */
function unlessUnknown(error: unknown): false {
  if (!isHoldfastError(error, 'HOLDFAST_QUEUE_UNKNOWN')) throw error;
  return false;
}
