import type { ServerKind } from '../servers/server';
import type { MessageServers } from './messageServer';

/** The payload of every task: about 120 bytes as JSON. */
export interface Payload {
  readonly index: number;
  /** The intended instant of the add, in milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** A task that a work adds. It has no retries: a failure is its end. */
export interface Job {
  readonly payload: Payload;
  /** True to keep the task with its result after success. Otherwise the system removes it, or does what comes nearest. */
  readonly keep?: boolean;
  readonly delayMs?: number;
  readonly priority?: number;
}

/** What a handler gets of a system that has durable steps. */
export interface StepContext {
  /** Runs a function once and records its result with the task. */
  readonly step: (name: string, run: () => object) => Promise<object>;
}

/** The settings of a worker. */
export interface WorkerAsk {
  readonly maxConcurrency: number;
  /** True if tasks are kept with the handler's result. */
  readonly keep: boolean;
  readonly handler: (payload: Payload, context?: StepContext) => unknown;
  /** Called when the database has recorded this many more outcomes. */
  readonly onSettled: (count: number) => void;
  /** The queues to serve, for works that have several. */
  readonly queues?: readonly string[];
  /** A fixed poll interval, for works that measure polling; by default that of the system. */
  readonly pollMs?: number;
}

/** A running worker. */
export interface Working {
  stop(): Promise<unknown>;
}

/** The adding to a queue. */
export interface Adds {
  add(job: Job): Promise<unknown>;
  /** Undefined if the system has no bulk add. */
  addMany?(jobs: readonly Job[]): Promise<unknown>;
}

/** A system opened on a database, in the measuring process. */
export interface Client extends Adds {
  /** Returns the adding to another queue, if the system supports a work that has several. */
  addsTo?(queue: string): Adds;
  work(ask: WorkerAsk): Promise<Working>;
  /** Starts servers in processes of their own, if the system is measured over HTTP. */
  readonly messages?: MessageServers;
  close(): Promise<void>;
}

/** A measured system. A new one needs one file and a line in `all.ts`. */
export interface System {
  readonly name: string;
  readonly server: ServerKind;
  /** The settings that differ from the defaults. The results list them. */
  readonly settings: string;
  /** Used by works that name none. */
  readonly maxConcurrency?: number;
  /** The works that the system supports; by default all. */
  readonly works?: readonly string[];
  /** Maximum number of tasks in a run, for a system on which more would take minutes. */
  readonly mostTasks?: number;
  /** True if it is installed from `bench/peers` on demand. */
  readonly isPeer?: boolean;
  /** Opens the queue of the measurements, or another one that no worker serves, if the system supports a work that asks for it. */
  open(url: string, queue?: string): Promise<Client>;
}
