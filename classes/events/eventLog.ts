import { LOG_LEVELS } from '../../constants/events';
import type { LogLevel } from '../../constants/events';
import { joinLog } from '../../modules/observe/logEvents';
import type { LogTarget } from '../../modules/observe/logTarget';
import { ENDING_WORDS } from '../../modules/task/endings';
import type { LogRecord } from '../../modules/observe/logRecord';
import type { Clock } from '../../modules/time/clock';
import type { Store } from '../store/store';

/** Events that end an attempt in this process. */
const ENDINGS = new Set<string>([...ENDING_WORDS.keys(), 'lease-lost']);

const logs = new WeakMap<Store, Map<LogTarget, EventLog>>();

/**
 * Logs the events of a store on which declared events run. The begin and the end of each declared event are logged as information, with UUID,
 * attempt, duration and outcome.
 */
export class EventLog {
  readonly #queues = new Set<string>();
  readonly #startedAt = new Map<string, number>();
  readonly #clock: Clock;

  private constructor(store: Store, logger: LogTarget) {
    this.#clock = store.parts.clock;
    const { log } = joinLog(store.events, logger);
    log.shape = (each) => (each.queue !== null && this.#queues.has(each.queue) ? this.#ofEvent(each) : each);
  }

  /** Returns the log of a store to a logger. There is one for each pair, so that nothing is logged twice. */
  static of(store: Store, logger: LogTarget): EventLog {
    const known = logs.get(store) ?? new Map<LogTarget, EventLog>();
    logs.set(store, known);
    const log = known.get(logger) ?? new EventLog(store, logger);
    known.set(logger, log);
    return log;
  }

  /** Registers the queue of a declared event. */
  add(queue: string): void {
    this.#queues.add(queue);
  }

  #ofEvent(record: LogRecord): LogRecord | null {
    const { id, event } = record;
    // The begin is logged from `event-began`, which has the loggable part of the payload.
    if (event === 'task-started') return this.#noteStart(id);
    if (id === null || !ENDINGS.has(event)) return record;
    const durationMs = record.durationMs ?? this.#sinceStart(id);
    this.#startedAt.delete(id);
    if (record.outcome === null) return { ...record, durationMs };
    const took = durationMs === null || event === 'task-succeeded' ? '' : ` (after ${(durationMs / 1000).toFixed(3)} seconds)`;
    return { ...record, label: 'event', level: atLeastInfo(record.level), durationMs, message: `${record.message}${took}` };
  }

  #noteStart(id: string | null): null {
    if (id !== null) this.#startedAt.set(id, this.#clock.monotonic());
    return null;
  }

  #sinceStart(id: string): number | null {
    const startedAt = this.#startedAt.get(id);
    return startedAt === undefined ? null : this.#clock.monotonic() - startedAt;
  }
}

const atLeastInfo = (level: LogLevel): LogLevel => (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf('info') ? 'info' : level);
