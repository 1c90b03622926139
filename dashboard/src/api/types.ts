/** What the admin API answers. Instants are ISO texts. */

export type TaskState = 'waiting' | 'running' | 'succeeded' | 'dead' | 'cancelled';

export interface Session {
  readonly user: string | null;
  readonly canWrite: boolean;
  readonly version: string;
  readonly store: { readonly kind: string; readonly url: string };
  readonly now: string;
}

export interface Health {
  readonly level: 'bad' | 'warn' | 'ok';
  readonly code: string;
  readonly text: string;
  /** A place of the page, such as `#/tasks?q=state:dead`. */
  readonly link: string | null;
}

export const COUNTED = ['waiting', 'delayed', 'running', 'dead', 'succeeded', 'cancelled'] as const;
export type Counted = (typeof COUNTED)[number];

export interface Quantiles {
  readonly p50: number | null;
  readonly p95: number | null;
}

export interface QueueRow {
  readonly name: string;
  readonly isPaused: boolean;
  readonly isBroker: boolean;
  /** Its messages are no tasks, so no search finds them. */
  readonly isFifo: boolean;
  readonly counts: Readonly<Record<Counted, number>>;
  /** Those counts that were counted up to a bound only. */
  readonly atLeast: readonly string[];
  readonly countedAt: string;
  readonly oldestSeconds: number | null;
  readonly ratePerMinute: number;
  readonly wait: Quantiles | null;
  readonly run: Quantiles | null;
  readonly spark: readonly number[];
  readonly processes: number;
  readonly draining: number;
}

export interface Minute {
  readonly at: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly dead: number;
  readonly retried: number;
  readonly waiting: number | null;
}

export interface Overview {
  readonly now: string;
  /** When the store was asked. */
  readonly takenAt: string;
  readonly health: readonly Health[];
  readonly queues: readonly QueueRow[];
  readonly minutes: readonly Minute[];
}

export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly group?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

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
  /** True if it waits and is not due yet. */
  readonly isDelayed: boolean;
  readonly durationMs: number | null;
  readonly workerId: string | null;
  readonly tags: readonly string[];
  readonly uniqueKey: string | null;
  readonly error: ErrorText | null;
  readonly progress?: unknown;
  /** The beginning of the payload in one line. */
  readonly preview: string;
}

export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  readonly next: string | null;
  readonly looked: number;
  readonly isComplete: boolean;
  readonly slow: readonly string[];
}

export interface Count {
  readonly count: number;
  readonly isExact: boolean;
}

export interface Suggestion {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

export interface Attempt {
  readonly attempt: number;
  readonly workerId: string;
  readonly ending: string;
  readonly claimedAtMs?: number;
  readonly waitedMs?: number;
  readonly durationMs?: number;
  readonly error?: ErrorText;
  readonly on?: { readonly kind: string; readonly name: string };
}

export interface LogLine {
  readonly attempt: number;
  readonly afterMs: number;
  readonly level: string;
  readonly message: string;
}

export interface Step {
  readonly at: number;
  readonly name: string;
  readonly kind: 'step' | 'sleep' | 'wait' | 'signal' | 'timeout';
  readonly value?: unknown;
  readonly until: string | null;
  readonly isHidden: boolean;
}

export interface TaskDetail extends Omit<TaskSummary, 'preview'> {
  readonly payload?: unknown;
  readonly result?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly deadline: string | null;
  readonly attempts: readonly Attempt[];
  readonly log: readonly LogLine[];
  readonly sleeps: { readonly kind: string; readonly name: string; readonly until: string | null } | null;
  readonly lease: { readonly workerId: string; readonly expiresAt: string } | null;
  /** The fields of which parts are hidden or cut off. */
  readonly hidden: readonly string[];
}

export interface TaskAnswer {
  readonly task: TaskDetail;
  readonly explanation: { readonly code: string; readonly text: string } | null;
  readonly steps: readonly Step[];
}

export type Action = 'retry' | 'run-now' | 'cancel' | 'remove' | 'redrive';
export type BatchAction = 'retry' | 'cancel' | 'remove' | 'redrive';

export interface Batch {
  readonly id: string;
  readonly action: BatchAction;
  readonly search: string;
  readonly by: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly expected: Count;
  readonly seen: number;
  readonly changed: number;
  readonly clashed: number;
}

export interface FailureGroup {
  readonly group: string;
  readonly count: number;
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly at: string | null;
  readonly sample: { readonly id: string; readonly queue: string; readonly name: string };
  readonly names: readonly { readonly queue: string; readonly name: string; readonly count: number }[];
  /** The day before the last failure, in steps of ten minutes, without those that have none. */
  readonly recent: readonly { readonly at: string; readonly count: number }[];
}

export interface RunningTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly attempt: number;
  readonly workerId: string;
  readonly since: string;
}

export interface Process {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  readonly seenAt: string;
  readonly isDraining: boolean;
  readonly slots: number;
  readonly running: number;
  readonly workers: readonly {
    readonly id: string;
    readonly queues: readonly string[];
    readonly maxConcurrency: number;
    readonly running: number;
    readonly handles: readonly string[];
  }[];
  readonly tasks: readonly RunningTask[];
}

export interface Schedule {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly payload: unknown;
  readonly cron?: string;
  readonly timeZone?: string;
  readonly everyMs?: number;
  readonly at?: string;
  readonly declared: boolean;
  readonly paused: boolean;
  readonly nextAt: string | null;
  readonly lastAt: string | null;
  readonly lastTaskId: string | null;
  readonly lastOutcome: { readonly taskId: string; readonly state: string; readonly at: string } | null;
}

export interface StatisticsPoint {
  readonly at: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly dead: number;
  readonly retried: number;
  readonly added: number;
}

export interface BrokerQueue {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>> & { readonly deadLetterQueue?: string };
  readonly isPaused: boolean;
  readonly createdAt: string;
}

export interface BrokerStats {
  readonly waiting: number;
  readonly delayed: number;
  readonly inFlight: number;
  readonly dead: number;
  readonly isRounded: boolean;
  readonly oldestSeconds: number | null;
}

export interface Message {
  readonly id: string;
  readonly body?: unknown;
  readonly bodyBase64?: string;
  readonly contentType: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly receiveCount: number;
  readonly sentAt: string;
  readonly state: string;
  readonly until: string | null;
  readonly deadLetter?: { readonly from: string; readonly reason: string; readonly description?: string; readonly at: string };
}
