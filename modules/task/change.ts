import type { TaskError } from '../../constants/events';
import type { TargetState } from '../../constants/states';

/** When a failed attempt is followed by another: by the back-off, after a delay that the handler named, or never. */
export type Retry = 'backoff' | 'never' | { readonly afterMs: number };

/** How an attempt ended. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly result: string | null }
  | { readonly kind: 'failed'; readonly error: TaskError; readonly retry: Retry }
  | { readonly kind: 'expired' }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'released'; readonly delayMs: number }
  | { readonly kind: 'snoozed'; readonly delayMs: number };

/**
 * What a store writes to a task: data with relative times, applied in the store's own time.
 *
 * What is left out stays as it is, but the lease: it always ends.
 */
export interface Change {
  readonly state: TargetState;
  readonly failures?: number;
  readonly suspect?: boolean;
  /** For `waiting`: due so long after now. */
  readonly delayMs?: number;
  /** For a finished state: how long the task is kept. */
  readonly keepMs?: number;
  /** JSON text. */
  readonly result?: string;
  readonly error?: TaskError;
  /** JSON text: see `TaskHistory`. */
  readonly history?: string;
}
