import { chunks, inFlight, INSERT_TASKS, QUEUE, requirePeer, runAll, sleep } from './common';
import type { Client, Job, Payload, System, WorkerAsk, Working } from './system';

interface BossJob {
  readonly id: string;
  readonly data: Payload;
}

/** The used part of pg-boss's API. */
interface Boss {
  on(event: 'error', listener: () => void): void;
  start(): Promise<unknown>;
  stop(options: object): Promise<void>;
  createQueue(name: string): Promise<void>;
  send(name: string, data: Payload, options: object): Promise<unknown>;
  insert(jobs: readonly object[]): Promise<void>;
  fetch(name: string, options: object): Promise<BossJob[]>;
  complete(name: string, ids: string | readonly string[], data?: unknown): Promise<void>;
  fail(name: string, ids: readonly string[]): Promise<void>;
  work(name: string, run: (jobs: BossJob[]) => Promise<unknown>): Promise<string>;
  offWork(name: string): Promise<void>;
}

const BATCH = 2_000;
const CONNECTIONS = 10;
const EMPTY_PAUSE_MS = 20;

const optionsOf = ({ delayMs, priority }: Job): object => ({
  retryLimit: 0,
  ...(delayMs === undefined ? {} : { startAfter: new Date(Date.now() + delayMs) }),
  ...(priority === undefined ? {} : { priority: 9 - priority }),
});

async function open(url: string, tuned: boolean): Promise<Client> {
  const boss = new (requirePeer<new (options: object) => Boss>('pg-boss'))({ connectionString: url, max: CONNECTIONS, schedule: false });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.createQueue(QUEUE);
  return {
    add: (job) => boss.send(QUEUE, job.payload, optionsOf(job)),
    addMany: async (jobs) => {
      for (const some of chunks(jobs, INSERT_TASKS)) await boss.insert(some.map((job) => ({ name: QUEUE, data: job.payload, ...optionsOf(job) })));
    },
    work: (ask) => (tuned ? workInBatches(boss, ask) : workByDefault(boss, ask)),
    close: () => boss.stop({ graceful: false, wait: true }),
  };
}

function workInBatches(boss: Boss, ask: WorkerAsk): Promise<Working> {
  let isStopping = false;
  const loop = async (): Promise<void> => {
    const batchSize = Math.min(BATCH, ask.maxConcurrency);
    while (!isStopping) {
      const jobs = await boss.fetch(QUEUE, { batchSize });
      if (jobs.length === 0) await sleep(EMPTY_PAUSE_MS);
      else await runBatch(boss, jobs, ask);
    }
  };
  const ended = loop();
  return Promise.resolve({
    stop: () => {
      isStopping = true;
      return ended;
    },
  });
}

async function runBatch(boss: Boss, jobs: readonly BossJob[], { handler, keep, onSettled }: WorkerAsk): Promise<void> {
  const ended = await runAll(jobs, ({ data }) => handler(data));
  const succeeded = jobs.flatMap(({ id }, index) => (ended[index]?.ok ? [{ id, result: ended[index].result }] : []));
  const failed = jobs.filter((_, index) => !ended[index]?.ok).map(({ id }) => id);
  if (failed.length > 0) await boss.fail(QUEUE, failed);
  // Each result needs a call of its own.
  if (keep) await inFlight(succeeded, CONNECTIONS, ({ id, result }) => boss.complete(QUEUE, id, result));
  else if (succeeded.length > 0)
    await boss.complete(
      QUEUE,
      succeeded.map(({ id }) => id),
    );
  onSettled(jobs.length);
}

async function workByDefault(boss: Boss, { handler, onSettled }: WorkerAsk): Promise<Working> {
  await boss.work(QUEUE, async (jobs) => {
    await runAll(jobs, ({ data }) => handler(data));
    onSettled(jobs.length);
  });
  return { stop: () => boss.offWork(QUEUE) };
}

export const pgBoss: readonly System[] = [
  {
    name: 'pg-boss',
    server: 'postgres',
    isPeer: true,
    mostTasks: 50_000,
    settings: `fetch and complete in batches of up to ${BATCH}; completed jobs are kept until it archives them`,
    works: ['add-one', 'add-one-100', 'add-bulk', 'drain', 'drain-10', 'drain-100', 'drain-5ms', 'drain-kept', 'drain-failing'],
    open: (url) => open(url, true),
  },
  {
    name: 'pg-boss-defaults',
    server: 'postgres',
    isPeer: true,
    mostTasks: 1_000,
    settings: 'defaults (work() with one job each 2 s)',
    maxConcurrency: 1,
    works: ['drain', 'pick-up'],
    open: (url) => open(url, false),
  },
];
