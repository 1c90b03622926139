import type { InternalPlace, TaskError } from '../../constants/events';
import { MINUTE } from '../../constants/limits';
import { isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { taskError } from '../../modules/errors/taskError';
import type { EventSink } from '../../modules/observe/eventSource';
import type { Clock } from '../../modules/time/clock';

/** Minimum time between two reports of the same error at one place. */
const TELL_EVERY_MS = MINUTE;

/** Maximum number of reported errors that are remembered. */
const MOST_KNOWN = 100;

/** The parts of InternalErrors. */
export interface InternalErrorsParts {
  readonly events: EventSink;
  readonly clock: Clock;
  /** Tells whether the store threw an error, and so has already reported it. */
  readonly isOfStore: (error: unknown) => boolean;
}

/** Reports the errors of background work that are no fault of the store: they are bugs. */
export class InternalErrors {
  readonly #parts: InternalErrorsParts;
  readonly #toldAt = new Map<string, number>();

  constructor(parts: InternalErrorsParts) {
    this.#parts = parts;
  }

  /** Reports an error, at most once a minute for each stack trace at each place. Never throws. */
  note(where: InternalPlace, thrown: unknown): void {
    if (this.#isToldElsewhere(thrown)) return;
    const error = taskError(thrown);
    if (this.#isNews(`${where}\n${placeOf(error)}`)) this.#parts.events.emit('internal-error', { where, error });
  }

  #isToldElsewhere(thrown: unknown): boolean {
    return isUnanswered(thrown) || isHoldfastError(thrown, 'HOLDFAST_STORE_CLOSED') || this.#parts.isOfStore(thrown);
  }

  #isNews(key: string): boolean {
    const now = this.#parts.clock.monotonic();
    if (now - (this.#toldAt.get(key) ?? -Infinity) < TELL_EVERY_MS) return false;
    if (this.#toldAt.size >= MOST_KNOWN) this.#toldAt.clear();
    this.#toldAt.set(key, now);
    return true;
  }
}

/** The number of stack frames that identify a bug. The frames below depend on how the work was started. */
const FRAMES = 3;

/** Returns where an error was thrown. The message is left out, because it may name another task each time. */
function placeOf({ name, message, stack = '' }: TaskError): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.length > 0 ? frames.slice(0, FRAMES).join('\n') : `${name}: ${message}`;
}
