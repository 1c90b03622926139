import type { HeldLease } from './taskStore';

/** What a handler tells of its task while it runs. */
export interface ProgressReport extends HeldLease {
  /** JSON text. */
  readonly progress: string;
}

/** What running tasks tell of themselves. */
export interface ProgressBoard {
  /** Keeps each report with its task, where the lease still holds. */
  report(reports: readonly ProgressReport[]): Promise<void>;
}
