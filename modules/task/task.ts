import type { TaskOptions } from '../../config/optionTypes';
import type { TaskError, TaskRef } from '../../constants/events';
import { CONSUMER } from '../../constants/limits';
import type { TaskState } from '../../constants/states';

/** The options of a task that differ from the defaults, but those that stores keep in columns of their own. */
export interface TaskSettings extends Omit<TaskOptions, 'delayMs' | 'runAt' | 'priority' | 'maxRetries' | 'uniqueKey' | 'deadline' | 'metadata'> {
  /** Milliseconds since the epoch. */
  readonly deadlineAt?: number;
  /** JSON text. */
  readonly metadata?: string;
  /** Set for a message of the broker. */
  readonly message?: MessageMark;
}

/** What the broker keeps with a message, beside its payload. */
export interface MessageMark {
  /** The group that its sender gave it. */
  readonly group?: string;
  /** The deduplication id that its sender gave it, or that was made of its body. */
  readonly deduplicationId?: string;
  /** Its place in its group, for a message of a FIFO queue. */
  readonly sequence?: string;
  /** The number of claims after which its receives are counted towards the maximum; 0 if left out. */
  readonly since?: number;
  /** The number of claims that handed it out to nobody; 0 if left out. */
  readonly uncounted?: number;
  /** Why it is in a dead-letter queue. */
  readonly dead?: { readonly from: string; readonly reason: string; readonly description?: string; readonly atMs: number };
}

/** When a new task is due: after a delay, or at an instant, by the store's clock. */
export type Due = { readonly delayMs: number } | { readonly at: Date };

/** A task to be inserted into a store. */
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
  /** No two live tasks of a queue have the same unique key. */
  readonly uniqueKey: string | null;
}

/** The right to run one attempt. */
export interface Lease {
  readonly token: string;
  readonly workerId: string;
  readonly expiresAt: Date;
  /** The length of the lease in milliseconds. Every heartbeat renews it for as long. */
  readonly ms: number;
  /** The longest time in milliseconds that a renewal has asked for in place of that length; 0 if none has. The lease never ends later from now. */
  readonly extendedMs: number;
  /** True once a suspect starts to run with nothing beside it, so that a crash must be its own. */
  readonly alone: boolean;
  /** True once the attempt has passed its time limit and its failure is counted, although its handler runs on. */
  readonly timedOut: boolean;
  /** True once the task runs beside a suspect, or is one and runs beside others. Whose a crash is cannot be told then. */
  readonly beside: boolean;
}

/** A task as the store returns it. */
export interface Task {
  readonly id: string;
  /** The internal location of the task in the store that claimed it. Only that store uses it, to write the outcome faster. */
  readonly place?: number;
  /** The follow-ups of a succeeded task that are not in their queues yet, as JSON text; missing where there are none. */
  readonly followUps?: string;
  readonly queue: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly state: TaskState;
  readonly priority: number;
  /** The number of claims so far. It never falls. */
  readonly attempt: number;
  /** Recorded failures, timeouts and expired leases. Only this is compared with `maxRetries`, which counts failures: 3 means three attempts. */
  readonly failures: number;
  readonly maxRetries: number;
  /** True if the last attempt ended in an expired lease and one more failure makes the task dead. Such a task runs alone. */
  readonly suspect: boolean;
  /** The revision. Every write to a waiting task and every return to waiting raises it. */
  readonly rev: number;
  /** When the task is due, by the store's clock. For a running task it lies in the past. */
  readonly availableAt: Date;
  readonly createdAt: Date;
  /** When the task succeeded, died or was cancelled; null while it is live. */
  readonly finishedAt: Date | null;
  readonly settings: TaskSettings;
  /** No two live tasks of a queue have the same unique key. */
  readonly uniqueKey: string | null;
  /** Null unless the task is running. */
  readonly lease: Lease | null;
  /** JSON text. */
  readonly result: string | null;
  /** The last failure. */
  readonly error: TaskError | null;
  /** The last progress report of the handler, as JSON text. */
  readonly progress: string | null;
  /** The last attempts, as JSON text: see `TaskHistory`. */
  readonly history: string | null;
}

/** The part of a task by which its changes are decided: all but what may be large. */
export type TaskHead = Omit<Task, LargeField>;

/** The fields that a head leaves out. */
export const LARGE_FIELDS = ['payload', 'result', 'error', 'progress', 'followUps'] as const satisfies readonly (keyof Task)[];

type LargeField = (typeof LARGE_FIELDS)[number];

/** Returns the head of a task. */
export const headOf = ({ payload: _payload, result: _result, error: _error, progress: _progress, followUps: _followUps, ...head }: Task): TaskHead =>
  head;

/** Tells whether a lease is that of a consumer of the broker. */
export const isConsumers = ({ lease }: Pick<TaskHead, 'lease'>): boolean => lease?.workerId === CONSUMER;

/** Returns the reference to a task that events carry. */
export const refOf = ({ id, queue, name, attempt }: TaskRef): TaskRef => ({ id, queue, name, attempt });
