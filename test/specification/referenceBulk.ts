import type { FinishedState } from '../../constants/states';
import type { Bulk, BulkCount, BulkFilter, BulkPart, BulkRequest } from '../../modules/ports/bulk';
import { boundedCount, PLAIN_STATES, tallyOf } from '../../modules/ports/queueTally';
import type { PlacedTask, QueueTallies, QueueTally } from '../../modules/ports/queueTally';
import type { Namespace } from '../../modules/ports/namespace';
import type { Task } from '../../modules/task/task';
import type { ReferenceStore } from './referenceStore';

/** The specification of bulk actions: newest first, whatever the state. */
export class ReferenceBulk implements Bulk {
  readonly partMs = 20;
  readonly idsAtOnce = 1_000;
  readonly #store: ReferenceStore;
  readonly #namespace: Namespace;

  constructor(store: ReferenceStore, namespace: Namespace) {
    this.#store = store;
    this.#namespace = namespace;
  }

  count(filter: BulkFilter, most: number): Promise<BulkCount> {
    return this.#store.answer(() => {
      const count = this.#matching(filter).length;
      return { count: Math.min(count, most), isExact: count <= most };
    });
  }

  now(): Promise<Date> {
    return this.#store.answer(() => new Date(this.#store.now()));
  }

  placeAfter(queue: string, state: FinishedState, newest: number): Promise<string | null> {
    return this.#store.answer(() => {
      const found = this.#matching({ queue, states: [state] });
      if (newest === 0) return 'g';
      return found.length > newest ? (found[newest - 1]?.id ?? null) : null;
    });
  }

  change({ filter, change, by, limit, after }: BulkRequest): Promise<BulkPart> {
    return this.#store.answer(() => {
      const left = this.#matching(filter).filter(({ id }) => after === undefined || id < after);
      const part = filter.ids ? left : left.slice(0, limit);
      const answers = part.map((task) =>
        this.#store.settleOne({ id: task.id, queue: task.queue, by, change, guard: task.lease ? { token: task.lease.token } : task }),
      );
      const count = (wanted: string): number => answers.filter((answer) => answer === wanted).length;
      const next = part.length < left.length ? (part.at(-1)?.id ?? null) : null;
      return { seen: part.length, changed: count('applied'), clashed: count('clash'), next };
    });
  }

  #matching({ queue, states, name, tag, ids, finishedBefore, addedUntil }: BulkFilter): Task[] {
    const matches = (task: Task): boolean =>
      task.queue === this.#namespace.inside(queue) &&
      states.includes(task.state) &&
      (name ?? task.name) === task.name &&
      (tag === undefined || (task.settings.tags?.includes(tag) ?? false)) &&
      (ids?.includes(task.id) ?? true) &&
      (finishedBefore === undefined || (task.finishedAt !== null && task.finishedAt < finishedBefore)) &&
      (addedUntil === undefined || task.createdAt <= addedUntil);
    return this.#store.tables.tasks.filter(matches).sort((a, b) => (a.id < b.id ? 1 : -1));
  }
}

/** The specification of the counts of one queue. */
export class ReferenceTallies implements QueueTallies {
  readonly atOnce = 1;
  readonly #store: ReferenceStore;
  readonly #namespace: Namespace;

  constructor(store: ReferenceStore, namespace: Namespace) {
    this.#store = store;
    this.#namespace = namespace;
  }

  of(queue: string, most: number): Promise<QueueTally> {
    return this.#store.answer(() => {
      const now = new Date(this.#store.now());
      const tasks = this.#store.tables.tasks.filter((task) => task.queue === this.#namespace.inside(queue));
      const waiting = tasks.filter(({ state }) => state === 'waiting').map(({ availableAt }) => availableAt);
      const plain = PLAIN_STATES.map((wanted) => [wanted, tasks.filter(({ state }) => state === wanted).length] as const);
      const due = waiting.filter((at) => at <= now);
      const counts = {
        due: due.length,
        delayed: waiting.length - due.length,
        ...(Object.fromEntries(plain) as Record<(typeof PLAIN_STATES)[number], number>),
      };
      const [first] = due.sort((a, b) => a.getTime() - b.getTime());
      return tallyOf(counts, most, first ?? null, now);
    });
  }

  before({ id, queue }: PlacedTask, most: number): Promise<BulkCount> {
    return this.#store.answer(() => {
      const place = this.#store.dueIn(this.#namespace.inside(queue)).findIndex((task) => task.id === id);
      return boundedCount(Math.max(0, place), most);
    });
  }
}
