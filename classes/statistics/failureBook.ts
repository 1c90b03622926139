import type { TaskError } from '../../constants/events';
import { SEPARATOR } from '../../modules/ports/namespace';
import type { RecordStore } from '../../modules/ports/recordStore';
import { addFailures, countedBy, failureRowIn, GROUP_KEPT_MS, rowOfFailure } from '../../modules/statistics/failureRow';
import type { FailureRow } from '../../modules/statistics/failureRow';
import type { TaskHead } from '../../modules/task/task';
import type { Clock } from '../../modules/time/clock';

/** Most groups that wait to be written: where every message is one of its own, the rest is not counted by group. */
const MOST_GROUPS = 500;

/** Most groups that are written at once, and most times that one is tried against other processes. */
const WRITTEN_AT_ONCE = 50;
const TRIES = 5;

/** The parts of a FailureBook. */
export interface FailureBookParts {
  readonly records: Pick<RecordStore, 'read' | 'write'>;
  readonly storeNow: () => Promise<number>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Counts the failures of this process by group, and adds them to what all processes have counted. */
export class FailureBook {
  readonly #records: FailureBookParts['records'];
  readonly #storeNow: () => Promise<number>;
  readonly #clock: FailureBookParts['clock'];
  readonly #rows = new Map<string, FailureRow>();

  constructor({ records, storeNow, clock }: FailureBookParts) {
    this.#records = records;
    this.#storeNow = storeNow;
    this.#clock = clock;
  }

  /** Counts a failed attempt. One of another namespace is none of this store's. */
  note(task: TaskHead, error: TaskError | undefined): void {
    if (error?.group === undefined || task.queue.includes(SEPARATOR)) return;
    const before = this.#rows.get(error.group);
    if (!before && this.#rows.size >= MOST_GROUPS) return;
    const row = rowOfFailure(task, error, this.#clock.monotonic(), before);
    this.#rows.set(error.group, before ? addFailures(before, row) : row);
  }

  /**
   * Writes what was counted, the first groups of it. What the store did not answer is counted again, so a fault may count failures twice.
   *
   * @throws the error of the store.
   */
  async flush(): Promise<void> {
    if (this.#rows.size === 0) return;
    // The time of the store is asked for once: the failures were before that, by the clock that never steps.
    const sentAt = this.#clock.monotonic();
    const nowMs = await this.#storeNow();
    const aheadMs = nowMs - (sentAt + this.#clock.monotonic()) / 2;
    for (const [group, row] of [...this.#rows].slice(0, WRITTEN_AT_ONCE)) {
      this.#rows.delete(group);
      try {
        await this.#write(group, row, aheadMs);
      } catch (error) {
        const since = this.#rows.get(group);
        this.#rows.set(group, since ? addFailures(row, since) : row);
        throw error;
      }
    }
  }

  async #write(group: string, row: FailureRow, aheadMs: number): Promise<void> {
    const counted = countedBy(row, aheadMs);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = await this.#records.read('failure', group);
      const sum = before ? addFailures(failureRowIn(before), counted) : counted;
      const write = { kind: 'failure', key: group, value: JSON.stringify(sum), rev: before?.rev ?? 0, keepMs: GROUP_KEPT_MS } as const;
      if (await this.#records.write(write)) return;
    }
    const since = this.#rows.get(group);
    this.#rows.set(group, since ? addFailures(row, since) : row);
  }
}
