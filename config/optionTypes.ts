/** The types of the tables in config/options.ts and config/eventOptions.ts, made by `npx gulp docs`; a test holds the two together. */

/** The delay before a failed task is tried again: the same each time, one that doubles between two bounds, or a function of the worker. */
export type Backoff =
  | {
      readonly type: 'fixed';
      /** The delay before every retry. (integer, 0 to 3153600000000 ms) */
      readonly delayMs: number;
    }
  | {
      readonly type: 'exponential';
      /**
       * The bound of the first delay, which is random from 0 up to it (full jitter). The bound doubles with each failure, until it is maxMs.
       * (integer, 0 to 3153600000000 ms; by default `1000`)
       */
      readonly minMs?: number;
      /** The highest bound: no delay is longer. (integer, 0 to 3153600000000 ms; by default `3600000`) */
      readonly maxMs?: number;
    }
  | {
      readonly type: 'custom';
      /** The name of one of the `backoffs` of the worker. (string, 1 to 128 characters) */
      readonly name: string;
    };

/** How long a finished task is kept, by its state. */
export interface Retention {
  /** How long a succeeded task is kept with its result; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `86400000`) */
  readonly succeededMs: number;
  /** How long a cancelled task is kept; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `86400000`) */
  readonly cancelledMs: number;
  /**
   * How long a dead task is kept with its error, to be redriven; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `15552000000`)
   */
  readonly deadMs: number;
}

