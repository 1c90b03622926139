import type { Due } from '../task/task';
import type { HeldLease, TaskKey } from './taskStore';

/**
 * What a step has left: `step`, the result of a function; `sleep`, the end of a sleep; `wait`, an open wait for a signal; `signal`, what that wait took;
 * `timeout`, a wait that ended without one.
 */
export type StepKind = 'step' | 'sleep' | 'wait' | 'signal' | 'timeout';

/** A step that a task has recorded. */
export interface Step {
  /** The number of the step in its task, from 0, in the order in which steps were first written. */
  readonly at: number;
  readonly name: string;
  readonly kind: StepKind;
  /** JSON text: a result, or what came with a signal. Null if there is none. */
  readonly value: string | null;
  /** The end of a sleep, or of a wait with a time limit, by the store's clock. */
  readonly until: Date | null;
}

/** A write under a lease. */
interface LeasedWrite extends HeldLease {
  /** True to set the failures of the task to 0 with it. */
  readonly clears: boolean;
}

/** A step to be written under a lease. The store makes the end from its own time. */
export interface StepWrite extends LeasedWrite {
  readonly step: Omit<Step, 'until'> & { readonly end: Due | null };
}

/** A wait for a signal under a lease. */
export interface SignalRequest extends LeasedWrite {
  /** The number of the wait among the steps of its task. */
  readonly at: number;
  readonly name: string;
  /** The time limit of a wait that begins; null for none. */
  readonly timeoutMs: number | null;
}

/** A signal. Its id makes one that is sent again known. */
export interface Signal {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
}

/** The answer to a signal: kept; kept, and the task waits for it and is due; or refused, because the task is gone, has finished or has too many. */
export type SignalAnswer = 'kept' | 'woke' | 'missing' | 'finished' | 'full';

/** All that a task in transit to another store carries of its steps. */
export interface CarriedSteps {
  readonly id: string;
  readonly steps: readonly Step[];
  readonly signals: readonly Signal[];
  /** The signals that the task waits for, and the attempt that began to. */
  readonly awaits: { readonly attempt: number; readonly signals: readonly string[] } | null;
}

/**
 * The port of durable steps.
 *
 * Steps and signals belong to their task: they go when it is removed. What is written under a lease is written only while the lease holds. Every write
 * may be sent again.
 */
export interface StepStore {
  /** Returns the steps of a task in their order. */
  read(task: TaskKey): Promise<Step[]>;

  /** Writes each step in place of what its number has had, if its lease holds. Answers for each in order whether it was written. */
  record(writes: readonly StepWrite[]): Promise<boolean[]>;

  /**
   * Moves the oldest signal of a name into a wait, or begins the wait, which alone clears no failures. Returns the step as it is then; null if the lease
   * has ended.
   */
  take(request: SignalRequest): Promise<Step | null>;

  /** Keeps a signal for a live task, and makes the task due if it waits for one of that name. */
  signal(task: TaskKey, signal: Signal): Promise<SignalAnswer>;
}
