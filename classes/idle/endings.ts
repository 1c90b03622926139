import { SECOND } from '../../constants/limits';
import { isUnanswered } from '../../modules/errors/holdfastError';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { Task } from '../../modules/task/task';
import type { Cancel, Clock } from '../../modules/time/clock';
import type { Emitter } from '../observe/emitter';
import type { Wakeups } from './wakeups';

/** A wait is looked at again after this part of the time it has lasted: a short task is seen at once, and a long one costs few looks. */
const PART = 4;
const LOOK_MIN_MS = 20;
const LOOK_MAX_MS = SECOND;

/** Maximum number of looks under way in this process, however many wait. */
const LOOKS_AT_ONCE = 4;

/** The parts of Endings. */
export interface EndingsParts {
  readonly tasks: Pick<TaskStore, 'find'>;
  readonly wakeups: Pick<Wakeups, 'listen'>;
  readonly events: Pick<Emitter, 'on'>;
  readonly clock: Clock;
}

interface Wait {
  readonly queue: string;
  readonly id: string;
  readonly beganAt: number;
  readonly resolve: (task: Task | null) => void;
  readonly reject: (reason: unknown) => void;
  lookedAt: number;
  lookAt: number;
  isLooking: boolean;
}

/**
 * Waits for the ends of tasks that any process runs.
 *
 * An end in this process is told by its event. Of other processes the hints of the store tell that something was written; where they do not, each wait
 * is looked at now and then, a few at a time.
 */
export class Endings {
  readonly #parts: EndingsParts;
  readonly #waits = new Set<Wait>();
  #looks = 0;
  #cancel: Cancel = () => undefined;
  #stopListening: () => void = () => undefined;

  constructor(parts: EndingsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves with the task once it has ended, with null if there is none, and with the task as it is after the time.
   *
   * @throws HOLDFAST_STORE_CLOSED, or a refusal of the store. An outage is waited for.
   */
  async of(queue: string, id: string, timeoutMs: number): Promise<Task | null> {
    let wait: Wait | undefined;
    const ended = new Promise<Task | null>((resolve, reject) => {
      const beganAt = this.#parts.clock.monotonic();
      wait = { queue, id, beganAt, resolve, reject, lookedAt: -Infinity, lookAt: beganAt, isLooking: false };
      this.#enter(wait);
    });
    const cancel = this.#parts.clock.after(timeoutMs, () => void this.#lookAgain(wait as Wait, 'last'));
    try {
      return await ended;
    } finally {
      cancel();
      this.#leave(wait as Wait);
    }
  }

  #enter(wait: Wait): void {
    this.#waits.add(wait);
    if (this.#waits.size === 1) this.#stopListening = this.#listen();
    this.#look();
  }

  #leave(wait: Wait): void {
    if (!this.#waits.delete(wait) || this.#waits.size > 0) return;
    this.#cancel();
    this.#stopListening();
  }

  #listen(): () => void {
    const { events, wakeups } = this.#parts;
    const soon = (isMeant: (wait: Wait) => boolean, restMs = 0): void => {
      for (const wait of this.#waits) if (isMeant(wait)) wait.lookAt = Math.min(wait.lookAt, wait.lookedAt + restMs);
      this.#look();
    };
    const ofTask = ({ task }: { readonly task: { readonly id: string } }): void => soon(({ id }) => id === task.id);
    const ends = [
      events.on('task-succeeded', ofTask),
      events.on('task-dead', ofTask),
      events.on('tasks-changed', ({ queue }) => soon((wait) => wait.queue === queue)),
      events.on('store-closed', () => soon(() => true)),
      wakeups.listen({
        serves: (queue) => [...this.#waits].some((wait) => wait.queue === queue),
        // A hint names no task. However many wait, and however many hints come, they cost about a thousand looks a second.
        hear: ({ queue }) => soon((wait) => queue === null || wait.queue === queue, this.#waits.size),
      }),
    ];
    return () => ends.forEach((end) => end());
  }

  /** Begins the looks that are due, the earliest first, and sets the timer of the next one. */
  #look(): void {
    this.#cancel();
    const now = this.#parts.clock.monotonic();
    const waiting = [...this.#waits].filter(({ isLooking }) => !isLooking).sort((one, other) => one.lookAt - other.lookAt);
    for (const wait of waiting) {
      if (wait.lookAt > now || this.#looks >= LOOKS_AT_ONCE) break;
      void this.#lookAt(wait);
    }
    const next = waiting.find(({ isLooking }) => !isLooking);
    if (next && this.#looks < LOOKS_AT_ONCE) this.#cancel = this.#parts.clock.after(Math.max(0, next.lookAt - now), () => this.#look());
  }

  async #lookAt(wait: Wait): Promise<void> {
    const { clock } = this.#parts;
    this.#looks += 1;
    wait.isLooking = true;
    wait.lookedAt = clock.monotonic();
    const waitedMs = clock.monotonic() - wait.beganAt;
    wait.lookAt = clock.monotonic() + Math.min(LOOK_MAX_MS, Math.max(LOOK_MIN_MS, waitedMs / PART));
    await this.#lookAgain(wait, 'again');
    wait.isLooking = false;
    this.#looks -= 1;
    if (this.#waits.size > 0) this.#look();
  }

  async #lookAgain(wait: Wait, which: 'again' | 'last'): Promise<void> {
    try {
      const head = await this.#parts.tasks.find(wait.queue, wait.id, 'head');
      if (head && head.finishedAt === null && which === 'again') return;
      wait.resolve(head && (await this.#parts.tasks.find(wait.queue, wait.id)));
    } catch (error) {
      if (which === 'last' || !isUnanswered(error)) wait.reject(error);
    }
  }
}
