import type { Backoff, Retention } from '../../config/optionTypes';
import type { TaskError, TaskRef } from '../../constants/events';
import type { TaskState } from '../../constants/states';

/** What a task carries only where its options differ from the defaults. */
export interface TaskSettings {
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
  readonly leaseMs?: number;
  readonly retention?: Partial<Retention>;
  /** In milliseconds since the epoch. */
  readonly deadlineAt?: number;
  readonly tags?: readonly string[];
  /** JSON text. */
  readonly metadata?: string;
}

/** When a new task is due: after a delay of the store's clock, or at an instant of it. */
export type Due = { readonly delayMs: number } | { readonly at: Date };

/** A task that a store is asked to insert. */
export interface NewTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly due: Due;
  readonly priority: number;
  readonly maxRetries: number;
  readonly settings: TaskSettings;
  /** Of the live tasks of a queue no two have the same. */
  readonly uniqueKey: string | null;
}

/** The right to run one attempt. */
export interface Lease {
  readonly token: string;
  readonly workerId: string;
  readonly expiresAt: Date;
  /** Its length, which every heartbeat gives it again. */
  readonly ms: number;
  /** Set when a suspect begins to run with nothing beside it, so that a crash is its own. */
  readonly alone: boolean;
}

/** A task as a store has it. */
export interface Task {
  readonly id: string;
  /** Where the store that claimed it has it, for that store alone: its outcome is written faster. */
  readonly place?: number;
  readonly queue: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly state: TaskState;
  readonly priority: number;
  /** The number of its claims; it never falls. */
  readonly attempt: number;
  /** Recorded failures, time-outs and expired leases: what `maxRetries` is compared with. */
  readonly failures: number;
  readonly maxRetries: number;
  /** Its last attempt ended in an expired lease, and one more failure makes it dead: it runs alone. */
  readonly suspect: boolean;
  /** Raised by every write to a waiting task and by every return to waiting. */
  readonly rev: number;
  /** When it is due, by the clock of the store; in the past for one that runs. */
  readonly availableAt: Date;
  readonly createdAt: Date;
  /** When it succeeded, died or was cancelled; null while it is live. */
  readonly finishedAt: Date | null;
  readonly settings: TaskSettings;
  /** Of the live tasks of a queue no two have the same. */
  readonly uniqueKey: string | null;
  /** Null where it does not run. */
  readonly lease: Lease | null;
  /** JSON text. */
  readonly result: string | null;
  /** Its last failure. */
  readonly error: TaskError | null;
  /** What its handler told last, as JSON text. */
  readonly progress: string | null;
  /** Its last attempts, as JSON text: see `TaskHistory`. */
  readonly history: string | null;
}

/** What events say of a task. */
export const refOf = ({ id, queue, name, attempt }: TaskRef): TaskRef => ({ id, queue, name, attempt });
