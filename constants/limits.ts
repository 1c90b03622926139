/** Units of time, in milliseconds. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The longest delay of a Node.js timer; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Limits of payloads and results: bytes of JSON text, and levels of nesting. */
export const PAYLOAD_BYTES = 1024 * 1024;
export const PAYLOAD_LEVELS = 64;

/** Maximum length of the names of queues, tasks and back-off functions. */
export const NAME_CHARACTERS = 128;

/** Maximum length of the prefix of tables and collections. */
export const PREFIX_CHARACTERS = 40;

/** Maximum number of queues and patterns of one worker. */
export const QUEUES_A_WORKER = 1_000;

/** Maximum length of a namespace. */
export const NAMESPACE_CHARACTERS = 64;

/** Maximum length of a task's unique key. */
export const UNIQUE_KEY_CHARACTERS = 256;

/** Limits of what a task records of its steps: their number, and bytes of their names and JSON texts. One step may hold as much as a payload. */
export const STEPS_A_TASK = 1_000;
export const STEPS_BYTES = 4 * 1024 * 1024;

/** Limits of the signals of a task that no wait has taken: their number, and bytes of their names and JSON texts. */
export const SIGNALS_A_TASK = 1_000;
export const SIGNALS_BYTES = 4 * 1024 * 1024;

/** Limits of a task's labels: the number of its tags, and the size of its metadata as JSON text. */
export const TAGS = 20;
export const METADATA_BYTES = 16 * 1024;

/** Maximum size of a progress report, as JSON text. */
export const PROGRESS_BYTES = 4 * 1024;

/** Limits of the history of a task: the last attempts, the last log lines, and the length of each text. */
export const HISTORY_ATTEMPTS = 10;
export const HISTORY_LINES = 50;
export const HISTORY_TEXT_CHARACTERS = 500;

/**
 * Limits of the follow-ups of one attempt: their number, and the bytes of the text in which its task keeps them. MongoDB takes 16 MiB in a document: with
 * its steps, its signals, its payload and its result a task then has 13 at most.
 */
export const FOLLOW_UPS = 1_000;
export const FOLLOW_UP_BYTES = 3 * 1024 * 1024;

/** Ten priorities, 0 first. They are few so that the claim index can skip from one to the next. */
export const LOWEST_PRIORITY = 9;
export const PRIORITIES: readonly number[] = Object.freeze(Array.from({ length: LOWEST_PRIORITY + 1 }, (_, priority) => priority));

/** The holder of leases of the broker's consumers, in place of the id of a worker. */
export const CONSUMER = 'consumer';

/** The instants that a task can hold: from the epoch to the end of the year 9999. */
export const EARLIEST_INSTANT = 0;
export const LATEST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
export const LONGEST_DELAY_MS = 36_500 * DAY;

/** Limits of a lease, and of its extension by a handler. */
export const SHORTEST_LEASE_MS = SECOND / 5;
export const LONGEST_LEASE_MS = 12 * HOUR;

/**
 * The time that a suspect has alone in its process while other tasks wait, and before it the longest wait for those that run. It doubles with each crash
 * of which nobody knows whose it was. A task that kills its process mostly does so at once, and a second is no longer than a cold start.
 */
export const SUSPECT_ALONE_MS = SECOND;

/** Prefix of the lease tokens of tasks in transit to another store. The token of a claim is a UUID. */
export const TRANSIT_PREFIX = 'copy:';

/** Maximum number of tasks in transit to another store at once. */
export const TRANSIT_TASKS = 250;

/**
 * Minimum time that a finished task is kept, so that a resent insert or settle cannot run it twice. If its retention ends sooner, only its id and
 * settling token are kept.
 */
export const SETTLED_MEMORY_MS = 5 * MINUTE;

/**
 * Maximum age of an insert that is sent again, counted from when it was first sent. A later one could arrive after the memory of the task is gone; the
 * rest of that memory is for the time in which it is under way.
 */
export const RESEND_WITHIN_MS = 3 * MINUTE;

/** Maximum length of the parts of a recorded error. */
export const ERROR_CODE_CHARACTERS = 100;
export const ERROR_MESSAGE_CHARACTERS = 2_000;
export const ERROR_STACK_CHARACTERS = 8_000;

/** Limits of the causes of a recorded error: levels, and their number in all. */
export const ERROR_CAUSES_DEEP = 3;
export const ERROR_CAUSES = 20;

/** Maximum number of tasks in one write to a store. */
export const BATCH_TASKS = 1_000;

/** Maximum size of one write to a store, in bytes of its texts. MongoDB takes 16 MiB in a command. */
export const COMMAND_BYTES = 12 * 1024 * 1024;

/** Maximum size of one answer of a store, in bytes of its texts. A batch of MongoDB has 16 MiB. */
export const ANSWER_BYTES = 16 * 1024 * 1024;

/** Maximum number of tasks on one page of a listing. */
export const PAGE_TASKS = 1_000;

/**
 * Maximum number of tasks that are looked at for one page of a listing where no index has what is asked for: by name or tag, or of those that wait. Of
 * fewer waiting ones than the second all are read.
 */
export const LISTED_READS = 5_000;
export const LISTED_FEW = 500;

/** Limits of a search text: characters, tokens, and values of one token. */
export const SEARCH_CHARACTERS = 4_096;
export const SEARCH_TERMS = 50;
export const SEARCH_VALUES = 100;

/** The most parts of an index that a search reads for one page: one for each queue and state. Of more, it looks among the newest tasks of all. */
export const SEARCH_LANES = 2_000;

/** Time in milliseconds after which a page of a search ends with what it has found, and after which a count does. */
export const SEARCH_MS = 2 * SECOND;
export const SEARCH_COUNT_MS = 2 * SECOND;

/** Maximum number of tasks in one part of a bulk action, and of bytes of their texts where a store knows them. A part on a file holds up the process. */
export const BULK_TASKS = 1_000;
export const BULK_BYTES = 8 * 1024 * 1024;

/** The number up to which tasks are counted. Above it a count is this number, and says that there are more. */
export const COUNTED_TASKS = 10_000;

/** The most that a caller may have counted of one state: a million keys of an index take a file half a second. */
export const MOST_COUNTED_TASKS = 100_000;

/** Maximum number of tasks that are read one by one for a count, as for one by name or tag. */
export const COUNT_READS = 20_000;

/** Maximum length of a logged payload, as JSON text. */
export const LOGGED_PAYLOAD_CHARACTERS = 4_000;

/** Maximum length in characters of a text in the log. A longer one is cut before secrets are looked for, so that no line holds up the process. */
export const SCRUBBED_CHARACTERS = 16_384;
