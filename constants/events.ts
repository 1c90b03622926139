import type { FinishedState } from './states';

/** What every event says of a task: enough to find it, and nothing of its payload. */
export interface TaskRef {
  /** Its id, a UUID: what `queue.add` returned. */
  readonly id: string;
  /** The name of its queue. */
  readonly queue: string;
  /** Its name, which chooses its handler. */
  readonly name: string;
  /** How often it was claimed so far: 1 in its first attempt. */
  readonly attempt: number;
}

/** An error as it is kept with a task and told by events. */
export interface TaskError {
  /** The class of the error, as `TypeError`. */
  readonly name: string;
  /** What went wrong. */
  readonly message: string;
  /** The code of the error, where it has one, as `ECONNREFUSED` or that of a HoldfastError. */
  readonly code?: string;
  /** Where it was thrown, where that is known. */
  readonly stack?: string;
}

/** How the tasks of one claim ended. */
export interface IterationTally {
  claimed: number;
  succeeded: number;
  retried: number;
  dead: number;
  released: number;
  snoozed: number;
  lost: number;
}

/** How a task of an iteration ended: the counts of its tally. */
export type Ending = Exclude<keyof IterationTally, 'claimed'>;

/** The background work of a process in which a bug may show. */
export type InternalPlace = 'claim' | 'run' | 'heartbeat' | 'sweep' | 'tick' | 'trim' | 'stop';

/** The name of each event with what its listeners get. */
export interface HoldfastEvents {
  /** This process added tasks to a queue, and the store has them. */
  'task-added': { readonly queue: string; readonly count: number };
  /** A handler begins an attempt. */
  'task-started': { readonly workerId: string; readonly task: TaskRef };
  /** The store recorded that an attempt succeeded. */
  'task-succeeded': { readonly workerId: string; readonly task: TaskRef; readonly durationMs: number };
  /** The store recorded a failure; the task is due again after delayMs. */
  'task-retried': { readonly workerId: string; readonly task: TaskRef; readonly error: TaskError; readonly delayMs: number };
  /** The store recorded the last failure of a task; only a redrive runs it again. */
  'task-dead': { readonly workerId: string; readonly task: TaskRef; readonly error: TaskError };
  /** A task was given back unfinished, without a failure. */
  'task-released': { readonly workerId: string; readonly task: TaskRef; readonly delayMs: number };
  /** A handler asked to be called again later, without a failure. */
  'task-snoozed': { readonly workerId: string; readonly task: TaskRef; readonly delayMs: number };
  /** A handler ran past its timeoutMs; its signal fired, its slot is kept until it ends. */
  'task-timed-out': { readonly workerId: string; readonly task: TaskRef; readonly timeoutMs: number };
  /** A handler wrote a line by context.log. */
  'task-log': {
    readonly workerId: string;
    readonly task: TaskRef;
    readonly level: LogLevel;
    readonly message: string;
  };
  /** This worker no longer holds a lease; the result of the attempt is dropped. */
  'lease-lost': { readonly workerId: string; readonly task: TaskRef; readonly reason: 'expired' | 'taken' };
  /** An expired lease was taken back, after a crash or a stall of its worker. */
  'lease-swept': { readonly task: TaskRef; readonly workerId: string };
  /** A worker claimed a task whose name it has no handler for; told once a name. */
  'unknown-task': { readonly workerId: string; readonly task: TaskRef };
  /** The last task of one claim was settled. */
  iteration: { readonly workerId: string; readonly durationMs: number; readonly tally: Readonly<IterationTally> };
  /** A worker began to claim. */
  'worker-started': { readonly workerId: string; readonly queues: readonly string[]; readonly maxConcurrency: number };
  /** A worker claims no more and lets what runs end. */
  'worker-stopping': { readonly workerId: string; readonly running: number };
  /** A worker has ended; what it could not end was released. */
  'worker-stopped': { readonly workerId: string; readonly released: number };
  /** A queue was paused; every worker holds within a second. */
  'queue-paused': { readonly queue: string };
  /** A queue was resumed. */
  'queue-resumed': { readonly queue: string };
  /** Tasks were cancelled, retried, redriven or removed by hand. */
  'tasks-changed': { readonly queue: string; readonly to: 'waiting' | FinishedState | 'removed'; readonly count: number };
  /** The store stopped answering; calls are tried again with a growing delay. */
  'store-lost': { readonly operation: string; readonly error: TaskError };
  /** The store answers again. */
  'store-returned': { readonly afterMs: number };
  /** The store refused a call, for another reason than not being reached. */
  'store-error': { readonly operation: string; readonly error: TaskError };
  /** Background work of Holdfast failed because of a bug, and goes on; the same bug is told once a minute. */
  'internal-error': { readonly where: InternalPlace; readonly error: TaskError };
  /** A store was closed; its URL is told without its secrets. */
  'store-closed': { readonly url: string };
  /** A back-off function is unknown, threw or gave no duration; the default was taken. */
  'backoff-failed': { readonly task: TaskRef; readonly backoff: string; readonly error: TaskError };
  /** A listener of an event threw; the worker goes on. */
  'listener-failed': { readonly event: string; readonly error: TaskError };
  /** The processing of an event of defineEvent begins; what its payload may show is told. */
  'event-began': { readonly workerId: string; readonly task: TaskRef; readonly payload: unknown };
  /** A payload that its event’s schema refuses was emitted; nothing was written. */
  'payload-refused': { readonly queue: string; readonly error: TaskError };
  /** This process added the task of an occurrence of a schedule. */
  'schedule-fired': { readonly schedule: string; readonly queue: string; readonly id: string; readonly at: Date };
  /** Occurrences of a schedule were left out: missed ones, or one while the last task goes on. */
  'schedule-skipped': { readonly schedule: string; readonly queue: string; readonly reason: 'missed' | 'overlap' };
  /** A schedule could not be read or its task could not be added; it is tried again. */
  'schedule-failed': { readonly schedule: string; readonly error: TaskError };
}

