import type { TaskState } from '../../constants/states';
import type { Change } from '../task/change';
import type { NewTask, Task } from '../task/task';

/** A request for tasks. */
export interface ClaimRequest {
  /** The queues to claim from, in this order. */
  readonly queues: readonly string[];
  readonly limit: number;
  /** A fresh token for every claim. All leases of the claim have it. */
  readonly token: string;
  readonly workerId: string;
  /** The lease in milliseconds of tasks that name none. */
  readonly leaseMs: number;
  /** The longest time that the server may work on the claim, in milliseconds. */
  readonly deadlineMs: number;
  /** True if nothing else runs in this process: a suspect may be claimed. */
  readonly alone: boolean;
  /** Ids that must not be claimed: they may be waiting again although this process still runs them or has not settled them. */
  readonly except: readonly string[];
}

/** The answer to a claim: tasks that are no suspects, or, for a claim made alone, one suspect and nothing else. */
export interface Claim {
  readonly tasks: Task[];
  /** The id of a due suspect that was passed over, or null. */
  readonly suspect: string | null;
}

/** A lease as a heartbeat names it. It is never named by its worker. */
export interface HeldLease {
  readonly id: string;
  readonly token: string;
}

/** The options of a renewal. */
export interface Renewal {
  /** True if a suspect starts to run with nothing beside it. This is stored with the lease. */
  readonly alone?: boolean;
  /** The minimum time in milliseconds that each lease holds from now on, in place of its own length. */
  readonly ms?: number;
}

/**
 * The condition under which a change is applied: the task is under this lease, this lease was not renewed since it was read, or the task was not
 * written to since it was read in this state.
 */
export type Guard =
  { readonly token: string } | { readonly token: string; readonly expiresAt: Date } | { readonly state: TaskState; readonly rev: number };

/** A change to one task. `by` identifies a settlement that is sent again. */
export interface Settlement {
  readonly id: string;
  /** The `place` of the claimed task, if the claim gave one. */
  readonly place?: number | undefined;
  readonly guard: Guard;
  readonly change: Change;
  readonly by: string;
}

/**
 * The answer to a settlement: `applied`, also if an earlier sending of the same settlement was; `lost`, if the guard no longer holds; `clash`, if
 * another live task has its unique key, so that the task cannot become live again.
 */
export type SettleAnswer = 'applied' | 'lost' | 'clash';

/** The result of an insert: the task was added, or nothing was written because the task or its unique key was already there. */
export interface Inserted {
  /** The id of the added task, or of the live task with its unique key. */
  readonly id: string;
  /** True if the task was added; false if a live task had its unique key. */
  readonly added: boolean;
}

/** A request for a page of tasks: newest first, continued from the id `after`. */
export interface ListRequest {
  readonly queue: string;
  readonly states?: readonly TaskState[];
  readonly name?: string;
  readonly tag?: string;
  readonly limit: number;
  readonly after?: string;
}

/** The number of tasks by queue and state. */
export type QueueCounts = Record<string, Record<TaskState, number>>;

/** Stops a watch. */
export type Unwatch = () => void;

/**
 * The lease port: everything that Holdfast asks of a database.
 *
 * A store applies changes by its own clock and decides nothing. Any call may fail although it was carried out. So insert and settle are idempotent
 * and may be sent again; a claim never is. A batch never names one id twice. The tokens of one batch of settlements or heartbeats belong to one
 * process, which holds no id under two of them.
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
   * Moves due tasks from waiting to running, in order of priority and due time, each with `attempt` + 1 and a lease. It returns fewer than `limit` if
   * it found no more.
   */
  claim(request: ClaimRequest): Promise<Claim>;

  /** Returns the running tasks under a token. This shows the result of a claim that was not answered. */
  held(token: string): Promise<Task[]>;

  /** Extends leases, never shortens them. Returns the ids of the leases that still hold. */
  renew(leases: readonly HeldLease[], renewal?: Renewal): Promise<string[]>;

  /** Applies each change whose guard holds, and answers for each in order. */
  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]>;

  /**
   * Returns running tasks whose lease has expired by the store's clock.
   *
   * @param inTurn returns none if another process has just looked and a look is expensive.
   */
  expired(limit: number, inTurn?: boolean): Promise<Task[]>;

  /** Returns the task of an id, or null. */
  find(id: string): Promise<Task | null>;

  /** Returns one page of tasks. */
  list(request: ListRequest): Promise<Task[]>;

  /** Counts tasks by queue in these states. Live states cost an index scan, finished ones may cost a full scan. */
  counts(states: readonly TaskState[]): Promise<QueueCounts>;

  /** Returns the milliseconds until the next waiting task of these queues is due: 0 if one is due, null if there is none. */
  nextDueMs(queues: readonly string[]): Promise<number | null>;

  /** Deletes finished tasks past their retention, if the database does not do so itself. Returns how many. */
  prune(limit: number): Promise<number>;

  /** Calls back, as a hint, when another process may have written; absent if the database has no such hint. */
  watch?(onChange: () => void): Unwatch;
}
