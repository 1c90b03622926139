import type { ServerKind } from '../servers/server';

/** The payload of every task: about 120 bytes as JSON. */
export interface Payload {
  readonly index: number;
  /** When it was meant to be added, in milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** One task as a work asks for it. Nothing is tried twice: a failure is the end of a task. */
export interface Job {
  readonly payload: Payload;
  /** Kept with its result after it succeeded; else removed, or what is nearest to that in the system. */
  readonly keep?: boolean;
  readonly delayMs?: number;
  readonly priority?: number;
}

/** The settings that a worker is asked for. */
export interface WorkerAsk {
  readonly maxConcurrency: number;
  /** Tasks are kept with what the handler returns. */
  readonly keep: boolean;
  readonly handler: (payload: Payload) => unknown;
  /** Called when the database has recorded the outcomes of so many more tasks. */
  readonly onSettled: (count: number) => void;
  /** A fixed poll interval, for what measures polling; else that of the system. */
  readonly pollMs?: number;
}

/** A worker that runs. */
export interface Working {
  stop(): Promise<unknown>;
}

/** A system opened on a database, in the process that measures. */
export interface Client {
  add(job: Job): Promise<unknown>;
  /** Left out where the system has no bulk add. */
  addMany?(jobs: readonly Job[]): Promise<unknown>;
  work(ask: WorkerAsk): Promise<Working>;
  close(): Promise<void>;
}

/** Something that is measured. A new one is one file and a line in `all.ts`. */
export interface System {
  readonly name: string;
  readonly server: ServerKind;
  /** The settings that differ from the defaults. They are told with the results. */
  readonly settings: string;
  /** Its own where a work names none. */
  readonly maxConcurrency?: number;
  /** The works that it can do; all where it is left out. */
  readonly works?: readonly string[];
  /** The most tasks of a run, where it is so slow that more would take minutes. */
  readonly mostTasks?: number;
  /** Installed from `bench/peers` on demand. */
  readonly isPeer?: boolean;
  open(url: string): Promise<Client>;
}
