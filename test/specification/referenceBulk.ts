import type { Bulk, BulkCount, BulkFilter, BulkPart, BulkRequest } from '../../modules/ports/bulk';
import type { Namespace } from '../../modules/ports/namespace';
import type { Task } from '../../modules/task/task';
import type { ReferenceStore } from './referenceStore';

/** The specification of bulk actions: newest first, whatever the state. */
export class ReferenceBulk implements Bulk {
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
