import type { EventName, HoldfastEvents, LogLevel, TaskError, TaskRef } from '../../constants/events';
import { ENDING_WORDS } from '../task/endings';
import { oneLine } from '../values/oneLine';
import { scrub } from '../values/scrub';

/** A log record. Every record has the same fields; a field that does not apply is null. */
export interface LogRecord {
  readonly level: LogLevel;
  /** The subject of the event: `event`, `task`, `store`, `queue`, … */
  readonly label: string;
  /** One line, without control characters. */
  readonly message: string;
  /** The name of the event in `store.events`. */
  readonly event: EventName;
  readonly queue: string | null;
  readonly name: string | null;
  /** The UUID of the declared event, which is the id of its task. */
  readonly id: string | null;
  readonly attempt: number | null;
  readonly workerId: string | null;
  readonly durationMs: number | null;
  readonly outcome: string | null;
  readonly error: (Readonly<Record<'name' | 'message', string>> & { readonly code: string | null }) | null;
  /** The sanitized payload. */
  readonly payload: unknown;
}

/** The properties of events that the log has a field for. */
interface Told {
  readonly task?: TaskRef;
  readonly queue?: string;
  readonly id?: string;
  readonly workerId?: string;
  readonly durationMs?: number;
  readonly error?: TaskError;
  readonly payload?: unknown;
}

/** Returns the record of an event. */
export function logRecord<Name extends EventName>(event: Name, told: HoldfastEvents[Name], level: LogLevel, message: string): LogRecord {
  const { task, queue, id, workerId, durationMs, error, payload } = told as Told;
  return {
    level,
    label: event.split('-')[0] ?? event,
    message: oneLine(message),
    event,
    queue: task?.queue ?? queue ?? null,
    name: task?.name ?? null,
    id: task?.id ?? id ?? null,
    attempt: task?.attempt ?? null,
    workerId: workerId ?? null,
    durationMs: durationMs ?? null,
    outcome: ENDING_WORDS.get(event) ?? null,
    error: error ? { name: error.name, message: scrub(error.message), code: error.code ?? null } : null,
    payload: payload ?? null,
  };
}
