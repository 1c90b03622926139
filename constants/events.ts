import type { FinishedState } from './states';

/** The reference to a task in an event: enough to find the task, without its payload. */
export interface TaskRef {
  /** The id that `queue.add` returned, a UUID. */
  readonly id: string;
  /** The name of the queue. */
  readonly queue: string;
  /** The name of the task, which selects its handler. */
  readonly name: string;
  /** The number of claims so far: 1 in the first attempt. */
  readonly attempt: number;
}

/** An error as a task records it and events report it. */
export interface TaskError {
  /** The class of the error, for example `TypeError`. */
  readonly name: string;
  /** The message of the error. */
  readonly message: string;
  /** The code of the error, if it has one: for example `ECONNREFUSED`, or the code of a HoldfastError. */
  readonly code?: string;
  /** The stack trace, if the error has one. */
  readonly stack?: string;
  /** The group of the failure, for an error that ended an attempt: failures of one cause have the same. See `store.failures`. */
  readonly group?: string;
  /** The cause of the error, if it has one, with its own causes: three deep in all. */
  readonly cause?: ErrorCause;
  /** The errors of an AggregateError: at most twenty causes are kept in all. */
  readonly errors?: readonly ErrorCause[];
}

/** A cause of an error, without its stack trace. */
export interface ErrorCause {
  /** The class of the cause, for example `TypeError`. */
  readonly name: string;
  /** The message of the cause. */
  readonly message: string;
  /** The code of the cause, if it has one. */
  readonly code?: string;
  /** The cause of this cause. */
  readonly cause?: ErrorCause;
  /** The errors of an AggregateError. */
  readonly errors?: readonly ErrorCause[];
}

/** What a task sleeps on: a sleep or a signal, by the name that its handler gave it. */
export interface SleepsOn {
  readonly kind: 'sleep' | 'signal';
  readonly name: string;
}

/** How the tasks of one claim ended. */
export interface IterationTally {
  claimed: number;
  succeeded: number;
  retried: number;
  dead: number;
  released: number;
  snoozed: number;
  suspended: number;
  lost: number;
}

/** The ending of one task of an iteration: a count of its tally. */
export type Ending = Exclude<keyof IterationTally, 'claimed'>;

/** What a person acts on by a server. */
export type ActedOn = 'task' | 'queue' | 'schedule' | 'process' | 'batch';

/** The background work in which an internal error was caught. */
export type InternalPlace =
  'claim' | 'run' | 'settle' | 'heartbeat' | 'sweep' | 'tick' | 'trim' | 'bulk' | 'beat' | 'statistics' | 'hand-over' | 'start' | 'stop' | 'serve';

