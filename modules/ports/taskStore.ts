import type { TaskState } from '../../constants/states';
import type { Change } from '../task/change';
import type { NewTask, Task, TaskHead } from '../task/task';
import type { Hint } from './hint';

/** A request for tasks. */
export interface ClaimRequest {
  /** The queues to claim from: the best priority of all first, and equal priorities in this order. */
  readonly queues: readonly string[];
  readonly limit: number;
  /** The most that is claimed of each of the queues, in their order; without it each may fill the limit. */
  readonly shares?: readonly number[];
  /** The worst priority that is claimed; without it all are. */
  readonly worst?: number;
  /** A fresh token for every claim. All leases of the claim have it. */
  readonly token: string;
  readonly workerId: string;
  /** The lease in milliseconds of tasks that name none. */
  readonly leaseMs: number;
  /**
   * The longest time that the claim may take, in milliseconds. It is looked at before every command. However a claim fails, it is carried out at most
   * this long after its failure, or one and a half times as long after it was asked for, whichever comes later.
   */
  readonly deadlineMs: number;
  /** True if a suspect may be claimed: this process runs none. */
  readonly alone: boolean;
  /** True if this process runs a suspect. This is stored with the leases. */
  readonly beside: boolean;
  /** Ids that must not be claimed: they may be waiting again although this process still runs them or has not settled them. */
  readonly except: readonly string[];
}

/** The answer to a claim: tasks that are no suspects, or, for a claim made alone, one suspect and nothing else. */
export interface Claim {
  readonly tasks: Task[];
  /** The id of a due suspect that was passed over, or null. */
  readonly suspect: string | null;
  /** The queue of that suspect. */
  readonly suspectIn?: string;
  /** What is left of the queues that were looked at, where several were: nothing better than this priority, or nothing due. */
  readonly left?: readonly LeftIn[];
}

/** What a claim has left in a queue: nothing better than this priority, or, if it is null, nothing that is due. */
export interface LeftIn {
  readonly queue: string;
  readonly priority: number | null;
}

/** A task as it is named to a store. The queue is the one that the task is in: it leads to the shard that has it. */
export interface TaskKey {
  readonly id: string;
  readonly queue: string;
}

/** A lease as a heartbeat names it: a pair of a task and a token. It is never named by its worker. */
export interface HeldLease extends TaskKey {
  readonly token: string;
}

/** The options of a renewal. */
export interface Renewal {
  /** True if a suspect starts to run with nothing beside it. This is stored with the lease. */
  readonly alone?: boolean;
  /** True if the tasks are about to run beside each other and one of them is a suspect. This is stored with the leases. */
  readonly beside?: boolean;
  /** The minimum time in milliseconds that each lease holds from now on, in place of its own length. */
  readonly ms?: number;
  /** True if each lease ends after that time even where it would have held longer. */
  readonly isExact?: boolean;
  /** The count of failures that is written because the attempts have passed their time limits. Their leases say so from then on. */
  readonly failures?: number;
}

/**
 * The condition under which a change is applied: the task is under this lease, this lease was not renewed since it was read, or the task was not
 * written to since it was read in this state.
 */
export type Guard =
  { readonly token: string } | { readonly token: string; readonly expiresAt: Date } | { readonly state: TaskState; readonly rev: number };

/** A change to one task. `by` identifies a settlement that is sent again. */
export interface Settlement extends TaskKey {
  /** The `place` of the claimed task, if the claim gave one. */
  readonly place?: number | undefined;
  readonly guard: Guard;
  readonly change: Change;
  readonly by: string;
}

/**
 * The answer to a settlement: `applied`, also if an earlier sending of the same settlement was; `lost`, if the guard no longer holds; `clash`, if
 * another live task has its unique key, so that the task cannot become live again; `unknown`, if the store did not answer for this one and did for
 * others of the batch. It may be sent again.
 */
export type SettleAnswer = 'applied' | 'lost' | 'clash' | 'unknown';

/** The result of an insert: the task was added, or nothing was written because the task or its unique key was already there. */
export interface Inserted {
  /** The id of the added task, or of the live task with its unique key. */
  readonly id: string;
  /** True if the task was added; false if a live task had its unique key. */
  readonly added: boolean;
}

/** Asks for the heads of tasks instead of whole tasks: payloads, results, errors and progress reports are not read. */
export type Part = 'head';

/** A request for the tasks under a token. */
export interface HeldRequest {
  readonly token: string;
  /** The queues of the claim; all if left out. */
  readonly queues?: readonly string[];
  readonly part?: Part;
}

