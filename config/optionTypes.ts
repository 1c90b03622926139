/** The types of the tables in config/options.ts and config/eventOptions.ts, made by `npx gulp docs`; a test holds the two together. */

/** The delay before a failed task is tried again: the same each time, one that doubles between two bounds, or a function of the worker. */
export type Backoff =
  | {
      readonly type: 'fixed';
      /** Delay before every retry. (integer, 0 to 3153600000000 ms) */
      readonly delayMs: number;
    }
  | {
      readonly type: 'exponential';
      /**
       * Upper bound of the first delay. The delay is random from 0 up to the bound (full jitter), and the bound doubles with each failure up to
       * maxMs. (integer, 0 to 3153600000000 ms; by default `1000`)
       */
      readonly minMs?: number;
      /** Longest delay. (integer, 0 to 3153600000000 ms; by default `3600000`) */
      readonly maxMs?: number;
    }
  | {
      readonly type: 'custom';
      /** Name of a function in the `backoffs` of the worker. (string, 1 to 128 characters) */
      readonly name: string;
    };

/** Maximum age of finished tasks, by state. */
export interface Retention {
  /**
   * Maximum age of a succeeded task, counted from its end. It is kept with its result; 0 removes it at once. (integer, 0 to 3153600000000 ms; by
   * default `86400000`)
   */
  readonly succeededMs: number;
  /** Maximum age of a cancelled task, counted from its end; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `86400000`) */
  readonly cancelledMs: number;
  /**
   * Maximum age of a dead task, counted from its end. It is kept with its error and can be redriven; 0 removes it at once. (integer, 0 to
   * 3153600000000 ms; by default `15552000000`)
   */
  readonly deadMs: number;
}

