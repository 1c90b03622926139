import { EVENT_TABLE } from '../../constants/events';
import type { ErrorCause, EventName, HoldfastEvents, TaskError, TaskRef } from '../../constants/events';
import type { EventSource, Unsubscribe } from './eventSource';
import { theLogger } from './logger';
import { logRecord } from './logRecord';
import type { LogRecord } from './logRecord';
import { writerTo } from './logTarget';
import type { LogTarget, WriteRecord } from './logTarget';
import { scrub } from '../values/scrub';

/** Maximum number of errors of an AggregateError in one line. */
const ERRORS_TOLD = 3;

/** Every event except `iteration`, whose lines `IterationLog` limits in number. */
type Logged = Exclude<EventName, 'iteration'>;

const task = ({ name, id, attempt }: TaskRef): string => `${name} ${id} (attempt ${attempt})`;

/** An AggregateError often has no message of its own, and an error often leaves the reason to its cause. */
function cause({ name, message, cause: inner, errors = [] }: ErrorCause): string {
  const below = [...(inner ? [inner] : []), ...errors.slice(0, ERRORS_TOLD)].filter((one) => !message.includes(one.message));
  return `${name}: ${message}${below.map((one) => ` [${cause({ name: one.name, message: one.message })}]`).join('')}`;
}

