import type { Store } from '../../classes/store/store';
import type { StoreParts } from '../../classes/store/storeParts';
import { Worker } from '../../classes/worker/worker';
import { LIVE_STATES, TASK_STATES } from '../../constants/states';
import { totalCounts } from '../../modules/task/counts';
import type { Task } from '../../modules/task/task';

/** Counts the calls of a copy, and makes one of them the last of its process. */
export class Faults {
  calls = 0;
  #failAt = 0;
  #when: 'before' | 'after' = 'before';

  set(failAt: number, when: 'before' | 'after'): void {
    this.calls = 0;
    this.#failAt = failAt;
    this.#when = when;
  }

  around<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          this.calls += 1;
          const fails = this.calls === this.#failAt;
          if (fails && this.#when === 'before') throw new Error('killed before');
          const answer: unknown = await Reflect.apply(member, target, given);
          if (fails) throw new Error('killed after');
          return answer;
        };
      },
    });
  }

  store(store: Store): Store {
    const parts = { tasks: this.around(store.parts.tasks), settings: this.around(store.parts.settings), transit: this.around(store.parts.transit) };
    return withParts(store, parts);
  }
}

/** A store with another URL. */
export const withUrl = (store: Store, url: string): Store =>
  new Proxy(store, { get: (target, key): unknown => (key === 'url' ? url : Reflect.get(target, key, target)) });

/** A store with some parts replaced. */
export const withParts = (store: Store, parts: Partial<StoreParts>): Store =>
  new Proxy(store, { get: (target, key): unknown => (key === 'parts' ? { ...target.parts, ...parts } : Reflect.get(target, key, target)) });

export const liveOf = async (store: Store): Promise<Task[]> => {
  const queues = Object.keys(await store.parts.tasks.counts(LIVE_STATES));
  return (await Promise.all(queues.map((queue) => store.parts.tasks.list({ queue, states: LIVE_STATES, limit: 1_000 })))).flatMap(
    ({ tasks }) => tasks,
  );
};

export const total = async (store: Store): Promise<ReturnType<typeof totalCounts>> =>
  totalCounts(Object.values(await store.parts.tasks.counts(TASK_STATES)));

/** The fields that move with a task. A move changes the state and lease, and raises the revision. */
export const kept = ({ state: _state, rev: _rev, lease: _lease, ...rest }: Task) => rest;

export async function finishedOf(store: Store): Promise<Task[]> {
  const queues = Object.keys(await store.parts.tasks.counts(TASK_STATES));
  return (
    await Promise.all(queues.map((queue) => store.parts.tasks.list({ queue, states: ['succeeded', 'dead', 'cancelled'], limit: 1_000 })))
  ).flatMap(({ tasks }) => tasks);
}

/** Runs all tasks that can be claimed now. A drain ends by what its claims find, because counts of two states may miss a task between them. */
export async function runAll(stores: readonly Store[], options: ConstructorParameters<typeof Worker>[1]): Promise<void> {
  for (const store of stores) {
    const worker = new Worker(store, options);
    await worker.drain();
    await worker.stop();
  }
}