/** A request for a page of tasks: newest first, continued from the id `after`. */
export interface ListRequest {
  readonly queue: string;
  readonly states?: readonly TaskState[];
  readonly name?: string;
  readonly tag?: string;
  /** Only tasks whose last failure is of this group. */
  readonly failureGroup?: string;
  readonly limit: number;
  readonly after?: string;
  readonly part?: Part;
}

/**
 * A page of tasks. It ends at the limit of its request, or before that, maybe even without a task, where its answer would be too large or enough other
 * tasks were looked at.
 */
export interface Page<T = Task> {
  readonly tasks: T[];
  /** The `after` of the next page; null if there is certainly nothing after this one. */
  readonly next: string | null;
}

/** The number of tasks by queue and state. */
export type QueueCounts = Record<string, Record<TaskState, number>>;

/** Stops a watch. */
export type Unwatch = () => void;

/**
 * The lease port: everything that Holdfast asks of a database.
 *
 * A store applies changes by its own clock and decides nothing. Any call may fail although it was carried out. So insert and settle are idempotent
 * and may be sent again; a claim never is. Settlements and renewals go by pairs of task and token: a batch may hold tokens of many holders, and name
 * a task several times. It is then carried out in order.
 *
 * Every call names the queues of its tasks, except reads that are meant for all.
 */
export interface TaskStore {
  /**
   * Inserts the tasks that are not there yet, and answers for each in order. A task that is there, even a finished one, is left unchanged.
   *
   * @param session a transaction of the caller's to insert in. Errors of the database are then thrown unchanged.
   * @throws HOLDFAST_SESSION_UNUSABLE
   */
  insert(tasks: readonly NewTask[], session?: unknown): Promise<Inserted[]>;

  /**
   * Moves due tasks from waiting to running, in order of priority and due time, each with `attempt` + 1 and a lease. Of one queue it returns fewer than
   * `limit` if it found no more, or if the answer would be too large. Of several it takes nothing that is worse than what a queue may still have
   * behind its share.
   */
  claim(request: ClaimRequest): Promise<Claim>;

  /**
   * Returns the running tasks under a token. This shows the result of a claim that was not answered.
   *
   * Of tasks so large that no claim could have taken them together, as those of a copy may be, it returns the first ones.
   */
  held(request: HeldRequest & { readonly part: Part }): Promise<TaskHead[]>;
  held(request: HeldRequest): Promise<Task[]>;

  /**
   * Extends leases, and shortens them only where the renewal says so, or where the store's clock has gone back: no renewed lease ends later than its
   * length, or what it was extended by, from now. Answers for each in order whether it still holds.
   */
  renew(leases: readonly HeldLease[], renewal?: Renewal): Promise<boolean[]>;

  /** Applies each change whose guard holds, and answers for each in order. It fails only if it has an answer for none. */
  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]>;

  /**
   * Returns the heads of running tasks whose lease has expired by the store's clock, the oldest first, whatever their namespace.
   *
   * @param inTurn returns none if another process has just looked and a look is expensive.
   * @param skip the number of older ones to pass over, because they cannot be taken back now.
   */
  expired(limit: number, inTurn?: boolean, skip?: number): Promise<TaskHead[]>;

  /**
   * Returns a task of a queue by its id, or null.
   *
   * @param queue null for whichever queue the task is in.
   */
  find(queue: string | null, id: string, part: Part): Promise<TaskHead | null>;
  find(queue: string | null, id: string): Promise<Task | null>;

  /** Returns one page of tasks. */
  list(request: ListRequest & { readonly part: Part }): Promise<Page<TaskHead>>;
  list(request: ListRequest): Promise<Page>;

  /** Counts tasks by queue in these states. Live states cost an index scan, finished ones may cost a full scan. */
  counts(states: readonly TaskState[]): Promise<QueueCounts>;

  /**
   * Returns the milliseconds until the next waiting task of these queues is due: 0 if one is due, null if there is none. It is one read, whatever
   * their number.
   *
   * @param queues names, and patterns such as `mail.*` and `*`.
   * @param except queues that are left out.
   */
  nextDueMs(queues: readonly string[], except?: readonly string[]): Promise<number | null>;

  /** Deletes finished tasks past their retention, if the database does not do so itself. Returns how many: fewer than the limit where many would take long, and 0 once none is left. */
  prune(limit: number): Promise<number>;

  /** Calls back when tasks may be due, now or later, that another process has written; absent if the database has no such hint. */
  watch?(onHint: (hint: Hint) => void): Unwatch;
}
