import type { Task } from '../task/task';
import type { CarriedSteps } from './stepStore';
import type { TaskKey } from './taskStore';

/** The lease of tasks in transit from one store to another. It never expires: only continuing the copy releases it. */
export interface TransitLease {
  /** A token made from both stores, so that a restarted copy finds by `held` what it began. It starts with `TRANSIT_PREFIX`. */
  readonly token: string;
  readonly workerId: string;
}

/** The port of moving waiting tasks to another store. */
export interface Transit {
  /** Leases waiting tasks so that nobody claims them, without starting an attempt. Tasks that were written to since they were read are left out. */
  hold(tasks: readonly Pick<Task, 'id' | 'queue' | 'rev'>[], lease: TransitLease): Promise<void>;

  /** Returns what the tasks among these carry of steps and signals, those that have any. */
  carried(tasks: readonly TaskKey[]): Promise<CarriedSteps[]>;

  /**
   * Inserts tasks as they are, under a lease, with their steps and signals. Tasks whose id or unique key is taken are left out. A task that a copy moved
   * away may return.
   */
  place(tasks: readonly Task[], lease: TransitLease, carried?: readonly CarriedSteps[]): Promise<void>;

  /** Returns tasks that are still under this lease to waiting, with their due times. */
  release(tasks: readonly TaskKey[], token: string): Promise<void>;
}
