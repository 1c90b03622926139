import { CountTable } from '../../modules/statistics/counts';
import type { Cell } from '../../modules/statistics/counts';
import { countTime } from '../../modules/statistics/histogram';
import type { Ending } from '../../constants/events';
import { SEPARATOR } from '../../modules/ports/namespace';
import type { TaskHead } from '../../modules/task/task';

/**
 * Counts what becomes of the tasks of this process.
 *
 * It is called where outcomes are recorded, and not by events: an event is an object for each task, and costs three times as much as the count.
 */
export class TaskCounter {
  #table = new CountTable();
  /** Tasks of one batch are mostly of one queue and name. */
  #lastQueue: string | undefined;
  #lastName: string | undefined;
  #lastCell: Cell | undefined;

  get isEmpty(): boolean {
    return this.#table.isEmpty;
  }

  /** Counts a task that was added. */
  noteAdded(queue: string, name: string): void {
    this.#cellOf(queue, name).added += 1;
  }

  /** Counts an attempt of this process that the store has recorded. */
  noteEnd(task: TaskHead, ending: Ending, isExpired: boolean, ranMs: number): void {
    const cell = this.#cellOf(task.queue, task.name);
    if (task.lease) countTime(cell.wait, task.lease.expiresAt.getTime() - task.lease.ms - task.availableAt.getTime());
    if (ending === 'succeeded') {
      cell.succeeded += 1;
      countTime(cell.run, ranMs);
    } else {
      noteFailure(cell, ending, isExpired);
    }
  }

  /** Counts an attempt that a sweep has ended. One of another namespace is none of this store's. */
  noteSwept(task: TaskHead, isDead: boolean, isCharged: boolean): void {
    if (task.queue.includes(SEPARATOR)) return;
    const cell = this.#cellOf(task.queue, task.name);
    if (isCharged) noteFailure(cell, isDead ? 'dead' : 'retried', true);
    else cell.expired += 1;
  }

  /** Returns what was counted since the last call. */
  take(): CountTable {
    const table = this.#table;
    this.#table = new CountTable();
    this.#lastCell = undefined;
    return table;
  }

  #cellOf(queue: string, name: string): Cell {
    if (this.#lastCell && queue === this.#lastQueue && name === this.#lastName) return this.#lastCell;
    [this.#lastQueue, this.#lastName] = [queue, name];
    return (this.#lastCell = this.#table.of(queue, name));
  }
}

function noteFailure(cell: Cell, ending: Ending, isExpired: boolean): void {
  if (ending !== 'retried' && ending !== 'dead') return;
  cell.failed += 1;
  cell[ending] += 1;
  if (isExpired) cell.expired += 1;
}
