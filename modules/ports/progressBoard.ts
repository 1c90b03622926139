import type { HeldLease } from './taskStore';

/** Progress that a handler reports of its task. */
export interface ProgressReport extends HeldLease {
  /** JSON text. */
  readonly progress: string;
}

/** The port of progress. */
export interface ProgressBoard {
  /** Keeps each report with its task, where the lease still holds. */
  report(reports: readonly ProgressReport[]): Promise<void>;
}
