import { SETTLED_MEMORY_MS } from '../../constants/limits';
import type { FollowUpStore, HandOver, KeptFollowUps } from '../../modules/ports/followUpStore';
import type { Namespace } from '../../modules/ports/namespace';
import { headOf } from '../../modules/task/task';
import type { Task } from '../../modules/task/task';
import { instantAfter } from '../../modules/time/instantAfter';
import type { ReferenceStore } from './referenceStore';

/** The specification of follow-ups: they get into their queues, and their task lets them go, at once. */
export class ReferenceFollowUps implements FollowUpStore {
  readonly #store: ReferenceStore;
  readonly #namespace: Namespace;

  constructor(store: ReferenceStore, namespace: Namespace) {
    this.#store = store;
    this.#namespace = namespace;
  }

  kept(forMs: number, limit: number): Promise<KeptFollowUps[]> {
    return this.#store.answer(() => {
      const isOld = ({ finishedAt }: Task): boolean => finishedAt !== null && finishedAt.getTime() <= this.#store.now() - forMs;
      return this.#store.tables.tasks
        .flatMap((task) => (task.followUps !== undefined && this.#namespace.owns(task.queue) && isOld(task) ? [keeping(task, task.followUps)] : []))
        .slice(0, limit)
        .map((task) => ({ ...task, queue: this.#namespace.outside(task.queue) }));
    });
  }

  handOver(handOvers: readonly HandOver[]): Promise<(readonly boolean[] | null)[]> {
    return this.#store.answer(() => handOvers.map((handOver) => this.#handOver(handOver)));
  }

  #handOver({ id, followUps, keepMs }: HandOver): readonly boolean[] | null {
    const { entries } = this.#store.tables;
    const entry = entries.get(id);
    if (entry?.task?.followUps === undefined) return null;
    const { followUps: _followUps, ...task } = entry.task;
    const expireAtMs = instantAfter(this.#store.now(), Math.max(keepMs, SETTLED_MEMORY_MS)).getTime();
    entries.set(id, { ...entry, task: keepMs === 0 ? null : task, expireAtMs });
    return this.#store.insertNow(followUps).map(({ added }) => added);
  }
}

const keeping = (task: Task, followUps: string): KeptFollowUps => ({ ...headOf(task), followUps });
