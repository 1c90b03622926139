import type { LogLevel } from '../constants/events';
import type { Jsonified } from '../modules/json';
import type { Attempt } from './attempt';

/** Writes lines that carry the task's id; they reach the log as `task-log` events. */
export type TaskLog = Readonly<Record<LogLevel, (message: string) => void>>;

/**
 * What a handler gets of its task.
 *
 * @example
 * handlers: { resize: async ({ payload, signal, attempt, log }) => { log.info(`attempt ${attempt}`); return resize(payload, { signal }); } }
 */
export class TaskContext<Payload = unknown> {
  readonly #attempt: Attempt;
  #payload: { readonly value: Jsonified<Payload> } | undefined;
  #log: TaskLog | undefined;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  /** The id of the task, a UUID; the same at every attempt. */
  get id(): string {
    return this.#attempt.id;
  }

  get queue(): string {
    return this.#attempt.task.queue;
  }

  get name(): string {
    return this.#attempt.task.name;
  }

  /** What was added, as JSON carries it. */
  get payload(): Jsonified<Payload> {
    this.#payload ??= { value: JSON.parse(this.#attempt.task.payload) as Jsonified<Payload> };
    return this.#payload.value;
  }

  /** The number of this attempt, from 1; it never falls, so another system can refuse what an earlier attempt sends. */
  get attempt(): number {
    return this.#attempt.task.attempt;
  }

  /** Recorded failures before this attempt. */
  get failures(): number {
    return this.#attempt.task.failures;
  }

  /** The lease of this attempt; its token is unique to the claim. */
  get lease(): { readonly token: string } {
    return { token: this.#attempt.token };
  }

  /** Fires when the handler shall end: its lease is lost, its time is over, or the worker stops. Its reason is a HoldfastError. */
  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  get log(): TaskLog {
    return (this.#log ??= makeLog((level, message) => this.#attempt.writeLog(level, message)));
  }
}

function makeLog(write: (level: LogLevel, message: string) => void): TaskLog {
  const at = (level: LogLevel) => (message: string) => write(level, message);
  return { error: at('error'), warn: at('warn'), info: at('info'), verbose: at('verbose'), debug: at('debug') };
}
