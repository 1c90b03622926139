import { fork } from 'node:child_process';
import { join } from 'node:path';
import { openStore, Queue, Worker } from '../index';
import type { Store, TaskOptions } from '../index';

/** What one measurement is asked for. */
export interface Measurement {
  readonly work: WorkName;
  readonly url: string;
  readonly tasks: number;
  readonly maxConcurrency: number;
}

/** One kind of measured work. */
interface Work {
  readonly unit: 'tasks/s' | 'ms';
  readonly meaning: string;
  measure(store: Store, measurement: Measurement): Promise<number>;
}

export type WorkName = 'add-bulk' | 'drain-removed' | 'drain-kept' | 'pick-up' | 'pick-up-other-process';

/** The names that the works use for themselves. */
const QUEUE = 'bench';
const PICK_UPS = 40;
const PICK_UP_PAUSE_MS = 120;

/** Milliseconds since the epoch, finer than Date.now and the same in every process. */
export const instant = (): number => performance.timeOrigin + performance.now();

export const WORKS: Readonly<Record<WorkName, Work>> = {
  'add-bulk': {
    unit: 'tasks/s',
    meaning: 'addMany of all tasks at once',
    measure: async (store, { tasks }) => rate(tasks, () => fill(store, tasks)),
  },
  'drain-removed': {
    unit: 'tasks/s',
    meaning: 'a preloaded backlog through one worker, no-op handler, removed on success',
    measure: (store, measurement) => drain(store, measurement, { retention: { succeededMs: 0 } }, () => undefined),
  },
  'drain-kept': {
    unit: 'tasks/s',
    meaning: 'the same, kept with a different result each',
    measure: (store, measurement) => drain(store, measurement, {}, (index) => ({ index })),
  },
  'pick-up': {
    unit: 'ms',
    meaning: 'from add to the start of the handler in an idle worker of the same process, median',
    measure: (store) => pickUp(store, (queue) => addSlowly(queue)),
  },
  'pick-up-other-process': {
    unit: 'ms',
    meaning: 'the same, added by another process',
    measure: (store, { url }) => pickUp(store, () => addElsewhere(url)),
  },
};

/** Runs one measurement on a store of its own. */
export async function measure(measurement: Measurement): Promise<number> {
  const store = await openStore(measurement.url);
  try {
    return await WORKS[measurement.work].measure(store, measurement);
  } finally {
    await store.close();
  }
}

/** Adds tasks one by one, with pauses in which the worker becomes idle. */
export async function addSlowly(queue: Queue): Promise<void> {
  for (let index = 0; index < PICK_UPS; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, PICK_UP_PAUSE_MS));
    await queue.add('measure', { addedAt: instant() });
  }
}

async function rate(tasks: number, run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (tasks / (performance.now() - startedAt)) * 1_000;
}

function fill(store: Store, tasks: number, options?: TaskOptions): Promise<unknown> {
  const spec = (index: number) => ({ name: 'measure', payload: { index, text: 'x'.repeat(100) }, ...(options ? { options } : {}) });
  return new Queue(store, QUEUE).addMany(Array.from({ length: tasks }, (_, index) => spec(index)));
}

async function drain(
  store: Store,
  { tasks, maxConcurrency }: Measurement,
  options: TaskOptions,
  resultOf: (index: number) => unknown,
): Promise<number> {
  await fill(store, tasks, options);
  const runs = new Uint8Array(tasks);
  let settled = 0;
  const drained = new Promise<void>((resolve) => store.events.on('task-succeeded', () => ++settled === tasks && resolve()));
  const measureTask = ({ payload: { index } }: { payload: { index: number } }): unknown => {
    runs[index] = (runs[index] ?? 0) + 1;
    return resultOf(index);
  };
  const worker = new Worker<{ measure: { index: number } }>(store, { queues: [QUEUE], maxConcurrency, handlers: { measure: measureTask } });
  const drainedASecond = await rate(tasks, async () => {
    await worker.start();
    await drained;
  });
  await worker.stop();
  if (runs.some((count) => count !== 1)) throw new Error('a task did not run exactly once');
  return drainedASecond;
}

async function pickUp(store: Store, add: (queue: Queue) => Promise<void>): Promise<number> {
  const delays: number[] = [];
  const handlers = { measure: ({ payload: { addedAt } }: { payload: { addedAt: number } }) => void delays.push(instant() - addedAt) };
  const worker = new Worker<{ measure: { addedAt: number } }>(store, { queues: [QUEUE], handlers });
  await worker.start();
  await add(new Queue(store, QUEUE));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await worker.stop();
  if (delays.length !== PICK_UPS) throw new Error('a task did not run exactly once');
  return median(delays);
}

function addElsewhere(url: string): Promise<void> {
  const child = fork(join(__dirname, 'addSlowly.js'), [url]);
  return new Promise((resolve, reject) => child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('the adding process failed')))));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
