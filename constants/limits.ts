/** Units of time, in milliseconds. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The largest delay that a Node.js timer takes; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Payloads and results, as JSON text. */
export const PAYLOAD_BYTES = 1024 * 1024;
export const PAYLOAD_LEVELS = 64;

/** Names of queues, tasks and back-off functions. */
export const NAME_CHARACTERS = 128;

/** The name of an environment that shares a database with others. */
export const NAMESPACE_CHARACTERS = 64;

/** A unique key of a task. */
export const UNIQUE_KEY_CHARACTERS = 256;

/** What a task may be marked with: tags to list by, and metadata as JSON text. */
export const TAGS = 20;
export const METADATA_BYTES = 16 * 1024;

/** What a handler tells of its progress, as JSON text. */
export const PROGRESS_BYTES = 4 * 1024;

/** What is kept of the attempts of a task: the last of them, and the last lines that their handlers wrote. */
export const HISTORY_ATTEMPTS = 10;
export const HISTORY_LINES = 50;
export const HISTORY_TEXT_CHARACTERS = 500;

/** Priorities are few, so that the claim index skips from one to the next. 0 runs first. */
export const LOWEST_PRIORITY = 9;

/** Instants that a task may carry: from the epoch to the end of the year 9999. */
export const EARLIEST_INSTANT = 0;
export const LATEST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
export const LONGEST_DELAY_MS = 36_500 * DAY;

/** Leases, and how far a handler may extend one. */
export const SHORTEST_LEASE_MS = SECOND / 5;
export const LONGEST_LEASE_MS = 12 * HOUR;

/** How the tokens of leases begin under which tasks move to another store; a claim's is a UUID. */
export const TRANSIT_PREFIX = 'copy:';

/** Tasks that are on their way to another store at once. */
export const TRANSIT_TASKS = 250;

/**
 * How long a finished task is kept at least, stripped to its id and settling token where its
 * retention is over sooner, so that a resent insert or settle cannot run it twice.
 */
export const SETTLED_MEMORY_MS = 5 * MINUTE;

/** What is kept of an error: characters of its code, message and stack. */
export const ERROR_CODE_CHARACTERS = 100;
export const ERROR_MESSAGE_CHARACTERS = 2_000;
export const ERROR_STACK_CHARACTERS = 8_000;

/** Tasks in one write to a store. */
export const BATCH_TASKS = 1_000;

/** Tasks on one page of a listing. */
export const PAGE_TASKS = 1_000;

/** What is written of a payload to a log, as JSON text. */
export const LOGGED_PAYLOAD_CHARACTERS = 4_000;
