import { chunks, INSERT_TASKS, QUEUE, requirePeer, STEADY_LOADS } from './common';
import type { Client, Job, Payload, System, WorkerAsk, Working } from './system';

interface BullJob {
  readonly data: Payload;
}

interface BullQueue {
  add(name: string, data: Payload, options: object): Promise<unknown>;
  addBulk(jobs: readonly { name: string; data: Payload; opts: object }[]): Promise<unknown>;
  close(): Promise<void>;
}

interface BullWorker {
  on(event: 'completed' | 'failed' | 'error', listener: () => void): void;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** The used part of BullMQ's API. */
interface BullModule {
  readonly Queue: new (name: string, options: object) => BullQueue;
  readonly Worker: new (name: string, run: (job: BullJob) => Promise<unknown>, options: object) => BullWorker;
}

const optionsOf = ({ keep, delayMs, priority }: Job): object => ({
  removeOnComplete: !keep,
  ...(delayMs === undefined ? {} : { delay: delayMs }),
  ...(priority === undefined ? {} : { priority: priority + 1 }),
});

function open(url: string): Promise<Client> {
  const { Queue, Worker } = requirePeer<BullModule>('bullmq');
  const connection = { url, host: '127.0.0.1', port: Number(new URL(url).port), maxRetriesPerRequest: null };
  const queue = new Queue(QUEUE, { connection });
  const workers = new Set<BullWorker>();
  const toBull = (job: Job) => ({ name: 'measure', data: job.payload, opts: optionsOf(job) });
  return Promise.resolve({
    add: (job) => queue.add('measure', job.payload, optionsOf(job)),
    addMany: async (jobs) => {
      for (const some of chunks(jobs, INSERT_TASKS)) await queue.addBulk(some.map(toBull));
    },
    work: (ask) => work(Worker, workers, ask, connection),
    close: async () => {
      for (const worker of workers) await worker.close();
      await queue.close();
    },
  });
}

async function work(Worker: BullModule['Worker'], workers: Set<BullWorker>, ask: WorkerAsk, connection: object): Promise<Working> {
  const { maxConcurrency, handler, onSettled } = ask;
  const worker = new Worker(QUEUE, ({ data }) => Promise.resolve(data).then(handler), { connection, concurrency: maxConcurrency });
  worker.on('completed', () => onSettled(1));
  worker.on('failed', () => onSettled(1));
  workers.add(worker);
  await worker.waitUntilReady();
  return { stop: () => worker.close() };
}

const works = [
  ...['add-one', 'add-one-100', 'add-bulk', 'drain', 'drain-10', 'drain-100', 'drain-5ms', 'drain-kept', 'drain-failing'],
  ...[...Object.keys(STEADY_LOADS), 'pick-up', 'pick-up-other', 'processes-1', 'processes-2', 'processes-4', 'processes-8'],
];

export const bullmq: readonly System[] = [
  {
    name: 'bullmq',
    server: 'redis',
    isPeer: true,
    settings: 'concurrency 200, bulk of 1,000; Redis appendonly, appendfsync everysec (as its guide advises): less durable than the rest',
    maxConcurrency: 200,
    works,
    open,
  },
  {
    name: 'bullmq-fsync',
    server: 'redis-fsync',
    isPeer: true,
    mostTasks: 50_000,
    settings: 'concurrency 200, bulk of 1,000; Redis appendonly, appendfsync always: as durable as the rest',
    maxConcurrency: 200,
    works: ['add-one', 'add-one-100', 'add-bulk', 'drain', 'drain-10', 'drain-kept'],
    open,
  },
  {
    name: 'bullmq-defaults',
    server: 'redis-memory',
    isPeer: true,
    mostTasks: 20_000,
    settings: 'defaults (concurrency 1); Redis without appendonly: nothing durable',
    maxConcurrency: 1,
    works: ['drain'],
    open,
  },
];
