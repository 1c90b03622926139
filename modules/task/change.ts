import type { SleepsOn, TaskError } from '../../constants/events';
import type { TargetState } from '../../constants/states';

/** When to retry a failed attempt: after the back-off, after a delay that the handler chose, or never. */
export type Retry = 'backoff' | 'never' | { readonly afterMs: number };

/** The ending of an attempt. */
export type Outcome =
  | {
      readonly kind: 'succeeded';
      readonly result: string | null;
      /** Why the result cannot be stored. */
      readonly dropped?: TaskError;
      /** What the handler added for the case of its success, as JSON text. */
      readonly followUps?: string;
    }
  | { readonly kind: 'failed'; readonly error: TaskError; readonly retry: Retry }
  | { readonly kind: 'expired' }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'released'; readonly delayMs: number }
  | { readonly kind: 'snoozed'; readonly delayMs: number; /** The reason, if a Snooze gave one. */ readonly error?: TaskError }
  | Suspended;

/** The ending of an attempt that sleeps, or waits for signals. */
export interface Suspended {
  readonly kind: 'suspended';
  readonly delayMs: number;
  /** What it sleeps on first. */
  readonly on: SleepsOn;
  /** The names of the signals that it waits for; empty for a sleep. */
  readonly signals: readonly string[];
}

/**
 * The change that a store writes to a task. It is data with relative times, which the store applies by its own clock.
 *
 * A field that is left out keeps its value. The lease always ends.
 */
export interface Change {
  readonly state: TargetState;
  readonly failures?: number;
  readonly suspect?: boolean;
  /** For `waiting`: the delay until the task is due. */
  readonly delayMs?: number;
  /** For `waiting`: the signals that make the task due at once, also one that is there already. */
  readonly signals?: readonly string[];
  /** For a finished state: how long the task is kept. */
  readonly keepMs?: number;
  /** JSON text. */
  readonly result?: string;
  readonly error?: TaskError;
  /** JSON text: see `TaskHistory`. */
  readonly history?: string;
  /** For `succeeded`, as JSON text: the tasks that are handed over. The task is kept until then, whatever its `keepMs`. */
  readonly followUps?: string;
}

/** Returns the milliseconds after which a task may be due again. One that waits for a signal may be at once: it may be there already. */
export const leastDelayMs = ({ delayMs = 0, signals }: Change): number => (signals ? 0 : delayMs);