/** The name of an event: the keys of `HoldfastEvents`. */
export type EventName = keyof HoldfastEvents;

export const LOG_LEVELS = ['error', 'warn', 'info', 'verbose', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What each event means, and the level at which it is logged. */
export const EVENT_TABLE: Readonly<Record<EventName, { readonly level: LogLevel; readonly meaning: string }>> = {
  'task-added': { level: 'debug', meaning: 'This process added tasks to a queue, and the store has them.' },
  'task-started': { level: 'debug', meaning: 'A handler begins an attempt.' },
  'task-succeeded': { level: 'debug', meaning: 'The store recorded that an attempt succeeded.' },
  'task-retried': { level: 'verbose', meaning: 'The store recorded a failure; the task is due again after delayMs.' },
  'task-dead': { level: 'warn', meaning: 'The store recorded the last failure of a task; only a redrive runs it again.' },
  'task-released': { level: 'verbose', meaning: 'A task was given back unfinished, without a failure.' },
  'task-snoozed': { level: 'verbose', meaning: 'A handler asked to be called again later, without a failure.' },
  'task-timed-out': { level: 'warn', meaning: 'A handler ran past its timeoutMs; its signal fired, its slot is kept until it ends.' },
  'task-log': { level: 'info', meaning: 'A handler wrote a line by context.log.' },
  'lease-lost': { level: 'warn', meaning: 'This worker no longer holds a lease; the result of the attempt is dropped.' },
  'lease-swept': { level: 'warn', meaning: 'An expired lease was taken back, after a crash or a stall of its worker.' },
  'unknown-task': { level: 'warn', meaning: 'A worker claimed a task whose name it has no handler for; told once a name.' },
  iteration: { level: 'info', meaning: 'The last task of one claim was settled.' },
  'worker-started': { level: 'info', meaning: 'A worker began to claim.' },
  'worker-stopping': { level: 'info', meaning: 'A worker claims no more and lets what runs end.' },
  'worker-stopped': { level: 'info', meaning: 'A worker has ended; what it could not end was released.' },
  'queue-paused': { level: 'info', meaning: 'A queue was paused; every worker holds within a second.' },
  'queue-resumed': { level: 'info', meaning: 'A queue was resumed.' },
  'tasks-changed': { level: 'verbose', meaning: 'Tasks were cancelled, retried, redriven or removed by hand.' },
  'store-lost': { level: 'error', meaning: 'The store stopped answering; calls are tried again with a growing delay.' },
  'store-returned': { level: 'info', meaning: 'The store answers again.' },
  'store-error': { level: 'error', meaning: 'The store refused a call, for another reason than not being reached.' },
  'internal-error': {
    level: 'error',
    meaning: 'Background work of Holdfast failed because of a bug, and goes on; the same bug is told once a minute.',
  },
  'store-closed': { level: 'verbose', meaning: 'A store was closed; its URL is told without its secrets.' },
  'backoff-failed': { level: 'error', meaning: 'A back-off function is unknown, threw or gave no duration; the default was taken.' },
  'listener-failed': { level: 'error', meaning: 'A listener of an event threw; the worker goes on.' },
  'event-began': { level: 'info', meaning: 'The processing of an event of defineEvent begins; what its payload may show is told.' },
  'payload-refused': { level: 'warn', meaning: 'A payload that its event’s schema refuses was emitted; nothing was written.' },
  'schedule-fired': { level: 'verbose', meaning: 'This process added the task of an occurrence of a schedule.' },
  'schedule-skipped': { level: 'warn', meaning: 'Occurrences of a schedule were left out: missed ones, or one while the last task goes on.' },
  'schedule-failed': { level: 'error', meaning: 'A schedule could not be read or its task could not be added; it is tried again.' },
};