/** The payload of each event, by the event's name. */
export interface HoldfastEvents {
  /** This process added tasks to a queue, and the store has them. */
  'task-added': { readonly queue: string; readonly count: number };
  /** A handler starts an attempt. */
  'task-started': { readonly workerId: string; readonly task: TaskRef };
  /** The store recorded that an attempt succeeded. */
  'task-succeeded': { readonly workerId: string; readonly task: TaskRef; readonly durationMs: number };
  /** The store recorded a failure. The task is due again after delayMs. */
  'task-retried': { readonly workerId: string; readonly task: TaskRef; readonly error: TaskError; readonly delayMs: number };
  /** The store recorded the last failure of a task. Only a redrive runs it again. */
  'task-dead': { readonly workerId: string; readonly task: TaskRef; readonly error: TaskError };
  /** A task was released unfinished, without a failure. */
  'task-released': { readonly workerId: string; readonly task: TaskRef; readonly delayMs: number };
  /** A handler asked to be called again later, without a failure. */
  'task-snoozed': { readonly workerId: string; readonly task: TaskRef; readonly delayMs: number };
  /** A handler sleeps, or waits for a signal, and has given its slot back, without a failure. */
  'task-suspended': { readonly workerId: string; readonly task: TaskRef; readonly on: SleepsOn; readonly delayMs: number };
  /** A handler ran longer than its timeoutMs. Its signal fired; it keeps its slot until it ends. */
  'task-timed-out': { readonly workerId: string; readonly task: TaskRef; readonly timeoutMs: number };
  /** The result of a task that succeeded cannot be stored. The work is done, so the task succeeded without it. */
  'result-dropped': { readonly workerId: string; readonly task: TaskRef; readonly error: TaskError };
  /** A handler ignored its signal past its timeoutMs. Its failure is written; the task stays running under its lease until the handler ends. */
  'timeout-counted': { readonly workerId: string; readonly task: TaskRef; readonly failures: number };
  /** A handler wrote a line with context.log. */
  'task-log': {
    readonly workerId: string;
    readonly task: TaskRef;
    readonly level: LogLevel;
    readonly message: string;
  };
  /** This worker no longer holds the lease of a task. The result of the attempt is dropped. */
  'lease-lost': { readonly workerId: string; readonly task: TaskRef; readonly reason: 'expired' | 'taken' };
  /** A sweep took a task back because its lease had expired, after a crash or a stall of its worker. */
  'lease-swept': { readonly task: TaskRef; readonly workerId: string };
  /** A worker claimed a task that it has no handler for. Emitted once for each name. */
  'unknown-task': { readonly workerId: string; readonly task: TaskRef };
  /** Middleware ended before its `next()`: await or return it. The attempt waited for the handler. Emitted once for each name. */
  'next-unawaited': { readonly workerId: string; readonly queue: string; readonly name: string };
  /** The last task of one claim was settled. */
  iteration: { readonly workerId: string; readonly durationMs: number; readonly tally: Readonly<IterationTally> };
  /** A worker started to claim tasks. */
  'worker-started': { readonly workerId: string; readonly queues: readonly string[]; readonly maxConcurrency: number };
  /** A worker stopped claiming and is waiting for its running handlers. */
  'worker-stopping': { readonly workerId: string; readonly running: number };
  /** A worker takes nothing more, because its process was told to drain. What it runs goes on. */
  'worker-draining': { readonly workerId: string; readonly running: number };
  /** A worker has stopped. Its unfinished tasks were released. */
  'worker-stopped': { readonly workerId: string; readonly released: number };
  /** A queue was paused. Every worker stops claiming from it within a second. */
  'queue-paused': { readonly queue: string };
  /** A queue was resumed. */
  'queue-resumed': { readonly queue: string };
  /** Tasks were cancelled, retried, redriven or removed on request. */
  'tasks-changed': { readonly queue: string; readonly to: 'waiting' | FinishedState | 'removed'; readonly count: number };
  /** A batch was started: an action on all tasks that match a search. */
  'batch-started': {
    readonly id: string;
    readonly action: string;
    readonly search: string;
    readonly by: string | null;
    readonly expected: { readonly count: number; readonly isExact: boolean };
  };
  /** A batch ended: it is done, was stopped, or failed. Told by the process that carried out its last part. */
  'batch-ended': {
    readonly id: string;
    readonly action: string;
    readonly search: string;
    readonly by: string | null;
    readonly state: 'done' | 'stopped' | 'failed';
    readonly seen: number;
    readonly changed: number;
    readonly clashed: number;
  };
  /** A person did something to one task, queue, schedule, process or batch by a server. Told by the process of the server. */
  'admin-acted': {
    readonly action: string;
    readonly on: ActedOn;
    /** The id of a task, schedule, process or batch, or the name of a queue. */
    readonly id: string;
    /** The queue of a task. */
    readonly queue: string | null;
    /** The name of the token or the user, or null where everybody may do everything. */
    readonly by: string | null;
  };
  /** The store stopped answering. Calls are retried with a growing delay. */
  'store-lost': { readonly operation: string; readonly error: TaskError };
  /** The store answers again. */
  'store-returned': { readonly afterMs: number };
  /** A store call failed, and not because the store was unreachable. */
  'store-error': { readonly operation: string; readonly error: TaskError };
  /** Background work of Holdfast hit a bug and goes on. The same bug is reported at most once a minute. */
  'internal-error': { readonly where: InternalPlace; readonly error: TaskError };
  /** The store works, but promises less than it could, or is perhaps not the one that was meant. Also told to a listener that is added later. */
  'store-warning': { readonly url: string; readonly warning: 'standalone' | 'default-database'; readonly message: string };
  /** The visibility timeout of a message ended unacknowledged. It can be received again. */
  'message-returned': { readonly queue: string; readonly id: string };
  /** A message became a dead letter: it was received as often as its queue allows, or a consumer rejected it. */
  'message-dead': { readonly queue: string; readonly id: string; readonly to: string; readonly reason: string };
  /** A message waited for longer than its queue keeps it. It was removed unprocessed. */
  'message-expired': { readonly queue: string; readonly id: string; readonly sentAt: Date };
  /** A store was closed. Its URL is given without secrets. */
  'store-closed': { readonly url: string };
  /** A back-off function is unknown, threw or returned no duration. The default back-off was used. */
  'backoff-failed': { readonly task: TaskRef; readonly backoff: string; readonly error: TaskError };
  /** An event listener threw or rejected. The worker goes on. */
  'listener-failed': { readonly event: string; readonly error: TaskError };
  /** A declared event starts to be processed. Its payload is given in sanitized form. */
  'event-began': { readonly workerId: string; readonly task: TaskRef; readonly payload: unknown };
  /** A payload did not match the schema of its event. Nothing was written. */
  'payload-refused': { readonly queue: string; readonly error: TaskError };
  /** This process added the task of one occurrence of a schedule. */
  'schedule-fired': { readonly schedule: string; readonly queue: string; readonly id: string; readonly at: Date };
  /** A schedule skipped occurrences: missed ones, or one whose previous task had not ended. */
  'schedule-skipped': { readonly schedule: string; readonly queue: string; readonly reason: 'missed' | 'overlap' };
  /** A schedule could not be read, or its task could not be added. It is tried again. Told once for each occurrence, and once an hour. */
  'schedule-failed': { readonly schedule: string; readonly error: TaskError };
}