/** Options of one task, at `queue.add`. */
export interface TaskOptions {
  /** Delay before the task is due. Not together with runAt. (integer, 0 to 3153600000000 ms) */
  readonly delayMs?: number;
  /**
   * Date at which the task is due, by the clock of the store. One that has passed counts as the time at which the task is added. Not together with
   * delayMs.
   */
  readonly runAt?: Date;
  /** Order of claims: 0 runs first. (integer, 0 to 9; by default `0`) */
  readonly priority?: number;
  /**
   * Number of failures after which the task is dead. It counts failures, the first included, so 3 means three attempts: the first and two more.
   * (integer, 1 to 1000; by default `3`)
   */
  readonly maxRetries?: number;
  /** Delay between a failed attempt and the next one; by default exponential. */
  readonly backoff?: Backoff;
  /**
   * Time limit of the handler. After it the attempt has failed and the signal of the handler fires; by default there is no limit. (integer, 1 to
   * 2592000000 ms)
   */
  readonly timeoutMs?: number;
  /** Lease of each attempt, instead of that of the worker. (integer, 200 to 43200000 ms) */
  readonly leaseMs?: number;
  /** Maximum age of the finished task, by its state. */
  readonly retention?: Partial<Retention>;
  /**
   * Key that one live task of the queue can have. While a task with this key waits or runs, adding another writes nothing and returns the first.
   * (string, 1 to 256 characters)
   */
  readonly uniqueKey?: string;
  /** Latest start, by the clock of the store. A task that has not begun by then is dead. It must be in the future, and not before runAt. */
  readonly deadline?: Date;
  /** Words by which `queue.list({ tag })` finds the task. */
  readonly tags?: string[];
  /** Plain data kept beside the payload, at most 16 KiB of JSON. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Options of a batch handler, at `worker.handleBatch`. */
export interface BatchOptions {
  /**
   * Maximum number of tasks in one call. A batch holds the tasks that can start together; the worker never waits to fill it. (integer, 1 to 1000; by
   * default `100`)
   */
  readonly size: number;
}

/** Options of a worker as they are resolved: what `new Worker` takes is `WorkerArguments`. */
export interface WorkerOptions {
  /**
   * Queues that the worker serves, by name or by pattern: `mail.*` names all that begin with `mail.`, and `*` all of the namespace. The best priority
   * of all queues comes first, and at equal priority each queue has its turn.
   */
  readonly queues: string[];
  /**
   * Order of queues at equal priority. turns: each has its turn. strict: a queue is emptied before those after it in the list. (by default `"turns"`)
   */
  readonly queueOrder: 'turns' | 'strict';
  /** Share of each queue, by its name or pattern in the list, where queues take turns; 1 by default. A queue of weight 3 has three turns to one. */
  readonly queueWeights: Readonly<Record<string, number>>;
  /** Handlers by task name: async functions. */
  readonly handlers: Record<string, (context: never) => unknown>;
  /** Back-off functions by name, for tasks whose backoff is { type: "custom", name }. Each returns milliseconds. */
  readonly backoffs: Record<string, (failures: number, error: { name: string; message: string }) => number>;
  /** Maximum number of tasks that run at once. (integer, 1 to 10000; by default `10`; environment variable `HOLDFAST_MAX_CONCURRENCY`) */
  readonly maxConcurrency: number;
  /**
   * Number of tasks claimed beyond the free slots, for handlers that take milliseconds. They wait in this worker under their leases, so that a free
   * slot does not wait for a claim; no other worker can take them. (integer, 0 to 10000; by default `0`; environment variable `HOLDFAST_PREFETCH`)
   */
  readonly prefetch: number;
  /**
   * Time after which another worker may take a task that this one no longer renews. A lease is renewed at a third of its length. (integer, 200 to
   * 43200000 ms; by default `30000`; environment variable `HOLDFAST_LEASE_MS`)
   */
  readonly leaseMs: number;
  /**
   * Time that stop() gives running handlers before their signals fire. (integer, 0 to 86400000 ms; by default `25000`; environment variable
   * `HOLDFAST_GRACE_PERIOD_MS`)
   */
  readonly gracePeriodMs: number;
  /** Wait between two claims of a worker that finds nothing; it doubles from minMs to maxMs. */
  readonly pollInterval: {
    /** Wait after the first empty claim. (integer, 1 to 3600000 ms; by default `20`; environment variable `HOLDFAST_POLL_MIN_MS`) */
    readonly minMs: number;
    /** Longest wait, after many empty claims. (integer, 1 to 3600000 ms; by default `1000`; environment variable `HOLDFAST_POLL_MAX_MS`) */
    readonly maxMs: number;
  };
  /** Makes currentTask() return the task inside its handler. This costs one to two microseconds a task before Node.js 24. (by default `true`) */
  readonly tracksCurrentTask: boolean;
  /** Name of the worker in leases and events; by default host, process and a random part. (string, 1 to 128 characters) */
  readonly workerId?: string;
}

/** Options of `openStore`. */
export interface StoreOptions {
  /**
   * URL of the store: mongodb://…, mongodb+srv://…, sqlite:./path or sqlite::memory: (string, 1 to 4096 characters; by default
   * `"sqlite:./data/holdfast.db"`; environment variable `HOLDFAST_URL`)
   */
  readonly url: string;
  /**
   * Time limit of one call to the store. Keep it under a third of the lease. An add is sent up to three times, so it fails after three times as long
   * at most, and some pauses. (integer, 100 to 3600000 ms; by default `5000`; environment variable `HOLDFAST_CALL_TIMEOUT_MS`)
   */
  readonly callTimeoutMs: number;
  /**
   * Time for which opening waits for a database that is not there yet. The last try may take callTimeoutMs longer. (integer, 0 to 3600000 ms; by
   * default `0`; environment variable `HOLDFAST_WAIT_MS`)
   */
  readonly waitMs: number;
  /**
   * Name of one of several environments in a database. Queues of different namespaces are separate, even with equal names. (string, 1 to 64
   * characters; environment variable `HOLDFAST_NAMESPACE`)
   */
  readonly namespace?: string;
  /**
   * Prefix of the names of all tables and collections, so that they are not those of your application. (by default `"holdfast_"`; environment
   * variable `HOLDFAST_PREFIX`)
   */
  readonly prefix: string;
  /**
   * Counts in this process what becomes of tasks, and writes a row of it every ten seconds in which there was something. (by default `true`;
   * environment variable `HOLDFAST_STATISTICS`)
   */
  readonly statistics: boolean;
  /**
   * full: MongoDB w: majority, j: true; SQLite synchronous=FULL. relaxed: w: 1 and synchronous=NORMAL; a power cut may lose the last acknowledged
   * writes. (by default `"full"`; environment variable `HOLDFAST_DURABILITY`)
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
  /** Only tasks whose last failure is of this group: see `store.failures`. */
  readonly failureGroup?: string;
  /**
   * Number of tasks on one page. A page is shorter, or empty, where it would have more than 16 MiB, or where 5,000 others were looked at. (integer, 1
   * to 1000; by default `50`)
   */
  readonly limit: number;
  /** Only tasks that match this text: see docs/search.md. */
  readonly search?: string;
  /** The `next` of the previous page. */
  readonly after?: string;
}

/** Options of `store.search`. */
export interface SearchOptions {
  /**
   * Number of tasks on one page. A page is shorter, or empty, where it would have more than 16 MiB, or where 5,000 others were looked at. (integer, 1
   * to 1000; by default `50`)
   */
  readonly limit: number;
  /** The `next` of the previous page. */
  readonly after?: string;
  /** Only tasks of these queues, or of those in patterns such as `mail.*`. */
  readonly within?: string[];
}

/** Options of `store.countMatching`. */
export interface MatchingOptions {
  /** Only tasks of these queues, or of those in patterns such as `mail.*`. */
  readonly within?: string[];
}

/** What `store.batches.start` is asked for. */
export interface BatchStart {
  /**
   * What is done to each task: `retry` runs a waiting or dead one now, `cancel` cancels a waiting or running one, `remove` removes one that is not
   * running, `redrive` has a dead one wait again.
   */
  readonly action: 'retry' | 'cancel' | 'remove' | 'redrive';
  /** The tasks, as in `store.search`. Those that are added later are left alone. */
  readonly search: string;
  /** Who starts it, for its record and the log. (string, 1 to 128 characters) */
  readonly by?: string;
  /** Only tasks of these queues, or of those in patterns such as `mail.*`. */
  readonly within?: string[];
  /** Most tasks that are changed in a second. Left out, as many as the store takes. (integer, 1 to 1000000) */
  readonly ratePerSecond?: number;
}

/** Options of `queue.result`. */
export interface ResultOptions {
  /** Longest wait for the end of the task. (integer, 1 to 86400000 ms; by default `30000`) */
  readonly timeoutMs: number;
}

/** Options of `queue.counts`. */
export interface CountOptions {
  /** The number up to which the tasks of a state are counted. (integer, 1 to 100000; by default `10000`) */
  readonly upTo: number;
}

/** Options of `queue.purge`. */
export interface PurgeOptions {
  /**
   * States whose tasks are removed. With `running`, the signal of a handler fires at its next heartbeat, and its result is dropped. (by default
   * `["waiting"]`)
   */
  readonly states: ('waiting' | 'running' | 'succeeded' | 'dead' | 'cancelled')[];
  /** Only tasks of this name. (string, 1 to 128 characters) */
  readonly name?: string;
  /** Only tasks that carry this tag. (string, 1 to 128 characters) */
  readonly tag?: string;
  /** Only tasks that ended before this instant. */
  readonly finishedBefore?: Date;
  /** Most tasks that are changed in a second. Left out, as many as the store takes. (integer, 1 to 1000000) */
  readonly ratePerSecond?: number;
  /** Stops after the tasks under way. What was done stays done, and is counted. */
  readonly signal?: AbortSignal;
  /** Called after each part with the tasks `seen`, `changed`, and `clashed`: those left because a live task has their unique key. */
  readonly onProgress?: (progress: { readonly seen: number; readonly changed: number; readonly clashed: number }) => void;
}

/** Options of `queue.redrive`. */
export interface RedriveOptions {
  /** Only tasks of this name. (string, 1 to 128 characters) */
  readonly name?: string;
  /** Only tasks that carry this tag. (string, 1 to 128 characters) */
  readonly tag?: string;
  /** Only tasks that ended before this instant. */
  readonly finishedBefore?: Date;
  /** Most tasks that are changed in a second. Left out, as many as the store takes. (integer, 1 to 1000000) */
  readonly ratePerSecond?: number;
  /** Stops after the tasks under way. What was done stays done, and is counted. */
  readonly signal?: AbortSignal;
  /** Called after each part with the tasks `seen`, `changed`, and `clashed`: those left because a live task has their unique key. */
  readonly onProgress?: (progress: { readonly seen: number; readonly changed: number; readonly clashed: number }) => void;
}

/** Options of `store.statistics.read`. */
export interface StatisticsOptions {
  /** Only tasks of this queue. (string, 1 to 128 characters) */
  readonly queue?: string;
  /** Only tasks of this name. (string, 1 to 128 characters) */
  readonly name?: string;
  /** Beginning of the time; by default an hour before `to`. */
  readonly from?: Date;
  /** End of the time; by default now. */
  readonly to?: Date;
  /**
   * Length of a step: a multiple of ten seconds, of minutes or of hours. By default one that gives at most 200 steps. (integer, 10000 to 7776000000
   * ms)
   */
  readonly step?: number;
}

/** Options of `store.failures.list`. */
export interface FailuresOptions {
  /** Only groups with failures in this queue. (string, 1 to 128 characters) */
  readonly queue?: string;
  /** Only groups with failures of tasks of this name. (string, 1 to 128 characters) */
  readonly name?: string;
  /** Number of groups, those with the last failures. (integer, 1 to 1000; by default `100`) */
  readonly limit: number;
}

/** Action at an occurrence while the task of the previous one goes on. */
export type Overlap = 'allow' | 'skip';

/** Action for missed occurrences. */
export type Misfire = 'skip' | 'one' | 'all';

/** A schedule that is stored by `scheduler.upsert`, as it is resolved. */
export interface ScheduleOptions {
  /**
   * Cron expression of five fields, or of six with seconds first, or a nickname such as `@daily`. A schedule has exactly one of cron, everyMs and at.
   * (string, 1 to 256 characters)
   */
  readonly cron?: string;
  /** Fixed interval, counted from startAt, or from when the schedule was first stored. (integer, 1000 to 3153600000000 ms) */
  readonly everyMs?: number;
  /** Single date. A date that has passed when the schedule is first stored does not fire. */
  readonly at?: Date;
  /** IANA time zone of the cron expression. (string, 1 to 64 characters; by default `"UTC"`) */
  readonly timeZone: string;
  /** Date before which nothing fires. */
  readonly startAt?: Date;
  /** Date after which nothing fires. */
  readonly endAt?: Date;
  /** Maximum random delay of a task after its occurrence. The delay is the same in every process. (integer, 0 to 86400000 ms; by default `0`) */
  readonly jitterMs: number;
  /** Action at an occurrence while the task of the previous one still waits or runs: add its task anyway, or skip it. (by default `"allow"`) */
  readonly overlap: 'allow' | 'skip';
  /** Action for occurrences missed while no process could fire them: skip them, add one task for all, or one for each. (by default `"one"`) */
  readonly misfire: 'skip' | 'one' | 'all';
  /** Maximum number of missed occurrences that fire with misfire all: the latest ones. (integer, 1 to 1000; by default `100`) */
  readonly misfireLimit: number;
  /**
   * Time without a process, or without the store, after which a due occurrence counts as missed. (integer, 1000 to 86400000 ms; by default `10000`)
   */
  readonly misfireAfterMs: number;
  /** Queue to which the tasks are added. (string, 1 to 128 characters) */
  readonly queue: string;
  /** Name of the tasks; by default that of the queue. (string, 1 to 128 characters) */
  readonly name?: string;
  /** Payload of each task. */
  readonly payload?: unknown;
  /** Options of the tasks, as in queue.add. */
  readonly options?: Omit<TaskOptions, 'delayMs' | 'runAt' | 'uniqueKey' | 'deadline'>;
}

/** The schedule of an event, as it is resolved. */
export interface RepeatOptions {
  /**
   * Cron expression of five fields, or of six with seconds first, or a nickname such as `@daily`. A schedule has exactly one of cron, everyMs and at.
   * (string, 1 to 256 characters)
   */
  readonly cron?: string;
  /** Fixed interval, counted from startAt, or from when the schedule was first stored. (integer, 1000 to 3153600000000 ms) */
  readonly everyMs?: number;
  /** Single date. A date that has passed when the schedule is first stored does not fire. */
  readonly at?: Date;
  /** IANA time zone of the cron expression. (string, 1 to 64 characters; by default `"UTC"`) */
  readonly timeZone: string;
  /** Date before which nothing fires. */
  readonly startAt?: Date;
  /** Date after which nothing fires. */
  readonly endAt?: Date;
  /** Maximum random delay of a task after its occurrence. The delay is the same in every process. (integer, 0 to 86400000 ms; by default `0`) */
  readonly jitterMs: number;
  /** Action at an occurrence while the task of the previous one still waits or runs: add its task anyway, or skip it. (by default `"allow"`) */
  readonly overlap: 'allow' | 'skip';
  /** Action for occurrences missed while no process could fire them: skip them, add one task for all, or one for each. (by default `"one"`) */
  readonly misfire: 'skip' | 'one' | 'all';
  /** Maximum number of missed occurrences that fire with misfire all: the latest ones. (integer, 1 to 1000; by default `100`) */
  readonly misfireLimit: number;
  /**
   * Time without a process, or without the store, after which a due occurrence counts as missed. (integer, 1000 to 86400000 ms; by default `10000`)
   */
  readonly misfireAfterMs: number;
  /** Payload of each event. The schema checks it when the event starts. */
  readonly payload: unknown;
}

/** Age and number up to which finished events are kept. */
export interface EventRetention {
  /**
   * Maximum age of a succeeded task, counted from its end. It is kept with its result; 0 removes it at once. (integer, 0 to 3153600000000 ms; by
   * default `86400000`)
   */
  readonly succeededMs?: number;
  /** Maximum age of a cancelled task, counted from its end; 0 removes it at once. (integer, 0 to 3153600000000 ms; by default `86400000`) */
  readonly cancelledMs?: number;
  /**
   * Maximum age of a dead task, counted from its end. It is kept with its error and can be redriven; 0 removes it at once. (integer, 0 to
   * 3153600000000 ms; by default `15552000000`)
   */
  readonly deadMs?: number;
  /** Maximum number of succeeded tasks kept, besides their maximum age. (integer, 0 to 1000000 tasks) */
  readonly succeededLast?: number;
  /** Maximum number of cancelled tasks kept, besides their maximum age. (integer, 0 to 1000000 tasks) */
  readonly cancelledLast?: number;
  /** Maximum number of dead tasks kept, besides their maximum age. (integer, 0 to 1000000 tasks) */
  readonly deadLast?: number;
}

/** Options of an EventHub. */
export interface HubOptions {
  /** Makes SIGINT and SIGTERM stop the hub and close its store. A second signal does not wait for handlers. (by default `true`) */
  readonly signals: boolean;
}

/** Options of `new Broker`, as they are resolved. */
export interface BrokerOptions {
  /** Makes a queue with the default attributes when a message is first sent to it. (by default `false`) */
  readonly createsQueues: boolean;
}

/** Attributes of a queue of the broker. */
export interface QueueAttributes {
  /**
   * Time that a consumer has to acknowledge a received message. After it the message is handed out again. (integer, 0 to 43200 s; by default `30`)
   */
  readonly visibilityTimeoutSeconds: number;
  /**
   * Maximum age of a message that waits, counted from its sending. After it the message is removed and `message-expired` is emitted. (integer, 60 to
   * 31536000 s; by default `345600`)
   */
  readonly retentionSeconds: number;
  /** Time until a sent message can be received, if the message names none. (integer, 0 to 43200 s; by default `0`) */
  readonly delaySeconds: number;
  /**
   * Number of times that a message is handed out. Instead of the next one it moves to the dead-letter queue. 0 hands it out without end. (integer, 0
   * to 1000; by default `5`)
   */
  readonly maxReceiveCount: number;
  /** Time that a receive waits for a message, if it names none. (integer, 0 to 20 s; by default `0`) */
  readonly waitSeconds: number;
  /** Name of the dead-letter queue; by default that of the queue followed by `.dlq`. It is made when it is needed. */
  readonly deadLetterQueue?: string;
  /**
   * Hands out each group of messages in the order of sending, one consumer of a group at a time. It cannot be changed later. (by default `false`)
   */
  readonly fifo: boolean;
  /** In a FIFO queue, takes the SHA-256 of the body as the deduplication id of a message that names none. (by default `false`) */
  readonly contentBasedDeduplication: boolean;
  /** Where the deduplication ids of a FIFO queue hold: in the whole queue, or in each group by itself. (by default `"queue"`) */
  readonly deduplicationScope: 'queue' | 'group';
  /** Maximum size of the body of a message. (integer, 1 to 1048576 bytes; by default `1048576`) */
  readonly maxMessageBytes: number;
}

/** Options of `broker.send` and `broker.sendMany`. */
export interface SendOptions {
  /**
   * Key of this call. A second call with the same key and the same messages within five minutes gets the first answer and adds nothing. (string, 1 to
   * 255 characters)
   */
  readonly idempotencyKey?: string;
}

/** Options of `broker.receive`, as they are resolved. */
export interface ReceiveOptions {
  /** Maximum number of messages. (integer, 1 to 100; by default `1`) */
  readonly max: number;
  /** Time to wait for a message if there is none; by default that of the queue. (integer, 0 to 20 s) */
  readonly waitSeconds?: number;
  /** Time to acknowledge these messages; by default that of the queue. (integer, 0 to 43200 s) */
  readonly visibilityTimeoutSeconds?: number;
  /**
   * In a FIFO queue, gives the same messages and receipts again to a receive that is repeated within five minutes, while all of them are in flight.
   * (string, 1 to 128 characters)
   */
  readonly attemptId?: string;
  /** Ends the wait. What was claimed for the call meanwhile is handed out again at once. */
  readonly signal?: AbortSignal;
}

/** Options of `broker.release`, as they are resolved. */
export interface ReleaseOptions {
  /** Time until the message can be received again. (integer, 0 to 43200 s; by default `0`) */
  readonly delaySeconds: number;
}

/** Options of `broker.deadLetter`, as they are resolved. */
export interface DeadLetterOptions {
  /** Reason, for people and filters. (string, 1 to 256 characters; by default `"rejected"`) */
  readonly reason: string;
  /** More about the reason. (string, 0 to 4096 characters) */
  readonly description?: string;
}

/** Options of `broker.peek`, as they are resolved. */
export interface PeekOptions {
  /** State of the messages; all if left out. */
  readonly state?: 'waiting' | 'delayed' | 'in-flight';
  /** Maximum number of messages. (integer, 1 to 100; by default `20`) */
  readonly limit: number;
  /** Id of the last message of the page before. */
  readonly after?: string;
}

/** Options of `broker.redrive`. */
export interface DeadLetterRedriveOptions {
  /** Maximum number of messages to move; all if left out. (integer, 1 to 1000000000) */
  readonly limit?: number;
  /** Moves only the messages with this reason. (string, 0 to 256 characters) */
  readonly reason?: string;
  /** Maximum number of messages a second. (integer, 1 to 1000000) */
  readonly ratePerSecond?: number;
}

/** Options of `httpClient` and `httpHandler`, as they are resolved. */
export interface HttpOptions {
  /** Time that one request may take, from its turn to the end of its answer. (integer, 1 to 3600000 ms; by default `30000`) */
  readonly timeoutMs: number;
  /** Requests at once to one host (name and port), in this process. (integer, 1 to 10000; by default `10`) */
  readonly callsPerHost: number;
  /** Names of hosts, without a port, that may have addresses which are not public. Other hosts may not. (by default `[]`) */
  readonly allowedHosts: string[];
  /** Redirects that are followed. (integer, 0 to 10; by default `0`) */
  readonly redirects: number;
  /** Longest body of an answer that is read. Of a longer one nothing is kept. (integer, 0 to 67108864 bytes; by default `65536`) */
  readonly answerBytes: number;
  /** Headers of an answer that are kept. (by default `["content-type","etag","last-modified","location"]`) */
  readonly keptHeaders: string[];
  /** Headers by origin, such as `authorization`. They win over those of a request, and go to no other origin. */
  readonly originHeaders: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Longest delay that a `Retry-After` may ask for; a longer one is cut. (integer, 1000 to 604800000 ms; by default `3600000`) */
  readonly retryAfterMaxMs: number;
  /**
   * Failures in a row (network, time limit, status 500 to 599) after which a host is not called for a while. (integer, 1 to 10000; by default `5`)
   */
  readonly circuitFailures: number;
  /** How long it is not called. Then one request tries it. (integer, 100 to 3600000 ms; by default `30000`) */
  readonly circuitOpenMs: number;
  /** Resolves names in place of `dns.lookup`: always asked for all addresses. The guard checks what it returns. */
  readonly lookup?: (
    hostname: string,
    options: { readonly all: true },
    callback: (error: Error | null, addresses: { address: string; family: number }[]) => void,
  ) => void;
}

/** Options of `mailClient` and `mailHandler`, as they are resolved. */
export interface MailOptions {
  /** The mail server: a URL such as `smtps://user:password@mail.example.org`, or options of nodemailer’s SMTP transport. */
  readonly smtp: string | Readonly<Record<string, unknown>>;
  /** The sender: `news@example.org` or `News <news@example.org>`. (string, 0 to 512 characters) */
  readonly from: string;
  /** Address for answers, if it is another one. (string, 3 to 320 characters) */
  readonly replyTo?: string;
  /** Templates by name, each with `subject`, `text` and perhaps `html`, in the language of Handlebars. */
  readonly templates: Readonly<Record<string, { readonly subject: string; readonly text: string; readonly html?: string }>>;
  /** Connections to the server that are kept open in this process; each takes one mail at a time. (integer, 1 to 1000; by default `5`) */
  readonly connections: number;
  /** Time that one mail may take, the wait for a connection included. (integer, 1 to 3600000 ms; by default `60000`) */
  readonly timeoutMs: number;
}

/** Options of `broker.listQueues`, as they are resolved. */
export interface ListQueuesOptions {
  /** What the names begin with. (string, 0 to 128 characters; by default `""`) */
  readonly prefix: string;
  /** Maximum number of queues. (integer, 1 to 1000; by default `100`) */
  readonly limit: number;
  /** Name of the last queue of the page before. (string, 0 to 128 characters) */
  readonly after?: string;
}
