import type { TaskOptions } from '../../config/optionTypes';
import type { TaskState } from '../../constants/states';

/** What commands show: the JSON of the admin API, in which instants are ISO texts. A store and a server give the same. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What is shown of an error. */
export interface ShownError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | null;
}

/** A task in a list. */
export interface TaskSummary {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly state: TaskState;
  readonly attempt: number;
  readonly failures: number;
  readonly maxRetries: number;
  readonly priority: number;
  readonly createdAt: string;
  readonly availableAt: string;
  readonly finishedAt: string | null;
  readonly workerId: string | null;
  readonly tags: readonly string[];
  readonly uniqueKey: string | null;
  readonly error: ShownError | null;
}

/** A task that is gone. */
export interface RemovedTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly state: 'removed';
}

/** A line that a handler wrote. */
export interface ShownLine {
  readonly attempt: number;
  readonly afterMs: number;
  readonly level: string;
  readonly message: string;
}

/** An ended attempt. */
export interface ShownAttempt {
  readonly attempt: number;
  readonly workerId: string;
  readonly durationMs?: number;
  readonly ending: string;
  readonly error?: ShownError;
}

/** A task as a whole. */
export interface TaskDetail extends TaskSummary {
  readonly payload: Json;
  readonly result?: Json;
  readonly progress?: Json;
  readonly metadata: Json;
  readonly deadline: string | null;
  readonly attempts: readonly ShownAttempt[];
  readonly log: readonly ShownLine[];
}

/** Why a task is where it is. */
export interface ShownExplanation {
  readonly code: string;
  readonly text: string;
}

/** A task with what is known about it. */
export interface FoundTask {
  readonly task: TaskDetail;
  readonly explanation: ShownExplanation | null;
}

/** A page of a list of tasks. */
export interface TasksPage {
  readonly tasks: readonly TaskSummary[];
  readonly next: string | null;
  readonly looked: number;
  readonly isComplete: boolean;
  /** What no index serves. */
  readonly slow: readonly string[];
}

/** A count that may be one at which counting stopped. */
export interface ShownCount {
  readonly count: number;
  readonly isExact: boolean;
}

export const TASK_ACTIONS = ['retry', 'run-now', 'cancel', 'remove', 'redrive'] as const;

/** What can be done with one task. */
export type TaskAction = (typeof TASK_ACTIONS)[number];

export const BATCH_ACTIONS = ['retry', 'cancel', 'remove', 'redrive'] as const;

/** What can be done with all tasks of a search. */
export type BatchAction = (typeof BATCH_ACTIONS)[number];

/** An action on all tasks of a search. */
export interface ShownBatch {
  readonly id: string;
  readonly action: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly expected: ShownCount;
  readonly seen: number;
  readonly changed: number;
  readonly clashed: number;
}

/** The 50th and 95th percentile of a time, in milliseconds. */
export interface ShownTimes {
  readonly p50: number | null;
  readonly p95: number | null;
}

/** A queue in a list. */
export interface QueueRow {
  readonly name: string;
  readonly isPaused: boolean;
  readonly counts: Readonly<Record<'waiting' | 'delayed' | 'running' | 'dead' | 'succeeded' | 'cancelled', number>>;
  /** The counts that are rounded down. */
  readonly atLeast: readonly string[];
  readonly oldestSeconds: number | null;
  readonly ratePerMinute: number;
  readonly wait: ShownTimes | null;
  readonly run: ShownTimes | null;
  readonly processes: number;
}

/** Failures of one cause. */
export interface ShownGroup {
  readonly group: string;
  readonly count: number;
  readonly name: string;
  readonly message: string;
  readonly at: string | null;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly sample: { readonly id: string; readonly queue: string; readonly name: string };
  readonly names: readonly { readonly queue: string; readonly name: string; readonly count: number }[];
}

/** A process with workers. */
export interface ShownProcess {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  readonly seenAt: string;
  readonly isDraining: boolean;
  readonly slots: number;
  readonly running: number;
  readonly workers: readonly { readonly id: string; readonly queues: readonly string[]; readonly maxConcurrency: number; readonly running: number }[];
  readonly tasks: readonly {
    readonly id: string;
    readonly queue: string;
    readonly name: string;
    readonly workerId: string;
    readonly since: string;
  }[];
}

/** A schedule. */
export interface ShownSchedule {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly cron?: string;
  readonly timeZone?: string;
  readonly everyMs?: number;
  readonly at?: string;
  readonly declared: boolean;
  readonly paused: boolean;
  readonly nextAt: string | null;
  readonly lastAt: string | null;
  readonly lastOutcome: { readonly taskId: string; readonly state: string; readonly at: string } | null;
}

/** How far an action on many tasks has come. */
export interface BulkTold {
  readonly seen: number;
  readonly changed: number;
}

/**
 * What commands ask of a store or of a server. Both sides throw the same errors: HOLDFAST_TASK_MISSING, HOLDFAST_TASK_MOVED_ON and so on.
 *
 * A task is named by its id, and by its queue where that is known.
 */
export interface Backend {
  /** The URL of the store or the address of the server, without secrets. */
  readonly where: string;
  add(queue: string, name: string, payload: unknown, options: TaskOptions): Promise<{ readonly id: string; readonly added: boolean }>;
  task(id: string, queue: string | undefined): Promise<FoundTask>;
  /** Waits for the end of a task, and returns its result. */
  result(id: string, queue: string, withinMs: number): Promise<unknown>;
  act(action: TaskAction, id: string, queue: string | undefined): Promise<TaskSummary | RemovedTask>;
  queues(): Promise<readonly QueueRow[]>;
  queue(name: string): Promise<QueueRow>;
  pause(queue: string): Promise<void>;
  resume(queue: string): Promise<void>;
  purge(queue: string, states: readonly TaskState[], tell: (told: BulkTold) => void, signal: AbortSignal): Promise<number>;
  redrive(queue: string, tell: (told: BulkTold) => void, signal: AbortSignal): Promise<number>;
  failures(options: { readonly queue?: string; readonly name?: string; readonly limit: number }): Promise<readonly ShownGroup[]>;
  processes(): Promise<readonly ShownProcess[]>;
  drain(id: string): Promise<void>;
  schedules(): Promise<readonly ShownSchedule[]>;
  putSchedule(id: string, options: Readonly<Record<string, unknown>>): Promise<ShownSchedule>;
  removeSchedule(id: string): Promise<void>;
  runSchedule(id: string): Promise<{ readonly taskId: string }>;
  pauseSchedule(id: string): Promise<void>;
  resumeSchedule(id: string): Promise<void>;
  nextTimes(id: string, count: number): Promise<readonly string[]>;
  close(): Promise<void>;
}