/** Options of one task, at `queue.add`. */
export interface TaskOptions {
  /** How long from now the task becomes due. Not together with runAt. (integer, 0 to 3153600000000 ms) */
  readonly delayMs?: number;
  /** Due at this instant of the store clock. Not together with delayMs. */
  readonly runAt?: Date;
  /** The order of claims: 0 runs first. (integer, 0 to 9; by default `0`) */
  readonly priority?: number;
  /**
   * After this many failures the task is dead: with 3, a task that has failed three times is not tried again. (integer, 1 to 1000; by default `3`)
   */
  readonly maxRetries?: number;
  /** The delay before a failed attempt is followed by another; by default exponential. */
  readonly backoff?: Backoff;
  /** A handler that runs longer has failed; its signal fires. Without it: no limit. (integer, 1 to 2592000000 ms) */
  readonly timeoutMs?: number;
  /** The lease of each attempt, instead of that of the worker. (integer, 200 to 43200000 ms) */
  readonly leaseMs?: number;
  /** How long it is kept after its end. */
  readonly retention?: Partial<Retention>;
  /** While a task of the queue with this key waits or runs, adding another writes nothing and returns that one. (string, 1 to 256 characters) */
  readonly uniqueKey?: string;
  /** Start by: a task that no worker began by this instant of the store clock is dead. It must lie ahead, and not before runAt. */
  readonly deadline?: Date;
  /** Words to find the task by, in `queue.list({ tag })`. */
  readonly tags?: string[];
  /** Plain data that is kept beside the payload, at most 16 KiB of JSON. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Options of a batch handler, at `worker.handleBatch`. */
export interface BatchOptions {
  /** The most tasks of one call. A batch holds the tasks that can start together; it is never waited for. (integer, 1 to 1000; by default `100`) */
  readonly size: number;
}

/** Options of a worker as they are resolved: what `new Worker` takes is `WorkerArguments`. */
export interface WorkerOptions {
  /** The queues it serves, all alike. */
  readonly queues: string[];
  /** An async function for each task name. */
  readonly handlers: Record<string, (context: never) => unknown>;
  /** Back-off functions by name, for tasks whose backoff is { type: "custom", name }; each returns milliseconds. */
  readonly backoffs: Record<string, (failures: number, error: { name: string; message: string }) => number>;
  /** How many tasks run at once. (integer, 1 to 10000; by default `10`; environment variable `HOLDFAST_MAX_CONCURRENCY`) */
  readonly maxConcurrency: number;
  /**
   * How many tasks to claim beyond the free slots, for handlers that take milliseconds. They wait in this worker, under lease, so that a free slot
   * need not wait for a claim; no other worker can take them. (integer, 0 to 10000; by default `0`; environment variable `HOLDFAST_PREFETCH`)
   */
  readonly prefetch: number;
  /**
   * How long a task is held before another worker may take it, renewed at a third of it. (integer, 200 to 43200000 ms; by default `30000`;
   * environment variable `HOLDFAST_LEASE_MS`)
   */
  readonly leaseMs: number;
  /**
   * How long stop() lets running handlers end before their signals fire. (integer, 0 to 86400000 ms; by default `25000`; environment variable
   * `HOLDFAST_GRACE_PERIOD_MS`)
   */
  readonly gracePeriodMs: number;
  /** How long a worker that finds nothing waits before it asks again. */
  readonly pollInterval: {
    /** The wait after the first empty claim. (integer, 1 to 3600000 ms; by default `20`; environment variable `HOLDFAST_POLL_MIN_MS`) */
    readonly minMs: number;
    /** The wait after many empty claims. (integer, 1 to 3600000 ms; by default `1000`; environment variable `HOLDFAST_POLL_MAX_MS`) */
    readonly maxMs: number;
  };
  /** Whether currentTask() knows the task inside of its handler; it costs one to two microseconds a task before Node.js 24. (by default `true`) */
  readonly tracksCurrentTask: boolean;
  /** Names the worker in leases and events; by default host, process and a random part. (string, 1 to 128 characters) */
  readonly workerId?: string;
}

/** Options of `openStore`. */
export interface StoreOptions {
  /**
   * mongodb://…, mongodb+srv://…, sqlite:./path or sqlite::memory: (string, 1 to 4096 characters; by default `"sqlite:./data/holdfast.db"`;
   * environment variable `HOLDFAST_URL`)
   */
  readonly url: string;
  /**
   * The longest wait for one answer of the store; keep it under a third of the lease. (integer, 100 to 3600000 ms; by default `5000`; environment
   * variable `HOLDFAST_CALL_TIMEOUT_MS`)
   */
  readonly callTimeoutMs: number;
  /**
   * One of several environments in a database: its queues are its own, whatever their names. (string, 1 to 64 characters; environment variable
   * `HOLDFAST_NAMESPACE`)
   */
  readonly namespace?: string;
  /**
   * full: MongoDB w: majority, j: true; SQLite synchronous=FULL. relaxed: w: 1 and NORMAL; a power cut may lose what was acknowledged last. (by
   * default `"full"`; environment variable `HOLDFAST_DURABILITY`)
   */
  readonly durability: 'full' | 'relaxed';
}

/** Filters and paging of `queue.list`. */
export interface ListOptions {
  /** Only tasks in one of these states. */
  readonly states?: ('waiting' | 'running' | 'succeeded' | 'dead' | 'cancelled')[];
  /** Only tasks of this name. (string, 1 to 128 characters) */
  readonly name?: string;
  /** Only tasks that carry this tag. (string, 1 to 128 characters) */
  readonly tag?: string;
  /** Tasks on one page. (integer, 1 to 1000; by default `50`) */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
}

/** Which tasks `queue.purge` removes. */
export interface PurgeOptions {
  /** The states whose tasks are removed. (by default `["waiting"]`) */
  readonly states: ('waiting' | 'succeeded' | 'dead' | 'cancelled')[];
}

/** What to do with an occurrence while the last one goes on. */
export type Overlap = 'allow' | 'skip';

/** What to do with occurrences that were missed. */
export type Misfire = 'skip' | 'one' | 'all';

/** A schedule that is stored by `scheduler.upsert`, as it is resolved. */
export interface ScheduleOptions {
  /**
   * A cron expression of five fields, or of six with seconds first, or a nickname such as `@daily`. One of cron, everyMs and at is given. (string, 1
   * to 256 characters)
   */
  readonly cron?: string;
  /** A fixed interval, from startAt or from when the schedule was first stored. (integer, 1000 to 3153600000000 ms) */
  readonly everyMs?: number;
  /** One date; one that has passed when the schedule is first stored does not fire. */
  readonly at?: Date;
  /** The IANA time zone of the cron expression. (string, 1 to 64 characters; by default `"UTC"`) */
  readonly timeZone: string;
  /** No occurrence before this instant. */
  readonly startAt?: Date;
  /** No occurrence after this instant. */
  readonly endAt?: Date;
  /** Each task is due up to this much later than its occurrence, always the same for one occurrence. (integer, 0 to 86400000 ms; by default `0`) */
  readonly jitterMs: number;
  /**
   * What to do with an occurrence while the task of the last one still waits or runs: add its task all the same, or skip it. (by default `"allow"`)
   */
  readonly overlap: 'allow' | 'skip';
  /**
   * What to do with occurrences that were missed while no process could fire them: skip them, one task for all, or a task for each. (by default
   * `"one"`)
   */
  readonly misfire: 'skip' | 'one' | 'all';
  /** With misfire all: at most this many, the latest. (integer, 1 to 1000; by default `100`) */
  readonly misfireLimit: number;
  /** An occurrence that could not be fired for this long was missed. (integer, 1000 to 86400000 ms; by default `10000`) */
  readonly misfireAfterMs: number;
  /** The queue that its tasks are added to. (string, 1 to 128 characters) */
  readonly queue: string;
  /** The name of its tasks; by default that of the queue. (string, 1 to 128 characters) */
  readonly name?: string;
  /** What each task carries. */
  readonly payload?: unknown;
  /** Options of its tasks, as in queue.add. */
  readonly options?: Omit<TaskOptions, 'delayMs' | 'runAt' | 'uniqueKey' | 'deadline'>;
}

/** The schedule of an event, as it is resolved. */
export interface RepeatOptions {
  /**
   * A cron expression of five fields, or of six with seconds first, or a nickname such as `@daily`. One of cron, everyMs and at is given. (string, 1
   * to 256 characters)
   */
  readonly cron?: string;
  /** A fixed interval, from startAt or from when the schedule was first stored. (integer, 1000 to 3153600000000 ms) */
  readonly everyMs?: number;
  /** One date; one that has passed when the schedule is first stored does not fire. */
  readonly at?: Date;
  /** The IANA time zone of the cron expression. (string, 1 to 64 characters; by default `"UTC"`) */
  readonly timeZone: string;
  /** No occurrence before this instant. */
  readonly startAt?: Date;
  /** No occurrence after this instant. */
  readonly endAt?: Date;
  /** Each task is due up to this much later than its occurrence, always the same for one occurrence. (integer, 0 to 86400000 ms; by default `0`) */
  readonly jitterMs: number;
  /**
   * What to do with an occurrence while the task of the last one still waits or runs: add its task all the same, or skip it. (by default `"allow"`)
   */
  readonly overlap: 'allow' | 'skip';
  /**
   * What to do with occurrences that were missed while no process could fire them: skip them, one task for all, or a task for each. (by default
   * `"one"`)
   */
  readonly misfire: 'skip' | 'one' | 'all';
  /** With misfire all: at most this many, the latest. (integer, 1 to 1000; by default `100`) */
  readonly misfireLimit: number;
  /** An occurrence that could not be fired for this long was missed. (integer, 1000 to 86400000 ms; by default `10000`) */
  readonly misfireAfterMs: number;
  /** What each event carries; checked by the schema when the event starts. */
  readonly payload: unknown;
}

/** How finished events are removed. */
export interface EventRetention {
  /** How long a succeeded task is kept with its result; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `86400000`) */
  readonly succeededMs?: number;
  /** How long a cancelled task is kept; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `86400000`) */
  readonly cancelledMs?: number;
  /**
   * How long a dead task is kept with its error, to be redriven; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `15552000000`)
   */
  readonly deadMs?: number;
  /** Keep only this many succeeded tasks, beside the limit of their age. (integer, 0 to 1000000 tasks) */
  readonly succeededLast?: number;
  /** Keep only this many cancelled tasks, beside the limit of their age. (integer, 0 to 1000000 tasks) */
  readonly cancelledLast?: number;
  /** Keep only this many dead tasks, beside the limit of their age. (integer, 0 to 1000000 tasks) */
  readonly deadLast?: number;
}

/** Options of an EventHub. */
export interface HubOptions {
  /** Whether SIGINT and SIGTERM stop the hub and close its store; a second one does not wait for handlers. (by default `true`) */
  readonly signals: boolean;
}