/** Returns the stack trace on one line. */
const stackOf = (error: TaskError): string => (error.stack ?? cause(error)).replace(/\s*\n\s*/g, ' ');

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} seconds`;

/** The log text of each event. */
const TEXTS: { readonly [Name in Logged]: (event: HoldfastEvents[Name]) => string } = {
  'task-added': ({ queue, count }) => `Added ${count} to queue ${queue}`,
  'task-started': (event) => `${task(event.task)} began`,
  'task-succeeded': (event) => `${task(event.task)} succeeded in ${seconds(event.durationMs)}`,
  'task-retried': (event) => `${task(event.task)} failed, due again in ${seconds(event.delayMs)}: ${cause(event.error)}`,
  'task-dead': (event) => `${task(event.task)} is dead: ${cause(event.error)}`,
  'task-released': (event) => `${task(event.task)} was released, due again in ${seconds(event.delayMs)}`,
  'task-snoozed': (event) => `${task(event.task)} is snoozed for ${seconds(event.delayMs)}`,
  'task-suspended': (event) => `${task(event.task)} sleeps on ${event.on.kind} ${event.on.name}`,
  'timeout-counted': (event) => `${task(event.task)} ignores its signal and runs on; its failures are now ${event.failures}`,
  'task-timed-out': (event) => `${task(event.task)} ran longer than ${seconds(event.timeoutMs)}`,
  'result-dropped': (event) => `${task(event.task)} succeeded, but its result cannot be kept: ${cause(event.error)}`,
  'task-log': (event) => `${task(event.task)} ${event.message}`,
  'lease-lost': (event) =>
    event.reason === 'taken' ? `The lease of ${task(event.task)} is over` : `The lease of ${task(event.task)} could not be renewed in time`,
  'lease-swept': (event) => `The lease of ${task(event.task)} expired at worker ${event.workerId}`,
  'unknown-task': (event) => `No handler for tasks named ${event.task.name}; they are released`,
  'next-unawaited': ({ name }) => `Middleware does not await its next() for tasks named ${name}: await or return it`,
  'worker-started': (event) => `Worker ${event.workerId} serves ${event.queues.join(', ')}, ${event.maxConcurrency} at once`,
  'worker-stopping': (event) => `Worker ${event.workerId} stops; ${event.running} still running`,
  'worker-draining': (event) =>
    `Worker ${event.workerId} takes nothing more, as its process drains; ${event.running} still running. It lives on until it is stopped`,
  'worker-stopped': (event) => `Worker ${event.workerId} has stopped; ${event.released} released`,
  'queue-paused': ({ queue }) => `Queue ${queue} is paused`,
  'queue-resumed': ({ queue }) => `Queue ${queue} is resumed`,
  'tasks-changed': ({ queue, to, count }) => `${count} of queue ${queue} became ${to}`,
  'batch-started': ({ action, search, by, expected: { count, isExact } }) =>
    `${by ?? 'Somebody'} began to ${action} ${isExact ? '' : 'at least '}${count} tasks: ${search}`,
  'batch-ended': ({ action, search, by, state, seen, changed }) =>
    `${by ?? 'Somebody'} had ${action} on ${changed} of ${seen} tasks, ${state}: ${search}`,
  'admin-acted': ({ action, on, id, queue, by }) => `${by ?? 'Somebody'} did ${action} on ${on} ${id}${queue === null ? '' : ` of queue ${queue}`}`,
  'store-lost': ({ operation, error }) => `The store is lost (${operation}); trying again: ${cause(error)}`,
  'store-returned': ({ afterMs }) => `The store is back after ${seconds(afterMs)}`,
  'store-error': ({ operation, error }) => `The store refused ${operation}: ${cause(error)}`,
  'internal-error': ({ where, error }) => `A bug in Holdfast (${where}), please report it: ${stackOf(error)}`,
  'store-warning': ({ url, message }) => `${url}: ${message}`,
  'store-closed': ({ url }) => `Closed ${url}`,
  'backoff-failed': (event) => `The back-off ${event.backoff} of ${task(event.task)} could not be used: ${cause(event.error)}`,
  'listener-failed': ({ event, error }) => `A listener of ${event} failed: ${cause(error)}`,
  'event-began': (event) => `${task(event.task)} began${event.payload === undefined ? '' : ` with ${JSON.stringify(event.payload)}`}`,
  'payload-refused': ({ queue, error }) => `A payload for ${queue} was refused: ${cause(error)}`,
  'message-returned': ({ queue, id }) => `The visibility of message ${id} of ${queue} ended; it can be received again`,
  'message-dead': ({ queue, id, to, reason }) => `Message ${id} of ${queue} moved to ${to}: ${reason}`,
  'message-expired': ({ queue, id, sentAt }) =>
    `Message ${id} of ${queue}, sent at ${sentAt.toISOString()}, was removed past the retention of its queue`,
  'schedule-fired': ({ schedule, queue, id, at }) => `Schedule ${schedule} added ${id} to ${queue} for ${at.toISOString()}`,
  'schedule-skipped': ({ schedule, reason }) =>
    `Schedule ${schedule} skipped ${reason === 'missed' ? 'missed occurrences' : 'an occurrence, as the previous task has not ended'}`,
  'schedule-failed': ({ schedule, error }) => `Schedule ${schedule} could not be fired: ${cause(error)}`,
};

/**
 * Logs every event of a store except `iteration`, each as one record at its own level.
 *
 * A `Worker` alone logs nothing. An `EventHub` and `event.on` log by themselves. However often the events of a store are logged to one logger, each line
 * is written once.
 *
 * @param events the events of the store: `store.events`.
 * @param logger a logger of winston or pino, `console`, or any object whose `log` takes a `LogRecord`; by default the logger of Holdfast.
 * @returns a function that ends the logging.
 * @throws HOLDFAST_OPTION_INVALID if the logger is none of these.
 * @example
 * logEvents(store.events);
 * logEvents(store.events, console);
 * const end = logEvents(store.events, winston.createLogger({ transports: [new winston.transports.Console()] }));
 * end();
 */
export function logEvents(events: EventSource, logger: LogTarget = theLogger()): Unsubscribe {
  return joinLog(events, logger).leave;
}

/** Changes a record before it is written, or leaves it out. */
export type ShapeRecord = (record: LogRecord) => LogRecord | null;

/** The log of the events of one source to one logger, which all share who ask for it. */
interface SharedLog {
  shape: ShapeRecord;
  holders: number;
  readonly end: Unsubscribe;
}

const logs = new WeakMap<EventSource, Map<LogTarget, SharedLog>>();

/** Takes part in the log of the events of a source to a logger, which goes on until all have left. */
export function joinLog(events: EventSource, logger: LogTarget): { readonly log: Pick<SharedLog, 'shape'>; readonly leave: Unsubscribe } {
  const known = logs.get(events) ?? new Map<LogTarget, SharedLog>();
  logs.set(events, known);
  const log = known.get(logger) ?? beginLog(events, logger);
  known.set(logger, log);
  log.holders += 1;
  let hasLeft = false;
  const leave = (): void => {
    if (hasLeft) return;
    hasLeft = true;
    log.holders -= 1;
    if (log.holders > 0) return;
    known.delete(logger);
    log.end();
  };
  return { log, leave };
}

function beginLog(events: EventSource, logger: LogTarget): SharedLog {
  const write = writerTo(logger);
  const end = eachRecord(events, (record) => {
    const shaped = log.shape(record);
    if (shaped) write(shaped);
  });
  const log: SharedLog = { shape: (record) => record, holders: 0, end };
  return log;
}

/** Writes a record of every event except `iteration`. The label is the subject of the event. */
function eachRecord(events: EventSource, write: WriteRecord): Unsubscribe {
  const ends = (Object.keys(TEXTS) as Logged[]).map((name) => recordsOf(events, name, write));
  return () => {
    for (const end of ends) end();
  };
}

const recordsOf = <Name extends Logged>(events: EventSource, name: Name, write: WriteRecord): Unsubscribe =>
  events.on(name, (event) => {
    const level = 'level' in event ? event.level : EVENT_TABLE[name].level;
    write(logRecord(name, event, level, scrub(TEXTS[name](event))));
  });
