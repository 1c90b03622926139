import type { EventName, HoldfastEvents } from '../../constants/events';
import { SECOND } from '../../constants/limits';
import { isUnanswered } from '../../modules/errors/holdfastError';
import type { Hint } from '../../modules/ports/hint';
import type { Cancel } from '../../modules/time/clock';
import type { StoreParts } from '../store/storeParts';
import type { Picture } from './picture';

/** What may have changed. */
export type ChangeKind = 'tasks' | 'queues' | 'processes' | 'batches';

/** What may have changed since the last one was told. */
export interface StoreChange {
  /** The queues whose tasks have changed; null if nobody knows which. */
  readonly queues: readonly string[] | null;
  readonly kinds: readonly ChangeKind[];
}

/** Time between two tellings, and between two looks at what nobody tells: the ends of tasks in other processes, for example. */
const TELL_EVERY_MS = SECOND;
const LOOK_EVERY_MS = 3 * SECOND;

/** Most queues that are told by name. */
const QUEUES_TOLD = 100;

/** The events that tell of tasks: those of whole batches of them, and those that are rare. An event of each task would cost its worker more. */
const OF_TASKS = [
  'task-added',
  'tasks-changed',
  'task-dead',
  'task-retried',
  'task-suspended',
  'lease-swept',
  'message-returned',
  'message-dead',
] as const;
const OF_ALL_TASKS = ['iteration', 'store-lost', 'store-returned'] as const;
const OF_QUEUES = ['queue-paused', 'queue-resumed', 'schedule-fired', 'schedule-skipped'] as const;
const OF_PROCESSES = ['worker-started', 'worker-stopping', 'worker-draining', 'worker-stopped'] as const;
const OF_BATCHES = ['batch-started', 'batch-ended'] as const;

const KINDS: readonly ChangeKind[] = ['tasks', 'queues', 'processes', 'batches'];

type TaskEvent = (typeof OF_TASKS)[number];

/** The parts of Changes. */
export interface ChangesParts extends Pick<StoreParts, 'events' | 'wakeups' | 'clock' | 'internalErrors'> {
  readonly picture: Picture;
}

/** Tells at most once a second that something has changed, whoever has changed it, while somebody listens. */
export class Changes {
  readonly #parts: ChangesParts;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  readonly #queues = new Set<string>();
  readonly #kinds = new Set<ChangeKind>();
  #isAll = false;
  #isAway = false;
  #ends: (() => unknown)[] = [];

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Calls back at changes, until the function that is returned is called. */
  listen(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    if (this.#ends.length === 0) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) for (const end of this.#ends.splice(0)) end();
    };
  }

  #begin(): void {
    const { events, wakeups } = this.#parts;
    const on = (names: readonly EventName[], note: () => void): void => void this.#ends.push(...names.map((name) => events.on(name, note)));
    this.#ends.push(...OF_TASKS.map((name) => events.on(name, (payload: HoldfastEvents[TaskEvent]) => this.#note('tasks', queueOf(payload)))));
    on(OF_ALL_TASKS, () => this.#note('tasks', null));
    on(OF_QUEUES, () => this.#note('queues'));
    on(OF_PROCESSES, () => this.#note('processes'));
    on(OF_BATCHES, () => this.#note('batches'));
    this.#ends.push(wakeups.listen({ serves: () => true, hear: ({ queue }: Hint) => this.#note('tasks', queue) }));
    this.#ends.push(
      this.#repeat(TELL_EVERY_MS, () => this.#tell()),
      this.#repeat(LOOK_EVERY_MS, () => void this.#look()),
    );
  }

  #note(kind: ChangeKind, queue?: string | null): void {
    this.#kinds.add(kind);
    if (queue === null || this.#queues.size >= QUEUES_TOLD) this.#isAll = true;
    else if (queue !== undefined) this.#queues.add(queue);
  }

  #tell(): void {
    if (this.#kinds.size === 0) return;
    const change = { queues: this.#isAll ? null : [...this.#queues], kinds: [...this.#kinds] };
    this.#isAll = false;
    this.#queues.clear();
    this.#kinds.clear();
    this.#parts.picture.heardOf(change.queues);
    for (const listener of [...this.#listeners]) listener(change);
  }

  /** Notes that the store is away or back: whoever listens looks at all, and so learns it. */
  #turn(isAway: boolean): void {
    this.#isAway = isAway;
    for (const kind of KINDS) this.#note(kind, kind === 'tasks' ? null : undefined);
  }

  /** Compares the counts with those of the look before. */
  async #look(): Promise<void> {
    try {
      const { tasks, processes } = await this.#parts.picture.news();
      for (const queue of tasks) this.#note('tasks', queue);
      if (processes) this.#note('processes');
      if (this.#isAway) this.#turn(false);
    } catch (error) {
      if (isUnanswered(error) && !this.#isAway) this.#turn(true);
      this.#parts.internalErrors.note('serve', error);
    }
  }

  #repeat(everyMs: number, act: () => void): Cancel {
    const { clock } = this.#parts;
    let cancel: Cancel = () => undefined;
    const again = (): void => {
      cancel = clock.after(
        everyMs,
        () => {
          again();
          act();
        },
        'idle',
      );
    };
    again();
    return () => cancel();
  }
}

const queueOf = (payload: HoldfastEvents[TaskEvent]): string => ('queue' in payload ? payload.queue : payload.task.queue);
