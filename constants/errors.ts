/**
 * The catalogue of errors: a stable code, what is wrong, and how to fix it.
 *
 * A code is never reused. The field and what was expected of it are added where the error is thrown.
 */
export const ERROR_CATALOGUE = {
  HOLDFAST_OPTION_UNKNOWN: {
    says: 'There is no such option',
    fix: 'Remove it, or correct its spelling.',
  },
  HOLDFAST_OPTION_INVALID: {
    says: 'An option has a value that it cannot take',
    fix: 'Pass a value of the type and range named.',
  },
  HOLDFAST_PAYLOAD_NOT_JSON: {
    says: 'A payload, result or other value to be kept holds what JSON cannot carry',
    fix: 'Pass plain data: strings, finite numbers, booleans, null, arrays and objects; of a Map or Set its entries as an array.',
  },
  HOLDFAST_PAYLOAD_TOO_LARGE: {
    says: 'A payload, result or other value to be kept is too large',
    fix: 'Store the data elsewhere and pass a reference to it.',
  },
  HOLDFAST_PAYLOAD_TOO_DEEP: {
    says: 'A payload, result or other value to be kept is nested too deeply',
    fix: 'Flatten it.',
  },
  HOLDFAST_PAYLOAD_INVALID: {
    says: 'A payload does not match the schema of its event',
    fix: 'Pass what the schema describes; values are not quoted here.',
  },
  HOLDFAST_EVENT_DUPLICATE: {
    says: 'An event of this name is already bound to this store',
    fix: 'Declare each event once, and start that one again after a stop; give another event a name of its own, which is that of its queue.',
  },
  HOLDFAST_EVENT_UNBOUND: {
    says: 'The event has no store',
    fix: 'Pass it to an EventHub, or call event.on(store) first.',
  },
  HOLDFAST_EVENT_BOUND: {
    says: 'The event runs on another store',
    fix: 'Stop it before it is used on another store.',
  },
  HOLDFAST_SCHEDULE_NEVER: {
    says: 'No date matches the expression of a schedule',
    fix: 'Correct its day and month: a month may be too short for the day.',
  },
  HOLDFAST_URL_INVALID: {
    says: 'The URL of a store cannot be used',
    fix: 'Use mongodb://…, mongodb+srv://…, sqlite:./path or sqlite::memory:; in a password write @ as %40, : as %3A and / as %2F.',
  },
  HOLDFAST_HANDLER_DUPLICATE: {
    says: 'A task name has a handler already',
    fix: 'Register one handler for each task name.',
  },
  HOLDFAST_WORKER_STARTED: {
    says: 'A worker that was started cannot be drained: it claims by itself',
    fix: 'Call drain on a worker that was not started.',
  },
  HOLDFAST_WORKER_STOPPED: {
    says: 'The worker has been stopped',
    fix: 'Make a new Worker: one that was stopped cannot be started again.',
  },
  HOLDFAST_SESSION_UNUSABLE: {
    says: 'A task cannot join this session',
    fix: 'Open the store with the session’s own connection, and pass a session whose transaction is still open.',
  },
  HOLDFAST_STORE_UNREACHABLE: {
    says: 'The store cannot be reached',
    fix: 'Check that the server runs, that the URL is right and that the network lets you through.',
  },
  HOLDFAST_FILE_UNUSABLE: {
    says: 'The SQLite file of the store cannot be used',
    fix: 'Check its path, that it and its folder can be written, and that the disk is not full.',
  },
  HOLDFAST_STORE_TIMEOUT: {
    says: 'The store did not answer in time; the call may have been carried out all the same',
    fix: 'Check the load of the server and the network to it.',
  },
  HOLDFAST_STORE_CLOSED: {
    says: 'The store has been closed',
    fix: 'Use the store before close(), or open another.',
  },
  HOLDFAST_STORE_UNFIT: {
    says: 'The server lacks what a store needs',
    fix: 'Use MongoDB 6.0 or later, or SQLite.',
  },
  HOLDFAST_STORE_NEWER: {
    says: 'A newer release of Holdfast has changed this store',
    fix: 'Start this process from that release, or a newer one.',
  },
  HOLDFAST_SQLITE_MISSING: {
    says: 'No SQLite that is safe with several processes was found',
    fix: 'Run npm install @photostructure/sqlite@1.2, or use a Node.js with SQLite 3.51.3 or later.',
  },
  HOLDFAST_LEASE_EXPIRED: {
    says: 'The lease of a task ended before its handler did: its process may have died, or stood still',
    fix: 'Look whether the task itself ends its process; do not block the event loop, or give the task a longer leaseMs.',
  },
  HOLDFAST_LEASE_LOST: {
    says: 'The lease of a task now belongs to another worker, or was revoked',
    fix: 'End the handler when its signal fires.',
  },
  HOLDFAST_TIMED_OUT: {
    says: 'A handler ran longer than its timeoutMs',
    fix: 'Give the task a longer timeoutMs, or do less in one task.',
  },
  HOLDFAST_DEADLINE_PASSED: {
    says: 'A task could not begin before its deadline',
    fix: 'Run more workers, or give the task a later deadline.',
  },
  HOLDFAST_BATCH_ANSWER_MISSING: {
    says: 'A batch handler gave no answer for a task',
    fix: 'Return an entry [id, answer] for each task of the batch.',
  },
  HOLDFAST_BATCH_ANSWER_UNKNOWN: {
    says: 'A batch handler answered for a task that is not in its batch, or answered twice for one; none of its answers were used',
    fix: 'Return one entry [id, answer] for each task of the batch, and no other.',
  },
  HOLDFAST_STOPPING: {
    says: 'The worker stops, and its grace period is over',
    fix: 'Give the worker a longer gracePeriodMs, or end the handler when its signal fires.',
  },
} as const;

/** The code of an error of Holdfast: the keys of `ERROR_CATALOGUE`. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
