import type { Task } from '../task/task';

/** The lease of tasks that move from one store to another. It has no end: only a copy that goes on releases it. */
export interface TransitLease {
  /** Names the way of the tasks, so that a copy that was killed finds by `held` what it has begun; starts with `TRANSIT_PREFIX`. */
  readonly token: string;
  readonly workerId: string;
}

/** The port by which waiting tasks move to another store. */
export interface Transit {
  /** Puts waiting tasks that were not written to since they were read under a lease, so that nobody claims them; no attempt begins. */
  hold(tasks: readonly Pick<Task, 'id' | 'rev'>[], lease: TransitLease): Promise<void>;

  /** Adds tasks as they are, under a lease; leaves out those whose id or unique key is taken. What a copy took away may return. */
  place(tasks: readonly Task[], lease: TransitLease): Promise<void>;

  /** Makes tasks that are still under this lease wait, due when they were. */
  release(ids: readonly string[], token: string): Promise<void>;
}
