import { BATCH_TASKS } from '../../constants/limits';
import { Batch } from '../async/batch';
import type { ProgressBoard, ProgressReport } from '../../modules/ports/progressBoard';
import { asMicrotask } from '../../modules/time/clock';

/** Writes progress reports in batches. Of several reports under one lease the last is written. */
export class ProgressWriter {
  readonly #batch: Batch<ProgressReport, void>;

  constructor(board: ProgressBoard) {
    const write = async (reports: ProgressReport[]): Promise<readonly void[]> => {
      await board.report([...new Map(reports.map((report) => [`${report.id} ${report.token}`, report])).values()]);
      return [];
    };
    this.#batch = new Batch(write, asMicrotask, BATCH_TASKS);
  }

  /**
   * Writes a report. Resolves when the store has it or a later one.
   *
   * @throws the error of the store.
   */
  write(report: ProgressReport): Promise<void> {
    return this.#batch.push(report);
  }

  /** Resolves when no report is under way. */
  idle(): Promise<void> {
    return this.#batch.idle();
  }
}
