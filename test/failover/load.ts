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

/** What its tasks carry. */
export interface LoadPayload {
  readonly n: number;
  readonly taskMs: number;
  /** Its first attempt fails. */
  readonly fails: boolean;
}

type Tasks = { work: LoadPayload };

export interface LoadOptions {
  readonly leaseMs: number;
  readonly maxConcurrency: number;
  /** How long a handler takes, in milliseconds. */
  readonly taskMs: number;
  /** How many tasks are kept ahead of the workers, so that there is always something to claim. */
  readonly backlog: number;
  /** One of so many fails once. */
  readonly failsEvery: number;
  /** How much a result holds beside the number of its attempt. */
  readonly resultBytes: number;
}

const DEFAULTS: LoadOptions = { leaseMs: 30_000, maxConcurrency: 4, taskMs: 25, backlog: 60, failsEvery: 10, resultBytes: 0 };

const TASKS_EACH_ADD = 10;

/**
 * One worker on each store, a steady backlog that the first store adds to, and a record of all that happens: what a fault is made under.
 *
 * `finish` lets all end and checks that the promise held.
 */
export class Load {
  readonly workers: readonly Worker<Tasks>[];
  readonly #stores: readonly Store[];
  readonly #options: LoadOptions;
  readonly #queue: Queue<Tasks>;
  readonly #added: Added[] = [];
  readonly #runs: Seen[] = [];
  readonly #told: Omit<Told, 'n'>[] = [];
  /** When each worker began runs, on the monotonic clock. */
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

  /** Begins to add and to run; resolves when every worker has begun. */
  async start(): Promise<this> {
    for (const worker of this.workers) await worker.start();
    this.#adding = this.#add();
    await this.everyWorkerClaims(performance.now());
    return this;
  }

  /** Waits until every worker has begun runs since an instant, with what it claimed by itself; notes how long each took. */
  async everyWorkerClaims(since: number, fault?: string): Promise<void> {
    for (const { id } of this.workers) {
      const at = await eventually(`${id} claims again`, () => this.#begins.get(id)?.find((begin) => begin > since));
      if (fault !== undefined) noteRecovery(fault, at - since);
    }
  }

  /** Resolves when so many more runs have begun. */
  async moreRuns(count: number): Promise<void> {
    const before = this.#runs.length;
    await eventually(`${count} more runs`, () => this.#runs.length >= before + count);
  }

  /** How many of an event the stores told. */
  countOf(name: string): number {
    return this.#events.filter((event) => event === name).length;
  }

  /** Adds no more, lets all end, and checks the record against what the store has. */
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

  /** Ends it at once, whatever has become of it. */
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

/** All tasks of a queue. */
export async function allOf(queue: Pick<Queue, 'list'>): Promise<TaskView[]> {
  const all: TaskView[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await queue.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    all.push(...page.tasks);
    after = page.next;
  }
  return all;
}

/** Resolves when no task is live. Counts would not tell: they are no snapshot, and a task that runs and waits again may be in none of them. */
export const allEnded = (queue: Pick<Queue, 'list'>): Promise<boolean> =>
  eventually('all has ended', async () => (await allOf(queue)).every(({ finishedAt }) => finishedAt !== null));

/** A task as the checker takes it. */
export function finalOf({ id, state, attempt, failures, payload, result }: TaskView): Final {
  const resultOf = (result as { readonly attempt?: number } | undefined)?.attempt;
  return { id, n: (payload as LoadPayload).n, state, attempt, failures, resultOf };
}
