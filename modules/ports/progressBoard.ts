import type { HeldLease } from './taskStore';

/** A progress report of a running handler. */
export interface ProgressReport extends HeldLease {
  /** JSON text. */
  readonly progress: string;
}

/** The port of progress reports. */
export interface ProgressBoard {
  /** Stores each report with its task, if the lease still holds. */
  report(reports: readonly ProgressReport[]): Promise<void>;
}
