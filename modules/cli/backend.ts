import type { TaskOptions } from '../../config/optionTypes';
import type { TaskState } from '../../constants/states';
import type * as admin from '../admin/adminTypes';
import type { TaskAction } from '../admin/taskAction';
import type { BatchAction } from '../bulk/batchDecisions';
import type { PeekedMessage, QueueInfo, QueueStats } from '../broker/brokerTypes';
import type { BatchView } from '../bulk/batchRow';
import type { ProcessView } from '../roster/processRow';
import type { ScheduleView } from '../schedule/scheduleView';
import type { OnWire } from '../server/messageBody';
import type { FailureGroup } from '../statistics/failureView';
import type { BoundedCounts, StateCounts } from '../task/counts';
import type { Jsonified } from '../task/json';

/** What commands show: the JSON of the admin API, in which instants are ISO texts. A store and a server give the same. */
export type Overview = Jsonified<admin.Overview>;
export type QueueRow = Jsonified<admin.QueueRow>;
export type TaskSummary = Jsonified<admin.TaskSummary>;
export type TaskDetail = Jsonified<admin.TaskDetail>;
export type TaskStep = Jsonified<admin.ShownStep>;
export type ShownGroup = Jsonified<FailureGroup>;
export type ShownProcess = Jsonified<ProcessView>;
export type ShownBatch = Jsonified<BatchView>;
export type ShownSchedule = Jsonified<ScheduleView & { readonly isHidden: boolean }>;

export type ShownMessage = Jsonified<OnWire<PeekedMessage>>;

/** A queue of the broker with its counts. */
export type CountedQueue = Jsonified<{ readonly queue: QueueInfo; readonly stats: QueueStats }>;

/** The numbers of tasks by queue and state. A server stops counting at a bound. */
export type CountsByState = Readonly<Record<string, StateCounts & Partial<Pick<BoundedCounts, 'atLeast'>>>>;

/** When a schedule fires next; of a paused one, when it would. */
export interface NextTimes {
  readonly times: readonly string[];
  readonly paused: boolean;
}

/** A task with what is known about it. */
export interface FoundTask {
  readonly task: TaskDetail;
  readonly explanation: { readonly code: string; readonly text: string } | null;
  readonly steps: readonly TaskStep[];
}

/** What has become of a task. */
export interface ActedTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly state: TaskState | 'removed';
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

/** How far an action on many tasks has come. */
export interface BulkTold {
  readonly seen: number;
}

/** How an action on many tasks is followed and stopped. */
export interface Following {
  readonly tell: (told: BulkTold) => void;
  readonly signal: AbortSignal;
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
  search(text: string, page: { readonly limit: number; readonly after?: string }): Promise<TasksPage>;
  count(text: string): Promise<ShownCount>;
  act(action: TaskAction, id: string, queue: string | undefined): Promise<ActedTask>;
  startBatch(action: BatchAction, search: string): Promise<ShownBatch>;
  batch(id: string): Promise<ShownBatch>;
  /** Stops a batch, and returns it as it is then. */
  stopBatch(id: string): Promise<ShownBatch>;
  overview(): Promise<Overview>;
  /** Of the queues that have tasks. Messages of FIFO queues are no tasks. */
  countsByState(): Promise<CountsByState>;
  /** The queues of the broker, by name. */
  brokerQueues(): Promise<readonly CountedQueue[]>;
  /** The messages of a queue of the broker, newest first: a page of them. */
  messages(queue: string): Promise<readonly ShownMessage[]>;
  queues(): Promise<readonly QueueRow[]>;
  queue(name: string): Promise<QueueRow>;
  pause(queue: string): Promise<void>;
  resume(queue: string): Promise<void>;
  /** Returns the number of tasks that were removed, or that wait again. */
  purge(queue: string, states: readonly TaskState[], following: Following): Promise<number>;
  redrive(queue: string, following: Following): Promise<number>;
  failures(options: { readonly queue?: string; readonly name?: string; readonly limit: number }): Promise<readonly ShownGroup[]>;
  failure(group: string): Promise<ShownGroup>;
  processes(): Promise<readonly ShownProcess[]>;
  drain(id: string): Promise<void>;
  schedules(): Promise<readonly ShownSchedule[]>;
  putSchedule(id: string, options: Readonly<Record<string, unknown>>): Promise<ShownSchedule>;
  removeSchedule(id: string): Promise<void>;
  runSchedule(id: string): Promise<{ readonly taskId: string }>;
  pauseSchedule(id: string): Promise<void>;
  resumeSchedule(id: string): Promise<void>;
  nextTimes(id: string, count: number): Promise<NextTimes>;
  close(): Promise<void>;
}
