import { openStore, Queue, Worker } from '../../index';
import type { Store } from '../../index';
import { HOLDFASTS, median, quantile } from './work';
import type { Reading, Stage, Work } from './work';

const NAME = 'statistics';

/** Rounds of each side: ten pairs count, and each is the median of several. */
const PAIRS = 10;
const ROUNDS = { quick: 1, full: 9 } as const;
const WARM_ROUNDS = 2;
const MAX_CONCURRENCY = 500;

/** The processor time goes on for a moment after the last handler: outcomes are written. */
const REST_MS = 25;

/** A worker whose queue is paused between the rounds. */
class Side {
  readonly #store: Store;
  readonly #queue: Queue;
  readonly #worker: Worker;
  #left = 0;
  #onDone = (): void => undefined;

  private constructor(store: Store, name: string) {
    this.#store = store;
    this.#queue = new Queue(store, name);
    this.#worker = new Worker(store, { queues: [name], maxConcurrency: MAX_CONCURRENCY, handlers: { task: () => this.#note() } });
  }

  static async open(url: string, statistics: boolean): Promise<Side> {
    const side = new Side(await openStore({ url, statistics }), statistics ? 'with' : 'without');
    await side.#queue.pause();
    await side.#worker.start();
    return side;
  }

  /** Drains a round, and returns the processor time of this process a task, in microseconds. */
  async round(tasks: number): Promise<number> {
    await this.#queue.addMany(
      Array.from({ length: tasks }, (_, index) => ({ name: 'task', payload: { index }, options: { retention: { succeededMs: 0 } } })),
    );
    this.#left = tasks;
    const done = new Promise<void>((resolve) => (this.#onDone = resolve));
    const before = process.cpuUsage();
    await this.#queue.resume();
    await done;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    const { user, system } = process.cpuUsage(before);
    await this.#queue.pause();
    return (user + system) / tasks;
  }

  async close(): Promise<void> {
    await this.#worker.stop();
    await this.#store.close();
  }

  #note(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#onDone();
  }
}

/** Returns what statistics add to the processor time of a pair, in percent. The order of the sides changes from round to round. */
async function pair(sides: readonly [Side, Side], tasks: number, rounds: number): Promise<number> {
  const taken: readonly [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1)
    for (const at of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) taken[at].push(await sides[at].round(tasks));
  return (median(taken[0]) / median(taken[1]) - 1) * 100;
}

async function measure({ url, tasks, quick }: Stage): Promise<Reading[]> {
  const sides = [await Side.open(url, true), await Side.open(url, false)] as const;
  for (let round = 0; round < WARM_ROUNDS; round += 1) await pair(sides, tasks, 1);
  const pairs: number[] = [];
  for (let at = 0; at < PAIRS; at += 1) pairs.push(await pair(sides, tasks, ROUNDS[quick ? 'quick' : 'full']));
  for (const side of sides) await side.close();
  const reading = (what: string, value: number): Reading => ({ name: `${NAME}${what}`, unit: '%', value });
  // Of ten values, the second lowest and the second highest hold the median with 98 percent.
  return [reading('', median(pairs)), reading(': low', quantile(pairs, 1 / PAIRS)), reading(': high', quantile(pairs, 1 - 2 / PAIRS))];
}

export const STATISTICS: readonly Work[] = [
  {
    name: NAME,
    meaning:
      'what statistics add to the processor time of a drained task: a worker with them and one without in one process, rounds in turn, the median of ten pairs and the interval in which it lies with 98 %',
    maxConcurrency: MAX_CONCURRENCY,
    tasks: 3_000,
    runs: 1,
    systems: HOLDFASTS,
    measure,
  },
];
