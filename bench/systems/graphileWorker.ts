import { chunks, INSERT_TASKS, requirePeer, STEADY_LOADS } from './common';
import type { Client, Job, Payload, System, WorkerAsk, Working } from './system';

interface Utils {
  migrate(): Promise<void>;
  addJob(name: string, payload: Payload, options: object): Promise<unknown>;
  addJobs(specs: readonly object[]): Promise<unknown>;
  release(): Promise<void>;
}

interface Runner {
  readonly events: { on(event: 'job:complete', listener: () => void): void };
  stop(): Promise<void>;
}

/** The used part of graphile-worker's API. */
interface GraphileModule {
  makeWorkerUtils(options: object): Promise<Utils>;
  run(options: object): Promise<Runner>;
  readonly Logger: new (factory: () => () => void) => object;
}

const optionsOf = ({ delayMs, priority }: Job): object => ({
  maxAttempts: 1,
  ...(delayMs === undefined ? {} : { runAt: new Date(Date.now() + delayMs) }),
  ...(priority === undefined ? {} : { priority }),
});

async function open(url: string, tuned: boolean): Promise<Client> {
  const graphile = requirePeer<GraphileModule>('graphile-worker');
  const logger = new graphile.Logger(() => () => undefined);
  const utils = await graphile.makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  const running = new Set<Runner>();
  return {
    add: (job) => utils.addJob('measure', job.payload, optionsOf(job)),
    addMany: async (jobs) => {
      for (const some of chunks(jobs, INSERT_TASKS))
        await utils.addJobs(some.map((job) => ({ identifier: 'measure', payload: job.payload, ...optionsOf(job) })));
    },
    work: (ask) => work(graphile, running, ask, { connectionString: url, logger, ...(tuned ? tunedFor(ask.maxConcurrency) : {}) }),
    close: async () => {
      for (const runner of running) await runner.stop();
      await utils.release();
    },
  };
}

const tunedFor = (maxConcurrency: number): object => ({
  preset: {
    worker: {
      concurrentJobs: maxConcurrency,
      maxPoolSize: 10,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});

async function work(graphile: GraphileModule, running: Set<Runner>, { handler, onSettled }: WorkerAsk, options: object): Promise<Working> {
  const taskList = { measure: (payload: Payload) => handler(payload) };
  const runner = await graphile.run({ ...options, taskList, noHandleSignals: true });
  running.add(runner);
  runner.events.on('job:complete', () => onSettled(1));
  return {
    stop: async () => {
      running.delete(runner);
      await runner.stop();
    },
  };
}

export const graphileWorker: readonly System[] = [
  {
    name: 'graphile-worker',
    server: 'postgres',
    isPeer: true,
    settings: 'concurrentJobs 24, localQueue 500, completions batched without delay; it keeps no finished jobs',
    maxConcurrency: 24,
    works: [
      ...['add-one', 'add-one-100', 'add-bulk', 'drain', 'drain-10', 'drain-100', 'drain-5ms', 'drain-failing'],
      ...[...Object.keys(STEADY_LOADS), 'pick-up', 'pick-up-other', 'processes-1', 'processes-2', 'processes-4', 'processes-8'],
    ],
    open: (url) => open(url, true),
  },
  {
    name: 'graphile-worker-defaults',
    server: 'postgres',
    isPeer: true,
    mostTasks: 20_000,
    settings: 'defaults (concurrentJobs 1, pollInterval 2 s)',
    maxConcurrency: 1,
    works: ['drain', 'pick-up'],
    open: (url) => open(url, false),
  },
];