/** The name of an event, a key of `HoldfastEvents`. */
export type EventName = keyof HoldfastEvents;

export const LOG_LEVELS = ['error', 'warn', 'info', 'verbose', 'debug'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The meaning of each event, and its log level. */
export const EVENT_TABLE: Readonly<Record<EventName, { readonly level: LogLevel; readonly meaning: string }>> = {
  'task-added': { level: 'debug', meaning: 'This process added tasks to a queue, and the store has them.' },
  'task-started': { level: 'debug', meaning: 'A handler starts an attempt.' },
  'task-succeeded': { level: 'debug', meaning: 'The store recorded that an attempt succeeded.' },
  'task-retried': { level: 'verbose', meaning: 'The store recorded a failure. The task is due again after delayMs.' },
  'task-dead': { level: 'warn', meaning: 'The store recorded the last failure of a task. Only a redrive runs it again.' },
  'task-released': { level: 'verbose', meaning: 'A task was released unfinished, without a failure.' },
  'task-snoozed': { level: 'verbose', meaning: 'A handler asked to be called again later, without a failure.' },
  'task-suspended': { level: 'verbose', meaning: 'A handler sleeps, or waits for a signal, and has given its slot back, without a failure.' },
  'result-dropped': {
    level: 'warn',
    meaning: 'The result of a task that succeeded cannot be stored. The work is done, so the task succeeded without it.',
  },
  'task-timed-out': { level: 'warn', meaning: 'A handler ran longer than its timeoutMs. Its signal fired; it keeps its slot until it ends.' },
  'timeout-counted': {
    level: 'warn',
    meaning:
      'A handler ignored its signal past its timeoutMs. Its failure is written; the task stays running under its lease until the handler ends.',
  },
  'task-log': { level: 'info', meaning: 'A handler wrote a line with context.log.' },
  'lease-lost': { level: 'warn', meaning: 'This worker no longer holds the lease of a task. The result of the attempt is dropped.' },
  'lease-swept': { level: 'warn', meaning: 'A sweep took a task back because its lease had expired, after a crash or a stall of its worker.' },
  'unknown-task': { level: 'warn', meaning: 'A worker claimed a task that it has no handler for. Emitted once for each name.' },
  'next-unawaited': {
    level: 'warn',
    meaning: 'Middleware ended before its `next()`: await or return it. The attempt waited for the handler. Emitted once for each name.',
  },
  iteration: { level: 'info', meaning: 'The last task of one claim was settled.' },
  'worker-started': { level: 'info', meaning: 'A worker started to claim tasks.' },
  'worker-stopping': { level: 'info', meaning: 'A worker stopped claiming and is waiting for its running handlers.' },
  'worker-draining': { level: 'info', meaning: 'A worker takes nothing more, because its process was told to drain. What it runs goes on.' },
  'worker-stopped': { level: 'info', meaning: 'A worker has stopped. Its unfinished tasks were released.' },
  'queue-paused': { level: 'info', meaning: 'A queue was paused. Every worker stops claiming from it within a second.' },
  'queue-resumed': { level: 'info', meaning: 'A queue was resumed.' },
  'tasks-changed': { level: 'verbose', meaning: 'Tasks were cancelled, retried, redriven or removed on request.' },
  'batch-started': { level: 'info', meaning: 'A batch was started: an action on all tasks that match a search.' },
  'batch-ended': { level: 'info', meaning: 'A batch ended: it is done, was stopped, or failed. Told by the process that carried out its last part.' },
  'admin-acted': {
    level: 'info',
    meaning: 'A person did something to one task, queue, schedule, process or batch by a server. Told by the process of the server.',
  },
  'store-lost': { level: 'error', meaning: 'The store stopped answering. Calls are retried with a growing delay.' },
  'store-returned': { level: 'info', meaning: 'The store answers again.' },
  'store-error': { level: 'error', meaning: 'A store call failed, and not because the store was unreachable.' },
  'internal-error': { level: 'error', meaning: 'Background work of Holdfast hit a bug and goes on. The same bug is reported at most once a minute.' },
  'store-warning': {
    level: 'warn',
    meaning:
      'The store works, but promises less than it could, or is perhaps not the one that was meant. Also told to a listener that is added later.',
  },
  'message-returned': { level: 'verbose', meaning: 'The visibility timeout of a message ended unacknowledged. It can be received again.' },
  'message-dead': {
    level: 'warn',
    meaning: 'A message became a dead letter: it was received as often as its queue allows, or a consumer rejected it.',
  },
  'message-expired': { level: 'warn', meaning: 'A message waited for longer than its queue keeps it. It was removed unprocessed.' },
  'store-closed': { level: 'verbose', meaning: 'A store was closed. Its URL is given without secrets.' },
  'backoff-failed': { level: 'error', meaning: 'A back-off function is unknown, threw or returned no duration. The default back-off was used.' },
  'listener-failed': { level: 'error', meaning: 'An event listener threw or rejected. The worker goes on.' },
  'event-began': { level: 'info', meaning: 'A declared event starts to be processed. Its payload is given in sanitized form.' },
  'payload-refused': { level: 'warn', meaning: 'A payload did not match the schema of its event. Nothing was written.' },
  'schedule-fired': { level: 'verbose', meaning: 'This process added the task of one occurrence of a schedule.' },
  'schedule-skipped': { level: 'warn', meaning: 'A schedule skipped occurrences: missed ones, or one whose previous task had not ended.' },
  'schedule-failed': {
    level: 'error',
    meaning: 'A schedule could not be read, or its task could not be added. It is tried again. Told once for each occurrence, and once an hour.',
  },
};
