import { CLIENT_ERRORS } from './clientErrors';
import { SEARCH_ERRORS } from './searchErrors';
import { STORE_URLS } from './storeUrls';

/**
 * The catalogue of errors: for each stable code, what is wrong and how to fix it.
 *
 * A code is never reused. The field and the expected value are added where the error is thrown.
 */
export const ERROR_CATALOGUE = {
  HOLDFAST_OPTION_UNKNOWN: {
    says: 'The option does not exist',
    fix: 'Remove it, or correct its spelling.',
  },
  HOLDFAST_OPTION_INVALID: {
    says: 'An option has an invalid value',
    fix: 'docs/reference.md and docs/events.md list every option with its range and default.',
  },
  HOLDFAST_PAYLOAD_NOT_JSON: {
    says: 'A payload, result or other stored value cannot be represented as JSON',
    fix: 'Pass plain data: strings, finite numbers, booleans, null, arrays and objects. Convert a Map or Set to an array.',
  },
  HOLDFAST_PAYLOAD_TOO_LARGE: {
    says: 'A payload, result or other stored value is too large',
    fix: 'Store the data elsewhere, and pass a reference to it.',
  },
  HOLDFAST_PAYLOAD_TOO_DEEP: {
    says: 'A payload, result or other stored value is nested too deeply',
    fix: 'Flatten the value.',
  },
  HOLDFAST_PAYLOAD_INVALID: {
    says: 'A payload does not match the schema of its event',
    fix: 'Correct the payload or the schema. The values of the payload are left out of this message.',
  },
  ...SEARCH_ERRORS,
  HOLDFAST_TASK_MISSING: {
    says: 'There is no task of this id in the queue',
    fix: 'Check the id and the queue. A finished task is removed after its retention, at once if that is 0.',
  },
  HOLDFAST_TASK_MOVED_ON: {
    says: 'The task has moved on, so nothing was changed',
    fix: 'Look at it with npx holdfast task explain, and choose another action.',
  },
  HOLDFAST_TASK_CANCELLED: {
    says: 'The task was cancelled, so it has no result',
    fix: 'Add the task again if its work is still wanted.',
  },
  HOLDFAST_RESULT_LATE: {
    says: 'The task had not ended within the time that was waited for its result',
    fix: 'Wait longer with timeoutMs, or ask again later: the task goes on. Check that a worker serves the queue.',
  },
  HOLDFAST_EVENT_DUPLICATE: {
    says: 'An event of this name is already bound to this store',
    fix: 'Stop the other one first, or give this one a name of its own, which is also the name of its queue. A stopped event can be started again.',
  },
  HOLDFAST_EVENT_UNBOUND: {
    says: 'The event has no store',
    fix: 'Pass it to an EventHub, or call event.on(store) first.',
  },
  HOLDFAST_EVENT_BOUND: {
    says: 'The event runs on another store',
    fix: 'Stop it before you use it on another store.',
  },
  HOLDFAST_SCHEDULE_NEVER: {
    says: 'No date matches the cron expression of a schedule',
    fix: 'Correct its day and month; the month may be too short for the day.',
  },
  HOLDFAST_URL_INVALID: {
    says: 'The URL of a store is invalid',
    fix: `Use ${STORE_URLS}. In a password write @ as %40, : as %3A and / as %2F.`,
  },
  HOLDFAST_HANDLER_DUPLICATE: {
    says: 'The task name already has a handler',
    fix: 'Register one handler for each task name.',
  },
  HOLDFAST_WORKER_STARTED: {
    says: 'A started worker cannot be drained, because it claims by itself',
    fix: 'Call drain on a worker that was not started.',
  },
  HOLDFAST_WORKER_STOPPED: {
    says: 'The worker has been stopped',
    fix: 'Create a new Worker; a stopped one cannot be started again.',
  },
  HOLDFAST_SESSION_UNUSABLE: {
    says: 'A task cannot be added in this session',
    fix: 'Open the store with the session’s own connection, and pass a session whose transaction is still open.',
  },
  HOLDFAST_STORE_UNREACHABLE: {
    says: 'The store cannot be reached',
    fix: 'Check that the server is running, that the URL is right and that the network allows the connection. A call that was under way when the connection broke may have been carried out.',
  },
  HOLDFAST_LOGIN_REFUSED: {
    says: 'The server of the store refused the login',
    fix: 'Check the user, the password and, as authSource in the URL, the database that holds the user.',
  },
  HOLDFAST_RIGHTS_MISSING: {
    says: 'The user of the store lacks a right',
    fix: "Grant it the role readWrite on the store's database.",
  },
  HOLDFAST_STORE_MISSING: {
    says: 'There is no Holdfast store here, and a command that only reads makes none',
    fix: 'Check the URL, the name of the database and the prefix. Opening a store, or starting a worker on it, makes one.',
  },
  HOLDFAST_FILE_UNUSABLE: {
    says: 'The SQLite file of the store cannot be used',
    fix: 'Check the path, that the file and its folder are writable, and that the disk is not full.',
  },
  HOLDFAST_STORE_TIMEOUT: {
    says: 'The store did not answer in time, but may still have carried out the call',
    fix: 'Check the load of the server and the network to it.',
  },
  HOLDFAST_INSERT_UNKNOWN: {
    says: 'It is not known whether the tasks were added: the answer stayed away for so long that they may have run and been removed',
    fix: 'Look for the effect of the task, or add it again if a second run does no harm. The process may have been frozen, or its machine asleep.',
  },
  HOLDFAST_STORE_CLOSED: {
    says: 'The store has been closed',
    fix: 'Use the store before close(), or open another one.',
  },
  HOLDFAST_STORE_UNFIT: {
    says: 'The server lacks a feature that Holdfast needs',
    fix: 'Use MongoDB 6.0 or later, or SQLite.',
  },
  HOLDFAST_DRIVER_UNFIT: {
    says: 'The MongoDB driver of the connection given is not one that Holdfast can use',
    fix: 'Give a connection of Mongoose 8 or later or a MongoClient of mongodb 6 or later, or open the store by its URL.',
  },
  HOLDFAST_STORE_NEWER: {
    says: 'A newer release of Holdfast has changed this store',
    fix: 'Run this process with that release, or a newer one.',
  },
  HOLDFAST_PREFIX_TAKEN: {
    says: 'The database has tables or collections of these names that are not of Holdfast',
    fix: "Pass another prefix, for example { prefix: 'jobs_' }, or use another database.",
  },
  HOLDFAST_SQLITE_MISSING: {
    says: 'No SQLite library was found that is safe with several processes',
    fix: 'Run npm install @photostructure/sqlite@1.2, or use a Node.js with SQLite 3.51.3 or later.',
  },
  HOLDFAST_BACKUP_EXISTS: {
    says: 'A backup is not written over a file that exists',
    fix: 'Name a file that is not there, or move the old one away.',
  },
  HOLDFAST_BACKUP_OF_MONGODB: {
    says: 'Holdfast backs up SQLite files, and this store is on MongoDB',
    fix: 'Run mongodump with --oplog, or take the snapshots of your provider: see docs/backup.md.',
  },
  HOLDFAST_LEASE_EXPIRED: {
    says: 'The lease of a task expired before its handler ended; its process may have crashed or stalled',
    fix: 'Check whether the task crashes its process. Do not block the event loop, or give the task a longer leaseMs.',
  },
  HOLDFAST_LEASE_LOST: {
    says: 'The lease of a task now belongs to another worker, or was revoked',
    fix: 'Let the handler return when its signal fires.',
  },
  HOLDFAST_TIMED_OUT: {
    says: 'A handler ran longer than its timeoutMs',
    fix: 'Give the task a longer timeoutMs, or do less in one task.',
  },
  HOLDFAST_SUCCESS_REFUSED: {
    says: 'A handler succeeded, but the store refused to record that, each of five times',
    fix: 'Look for the answer of the store in the internal-error events. Return less, or keep less in steps, signals and follow-ups, if the task was too large.',
  },
  HOLDFAST_DEADLINE_PASSED: {
    says: 'A task did not begin before its deadline',
    fix: 'Run more workers, or give the task a later deadline.',
  },
  HOLDFAST_BATCH_ANSWER_MISSING: {
    says: 'A batch handler returned no answer for a task',
    fix: 'Return one entry [id, answer] for each task of the batch.',
  },
  HOLDFAST_BATCH_ANSWER_UNKNOWN: {
    says: 'A batch handler answered for a task outside its batch, or twice for one task; none of its answers were used',
    fix: 'Return exactly one entry [id, answer] for each task of the batch.',
  },
  HOLDFAST_FOLLOW_UPS_TOO_MANY: {
    says: 'One attempt has added too many follow-ups',
    fix: 'Add one follow-up that adds the others, each with a part of them.',
  },
  HOLDFAST_FOLLOW_UPS_TOO_LARGE: {
    says: 'The follow-ups of one attempt are too large together: they are stored with its task until they are in their queues',
    fix: 'Store the data elsewhere and pass a reference to it, or add one follow-up that adds the others, each with a part of them.',
  },
  HOLDFAST_FOLLOW_UP_LATE: {
    says: 'A follow-up was added after the outcome of its attempt was decided, so that it could follow nothing',
    fix: 'Await everything that adds follow-ups before the handler returns.',
  },
  HOLDFAST_STEP_REPEATED: {
    says: 'A handler used the name of a step twice in one attempt',
    fix: 'Give each step a name of its own; in a loop add what the turn is about, for example its id. Only the names of signals may repeat.',
  },
  HOLDFAST_STEP_CHANGED: {
    says: 'An earlier attempt recorded another kind of step under this name',
    fix: 'Give the changed step a new name, so that tasks which began under the old code can go on.',
  },
  HOLDFAST_STEPS_FULL: {
    says: 'A task has recorded as many steps, or as many bytes of their results, as it may',
    fix: 'Keep large results elsewhere and return a reference to them; let the last step add a task that goes on with the rest.',
  },
  HOLDFAST_STEP_RESULT_INVALID: {
    says: 'The result of a step cannot be kept, so the step would run again in the next attempt',
    fix: 'Return a JSON value of at most 1 MiB from the step, or nothing; keep large data elsewhere and return a reference to it.',
  },
  HOLDFAST_STEPS_IN_BATCH: {
    says: 'A batch handler has no steps, sleeps and waits for signals',
    fix: 'Register the handler with worker.handle, which gives it one task at a time.',
  },
  HOLDFAST_TASK_FINISHED: {
    says: 'The task has finished, so it takes no signal',
    fix: 'Add a new task, or send the signal before the task ends.',
  },
  HOLDFAST_SIGNALS_FULL: {
    says: 'A task has as many signals that it has not taken yet as it may',
    fix: 'Let the handler wait for this signal, or send fewer of them: keep the data elsewhere and signal that there is some.',
  },
  HOLDFAST_QUEUE_UNKNOWN: {
    says: 'The broker has no queue of this name',
    fix: 'Create the queue first, or let the broker create queues on first use (createsQueues).',
  },
  HOLDFAST_QUEUE_EXISTS: {
    says: 'The queue exists with other attributes',
    fix: 'Change it with configureQueue, or create it with the attributes that it has.',
  },
  HOLDFAST_QUEUE_OF_BROKER: {
    says: 'The queue is one of the broker: it holds messages, and a consumer would receive the task as one',
    fix: 'Send a message instead: broker.send, or POST /v1/queues/{queue}/messages. Tasks need a queue of their own.',
  },
  HOLDFAST_RECEIPT_INVALID: {
    says: 'The receipt is not one of this broker',
    fix: 'Pass the receipt as receive returned it.',
  },
  HOLDFAST_RECEIPT_STALE: {
    says: 'The message was received again after this receipt was given out, or, in a FIFO queue, its visibility has ended; nothing has changed',
    fix: 'Leave the message to its new consumer. Extend the visibility of messages that take long.',
  },
  HOLDFAST_MESSAGE_GONE: {
    says: 'The message is not in its queue any more',
    fix: 'It was acknowledged, moved to a dead-letter queue, purged, or older than the retention of its queue. There is nothing left to do.',
  },
  HOLDFAST_MESSAGE_NOT_IN_FLIGHT: {
    says: 'The visibility timeout of the message is over, so there is nothing to extend',
    fix: 'Receive the message again, and extend it before its visibility ends.',
  },
  HOLDFAST_MESSAGE_TOO_LARGE: {
    says: 'A message is too large',
    fix: 'Store the data elsewhere, and send a reference to it.',
  },
  HOLDFAST_IDEMPOTENCY_MISMATCH: {
    says: 'The idempotency key was used for other messages within five minutes',
    fix: 'Use a new key for each call, and the same one only to repeat that call.',
  },
  HOLDFAST_SERVER_OPEN: {
    says: 'Other machines would reach the broker, and it has no tokens',
    fix: 'Make a token with npx holdfast token and pass it by --tokens-file, listen on 127.0.0.1, or accept the risk with --insecure-no-auth.',
  },
  HOLDFAST_PORT_TAKEN: {
    says: 'Another program listens on the port of the broker',
    fix: 'End it, or pass another port, for example --port 9325.',
  },
  HOLDFAST_ADDRESS_UNUSABLE: {
    says: 'The broker cannot listen on its address',
    fix: 'Pass an address of this machine and a port that this user may open.',
  },
  HOLDFAST_PEER_MISSING: {
    says: 'A library that this part of Holdfast uses, and does not bring along, is not installed',
    fix: 'Run the command in the folder of your program.',
  },
  ...CLIENT_ERRORS,
  HOLDFAST_SCHEDULE_MISSING: {
    says: 'There is no schedule of this id',
    fix: 'npx holdfast schedule list shows those that there are.',
  },
  HOLDFAST_PROCESS_MISSING: {
    says: 'No live process has this id, or a worker of it',
    fix: 'npx holdfast process list shows those that are alive. A process is gone 15 seconds after its last beat.',
  },
  HOLDFAST_GROUP_MISSING: {
    says: 'There is no failure group of this id',
    fix: 'npx holdfast failures shows those that there are. A group is kept for 90 days after its last failure.',
  },
  HOLDFAST_CONSENT_MISSING: {
    says: 'Nothing was changed, because nobody could be asked',
    fix: 'Pass --yes to go on without a question.',
  },
  HOLDFAST_NOT_ON_SERVER: {
    says: 'This command works on a store, and not on a server',
    fix: 'Pass --url with the URL of the store in place of --server.',
  },
  HOLDFAST_SERVER_REFUSED: {
    says: 'The server refused the caller',
    fix: 'Pass a token that allows this by HOLDFAST_TOKEN or --token-file: npx holdfast token makes one.',
  },
  HOLDFAST_SERVER_BUSY: {
    says: 'The server cannot answer now',
    fix: 'Repeat the command later.',
  },
  HOLDFAST_SERVER_FAULT: {
    says: 'The server gave an answer that is none of holdfast server',
    fix: 'Check the address and its base path, and that both run the same release.',
  },
  HOLDFAST_SERVER_UNREACHABLE: {
    says: 'The server cannot be reached',
    fix: 'Check that holdfast server runs, that the address is right and that the network allows the connection.',
  },
  HOLDFAST_STOPPING: {
    says: 'The worker is stopping, and its grace period is over',
    fix: 'Give the worker a longer gracePeriodMs, or let the handler return when its signal fires.',
  },
} as const;

/** The code of a Holdfast error, a key of `ERROR_CATALOGUE`. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
