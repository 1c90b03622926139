import type { TaskError } from '../../constants/events';
import type { TaskState } from '../../constants/states';
import type { AttemptRecord, LogLine } from '../task/history';
import type { PendingFollowUp } from '../task/followUps';
import type { TaskView } from '../task/taskView';
import type { TallyKey } from '../ports/queueTally';
import type { Step } from '../ports/stepStore';

/** Percentiles of times in milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** The numbers of tasks of a queue. Those that wait are parted by whether they are due. */
export interface QueueCountsNow {
  readonly waiting: number;
  readonly delayed: number;
  readonly running: number;
  readonly dead: number;
  readonly succeeded: number;
  readonly cancelled: number;
}

/** A queue as the overview shows it. */
export interface QueueRow {
  readonly name: string;
  readonly isPaused: boolean;
  /** Whether it is a queue of the broker. */
  readonly isBroker: boolean;
  /** Whether it is a FIFO queue of the broker, whose messages are no tasks: no search finds them. */
  readonly isFifo: boolean;
  readonly counts: QueueCountsNow;
  /** The counts at which counting stopped: there are more. */
  readonly atLeast: readonly (keyof QueueCountsNow)[];
  /** When it was counted. Where counting all queues takes long, each has its turn, and those first that have changed. */
  readonly countedAt: Date;
  /** How long the task has been due that waits the longest; null if none is due. */
  readonly oldestSeconds: number | null;
  /** Attempts that ended in a minute, of late. */
  readonly ratePerMinute: number;
  /** How long attempts of the last hour waited, and how long successful ones ran. */
  readonly wait: Percentiles | null;
  readonly run: Percentiles | null;
  /** Attempts that ended in each of the last thirty minutes, the oldest first. */
  readonly spark: readonly number[];
  /** Live processes with a worker that serves it and takes tasks. */
  readonly processes: number;
  /** Live processes with a worker that serves it and takes nothing more. */
  readonly draining: number;
}

/** What is wrong, or that nothing is. */
export interface HealthLine {
  readonly level: 'bad' | 'warn' | 'ok';
  readonly code: string;
  readonly text: string;
  /** Where it is shown, as a path of the page with its query; null if nowhere. */
  readonly link: string | null;
}

/** What ended in one minute. */
export interface MinuteRow {
  readonly at: Date;
  readonly succeeded: number;
  readonly failed: number;
  readonly retried: number;
  readonly dead: number;
  /** Tasks that were due at its end, as this server saw it; null where it did not look. */
  readonly waiting: number | null;
}

/** The state of all queues. */
export interface Overview {
  readonly now: Date;
  /** When the picture was taken, by the clock of the store. */
  readonly takenAt: Date;
  readonly health: readonly HealthLine[];
  readonly queues: readonly QueueRow[];
  readonly minutes: readonly MinuteRow[];
}

/** A task in a list. */
export interface TaskSummary {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly state: TaskState;
  /** True for a task that waits and is not due yet. */
  readonly isDelayed: boolean;
  readonly priority: number;
  readonly attempt: number;
  readonly failures: number;
  readonly maxRetries: number;
  readonly createdAt: Date;
  readonly availableAt: Date;
  readonly finishedAt: Date | null;
  /** How long the last attempt ran that is known of. */
  readonly durationMs: number | null;
  readonly workerId: string | null;
  readonly uniqueKey: string | null;
  readonly tags: readonly string[];
  readonly progress: unknown;
  readonly error: Pick<TaskError, 'name' | 'message' | 'code' | 'group'> | null;
  /** The beginning of the payload in one line. */
  readonly preview: string;
}

/** The fields of a task in which something may be hidden. */
export type HiddenField = 'payload' | 'result' | 'metadata' | 'progress' | 'error' | 'attempts' | 'log';

/** A task as a whole. */
export interface TaskDetail extends Omit<TaskSummary, 'error' | 'preview'> {
  readonly payload: unknown;
  readonly result: unknown;
  readonly metadata: unknown;
  readonly error: TaskError | null;
  readonly attempts: readonly AttemptRecord[];
  readonly log: readonly LogLine[];
  readonly deadline: Date | null;
  readonly settings: TaskView['settings'];
  readonly sleeps: TaskView['sleeps'];
  readonly lease: { readonly workerId: string; readonly expiresAt: Date } | null;
  readonly followUps: readonly PendingFollowUp[];
  /** The fields of which parts are hidden or cut off, because they look like secrets or are too long. */
  readonly hidden: readonly HiddenField[];
}

/** A step of a task, without its secrets. */
export interface ShownStep extends Omit<Step, 'value'> {
  readonly value: unknown;
  readonly isHidden: boolean;
}

/** All that is known of a task. */
export interface FoundTask {
  readonly task: TaskDetail;
  /** Why it is where it is. */
  readonly explanation: { readonly code: string; readonly text: string } | null;
  readonly steps: readonly ShownStep[];
}

/** The name of each count in a tally. */
export const TALLY_OF: Readonly<Record<keyof QueueCountsNow, TallyKey>> = {
  waiting: 'due',
  delayed: 'delayed',
  running: 'running',
  dead: 'dead',
  succeeded: 'succeeded',
  cancelled: 'cancelled',
};
