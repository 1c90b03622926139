import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskContext } from '../../modules/worker/taskContext';
import { Worker } from '../../classes/worker/worker';
import type { TaskView } from '../../modules/task/taskView';
import { eventually } from '../support/eventually';
import { violationsOf } from './history';
import type { Added, Final, Seen, Told } from './history';
import { noteRecovery } from './recoveries';

/** The payload of the tasks. */
export interface LoadPayload {
  readonly n: number;
  readonly taskMs: number;
  /** True if the first attempt fails. */
  readonly fails: boolean;
}

type Tasks = { work: LoadPayload };

export interface LoadOptions {
  readonly leaseMs: number;
  readonly maxConcurrency: number;
  /** Duration of a handler, in milliseconds. */
  readonly taskMs: number;
  /** Number of tasks kept waiting ahead of the workers, so that there is always something to claim. */
  readonly backlog: number;
  /** One task in this many fails once. */
  readonly failsEvery: number;
  /** Size of a result, besides the number of its attempt. */
  readonly resultBytes: number;
}

const DEFAULTS: LoadOptions = { leaseMs: 30_000, maxConcurrency: 4, taskMs: 25, backlog: 60, failsEvery: 10, resultBytes: 0 };

const TASKS_EACH_ADD = 10;

/**
 * A load under which faults are injected: one worker on each store, a steady backlog added through the first store, and a record of all that happens.
 *
 * `finish` waits for the tasks and checks the promise.
 */
export class Load {
  readonly workers: readonly Worker<Tasks>[];
  readonly #stores: readonly Store[];
  readonly #options: LoadOptions;
  readonly #queue: Queue<Tasks>;
  readonly #added: Added[] = [];
  readonly #runs: Seen[] = [];
  readonly #told: Omit<Told, 'n'>[] = [];
  /** The instants at which each worker started runs, on the monotonic clock. */
  readonly #begins = new Map<string, number[]>();
  readonly #events: string[] = [];
  #adding: Promise<void> | undefined;
  #enough = false;

  constructor(stores: readonly Store[], options: Partial<LoadOptions> = {}) {
    this.#stores = stores;
    this.#options = { ...DEFAULTS, ...options };
    this.#queue = new Queue(stores[0] as Store, 'load');
    const { leaseMs, maxConcurrency } = this.#options;
    this.workers = stores.map(
      (store) => new Worker<Tasks>(store, { queues: ['load'], leaseMs, maxConcurrency, handlers: { work: (context) => this.#run(context) } }),
    );
    for (const store of stores) this.#listen(store);
  }

  /** Starts to add and run tasks. Resolves when every worker has started one. */
  async start(): Promise<this> {
    for (const worker of this.workers) await worker.start();
    this.#adding = this.#add();
    await this.everyWorkerClaims(performance.now());
    return this;
  }

  /** Waits until every worker has started a run since an instant. Notes how long each took if a fault is named. */
  async everyWorkerClaims(since: number, fault?: string): Promise<void> {
    for (const { id } of this.workers) {
      const at = await eventually(`${id} claims again`, () => this.#begins.get(id)?.find((begin) => begin > since));
      if (fault !== undefined) noteRecovery(fault, at - since);
    }
  }

  /** Resolves when this many more runs have started. */
  async moreRuns(count: number): Promise<void> {
    const before = this.#runs.length;
    await eventually(`${count} more runs`, () => this.#runs.length >= before + count);
  }

  /** Returns how many events of a name the stores emitted. */
  countOf(name: string): number {
    return this.#events.filter((event) => event === name).length;
  }

  /** Stops adding, waits for all tasks, and checks the record against the store. */
  async finish(): Promise<void> {
    this.#enough = true;
    await this.#adding;
    await allEnded(this.#queue);
    for (const worker of this.workers) await worker.stop();
    const finals = (await allOf(this.#queue)).map(finalOf);
    const history = { added: this.#added, runs: this.#runs, told: this.#told, finals };
    expect(violationsOf(history)).to.deep.equal([]);
    expect(this.countOf('store-lost')).to.equal(this.countOf('store-returned'));
  }

  /** Abandons the workers and closes the stores, in any state. */
  async close(): Promise<void> {
    this.#enough = true;
    for (const worker of this.workers) await worker.abandon();
    for (const store of this.#stores) await store.close();
    await this.#adding;
  }

  async #add(): Promise<void> {
    const { backlog } = this.#options;
    while (!this.#enough) {
      if (this.#added.length - this.#told.filter(({ outcome }) => outcome === 'succeeded').length < backlog) await this.#addSome();
      else await wait(5);
    }
  }

  async #addSome(): Promise<void> {
    const { taskMs, failsEvery } = this.#options;
    const payloads = Array.from({ length: TASKS_EACH_ADD }, (_, index) => {
      const n = this.#added.length + index;
      return { n, taskMs, fails: n % failsEvery === failsEvery - 1 };
    });
    const backoff = { type: 'fixed', delayMs: 0 } as const;
    const specs = payloads.map((payload) => ({ name: 'work' as const, payload, options: { backoff } }));
    const accepted = await this.#queue.addMany(specs).then(
      () => true,
      () => false,
    );
    this.#added.push(...payloads.map(({ n }) => ({ n, accepted })));
  }

  async #run({ id, attempt, payload: { n, taskMs, fails } }: TaskContext<LoadPayload>): Promise<object> {
    this.#runs.push({ id, n, attempt });
    await wait(taskMs);
    if (fails && attempt === 1) throw new Error('the first attempt fails');
    return { attempt, filler: 'x'.repeat(this.#options.resultBytes) };
  }

  #listen({ events }: Store): void {
    const outcomes = {
      'task-succeeded': 'succeeded',
      'task-retried': 'retried',
      'task-released': 'released',
      'lease-swept': 'swept',
      'lease-lost': 'lost',
    } as const;
    for (const [name, outcome] of Object.entries(outcomes)) {
      events.on(name as keyof typeof outcomes, ({ task: { id, attempt } }) => this.#told.push({ id, attempt, outcome }));
    }
    events.on('task-started', ({ workerId }) => this.#begins.set(workerId, [...(this.#begins.get(workerId) ?? []), performance.now()]));
    for (const name of ['store-lost', 'store-returned', 'store-error', 'lease-lost', 'lease-swept'] as const) {
      events.on(name, () => this.#events.push(name));
    }
  }
}

/** Returns all tasks of a queue. */
export async function allOf(queue: Pick<Queue, 'list'>): Promise<TaskView[]> {
  const all: TaskView[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await queue.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    all.push(...page.tasks);
    after = page.next;
  }
  return all;
}

/**
 * Resolves when no task is live. It lists tasks because counts are no snapshot: a task that changes its state meanwhile may be in none of them.
 *
 * A list may lack a task that is retried while it is read, so that two lists in a row must have the same tasks.
 */
export const allEnded = (queue: Pick<Queue, 'list'>): Promise<boolean> => {
  let before = -1;
  return eventually('all has ended', async () => {
    const all = await allOf(queue);
    const isSame = all.length === before;
    before = all.length;
    return isSame && all.every(({ finishedAt }) => finishedAt !== null);
  });
};

/** Converts a task for the checker. */
export function finalOf({ id, state, attempt, failures, payload, result }: TaskView): Final {
  const resultOf = (result as { readonly attempt?: number } | undefined)?.attempt;
  return { id, n: (payload as LoadPayload).n, state, attempt, failures, resultOf };
}
