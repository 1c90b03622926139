import type { TaskState } from '../../constants/states';
import type { Change } from '../task/change';
import type { NewTask, Task } from '../task/task';

/** Parameters of a claim. */
export interface ClaimRequest {
  /** The queues to claim from, in this order. */
  readonly queues: readonly string[];
  readonly limit: number;
  /** Fresh for every claim, and with it for every lease that the claim gives. */
  readonly token: string;
  readonly workerId: string;
  /** The lease of tasks that name none of their own, in milliseconds. */
  readonly leaseMs: number;
  /** The longest that the server may work on it, in milliseconds. */
  readonly deadlineMs: number;
  /** Nothing else runs in this process, so a suspect may be claimed. */
  readonly alone: boolean;
  /** Ids that may be waiting again although this process still runs them or has not settled them: not to be claimed. */
  readonly except: readonly string[];
}

/** The answer to a claim: tasks that are no suspects, or, where it was made alone, one suspect and nothing else. */
export interface Claim {
  readonly tasks: Task[];
  /** The id of a suspect that is due and was passed over, or null. */
  readonly suspect: string | null;
}

/** A lease as a heartbeat names it: never by its worker. */
export interface HeldLease {
  readonly id: string;
  readonly token: string;
}

/** Options of a renewal. */
export interface Renewal {
  /** A suspect begins to run with nothing beside it; noted with the lease. */
  readonly alone?: boolean;
  /** Shortest time from now that each lease holds, in milliseconds; by default its own length. */
  readonly ms?: number;
}

/**
 * The condition under which a change is applied: the task is under this lease, this lease was not renewed since it was read, or the task was not
 * written to since it was read in this state.
 */
export type Guard =
  { readonly token: string } | { readonly token: string; readonly expiresAt: Date } | { readonly state: TaskState; readonly rev: number };

/** A change to one task. `by` names its writer, by which a settlement that is sent again is known. */
export interface Settlement {
  readonly id: string;
  /** That of the task as its claim gave it, where it gave one. */
  readonly place?: number | undefined;
  readonly guard: Guard;
  readonly change: Change;
  readonly by: string;
}

/**
 * `applied`, also where an earlier sending of the same settlement was; `lost`: the guard no longer holds; `clash`: another live task has its
 * unique key, so that it cannot be live again.
 */
export type SettleAnswer = 'applied' | 'lost' | 'clash';

/** The answer to an insert: the task was added, or nothing was written because a live task has its unique key. */
export interface Inserted {
  /** The id of the task that was added, or of the live one. */
  readonly id: string;
  /** False where a live task had its unique key. */
  readonly added: boolean;
}

/** Which tasks to list: newest first, on from the id `after`. */
export interface ListRequest {
  readonly queue: string;
  readonly states?: readonly TaskState[];
  readonly name?: string;
  readonly tag?: string;
  readonly limit: number;
  readonly after?: string;
}

/** Tasks of each queue by state. */
export type QueueCounts = Record<string, Record<TaskState, number>>;

/** Stops a watch. */
export type Unwatch = () => void;

/**
 * The lease port: everything that Holdfast asks of a database.
 *
 * A store applies changes, in its own time, and decides nothing. Any call may fail with "perhaps it happened": insert and
 * settle are idempotent and may be sent again, a claim never is. A batch never names one id twice, and the tokens of one batch of
 * settlements or heartbeats belong to one process, which holds no id under two of them.
 */
export interface TaskStore {
  /**
   * Adds tasks that are not there yet, and answers each in order; one that is, even finished, stays as it is.
   *
   * @param session a transaction of the caller's, in which it happens; errors of the database are then thrown as they are.
   * @throws HOLDFAST_SESSION_UNUSABLE
   */
  insert(tasks: readonly NewTask[], session?: unknown): Promise<Inserted[]>;

  /** Moves due tasks from waiting to running, best first, each with `attempt` + 1 and a lease; fewer than `limit` when no more were found. */
  claim(request: ClaimRequest): Promise<Claim>;

  /** Returns the running tasks under a token: what became of a claim that was not answered. */
  held(token: string): Promise<Task[]>;

  /** Moves the ends of leases on, never back; returns the ids of those that still hold. */
  renew(leases: readonly HeldLease[], renewal?: Renewal): Promise<string[]>;

  /** Applies each change whose guard holds, and answers each in order. */
  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]>;

  /**
   * Returns running tasks whose lease is over by the store's clock.
   *
   * @param inTurn none where another process has just looked and a look is dear.
   */
  expired(limit: number, inTurn?: boolean): Promise<Task[]>;

  /** Returns a task by its id, or null. */
  find(id: string): Promise<Task | null>;

  /** Returns one page of tasks. */
  list(request: ListRequest): Promise<Task[]>;

  /** Counts tasks by queue, in these states; the live ones cost an index scan, finished ones may cost a scan of all. */
  counts(states: readonly TaskState[]): Promise<QueueCounts>;

  /** Returns in how many milliseconds the next waiting task of these queues is due, 0 for one that is due, null for none. */
  nextDueMs(queues: readonly string[]): Promise<number | null>;

  /** Deletes finished tasks whose time is over, where the database does not by itself; returns how many. */
  prune(limit: number): Promise<number>;

  /** Calls back when another process may have written, as a hint; absent where the database has none. */
  watch?(onChange: () => void): Unwatch;
}
