import type { TaskError } from '../../constants/events';
import { SEPARATOR } from '../../modules/ports/namespace';
import type { RecordStore } from '../../modules/ports/recordStore';
import { addFailures, countName, GROUP_KEPT_MS, rowOfFailure } from '../../modules/statistics/failureRow';
import type { FailureRow } from '../../modules/statistics/failureRow';
import type { TaskHead } from '../../modules/task/task';

/** Most groups that wait to be written: where every message is one of its own, the rest is not counted by group. */
const MOST_GROUPS = 500;

/** Most groups that are written at once, and most times that one is tried against other processes. */
const WRITTEN_AT_ONCE = 50;
const TRIES = 5;

/** Counts the failures of this process by group, and adds them to what all processes have counted. */
export class FailureBook {
  readonly #records: Pick<RecordStore, 'read' | 'write'>;
  readonly #rows = new Map<string, FailureRow>();

  constructor(records: Pick<RecordStore, 'read' | 'write'>) {
    this.#records = records;
  }

  /** Counts a failed attempt. One of another namespace is none of this store's. */
  note(task: TaskHead, error: TaskError | undefined): void {
    if (error?.group === undefined || task.queue.includes(SEPARATOR)) return;
    const row = this.#rows.get(error.group);
    if (row) {
      row.count += 1;
      countName(row, { queue: task.queue, name: task.name, count: 1 });
    } else if (this.#rows.size < MOST_GROUPS) {
      this.#rows.set(error.group, rowOfFailure(task, error));
    }
  }

  /**
   * Writes what was counted, the first groups of it. What the store did not answer is counted again, so a fault may count failures twice.
   *
   * @throws the error of the store.
   */
  async flush(): Promise<void> {
    for (const [group, row] of [...this.#rows].slice(0, WRITTEN_AT_ONCE)) {
      this.#rows.delete(group);
      try {
        await this.#write(group, row);
      } catch (error) {
        const since = this.#rows.get(group);
        this.#rows.set(group, since ? addFailures(row, since) : row);
        throw error;
      }
    }
  }

  async #write(group: string, row: FailureRow): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = await this.#records.read('failure', group);
      const sum = before ? addFailures(JSON.parse(before.value) as FailureRow, row) : row;
      const write = { kind: 'failure', key: group, value: JSON.stringify(sum), rev: before?.rev ?? 0, keepMs: GROUP_KEPT_MS } as const;
      if (await this.#records.write(write)) return;
    }
    const since = this.#rows.get(group);
    this.#rows.set(group, since ? addFailures(row, since) : row);
  }
}
