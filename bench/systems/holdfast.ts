import { openStore, Queue, Worker } from '../../index';
import type { Store, TaskOptions, TaskSpec } from '../../index';
import { QUEUE } from './common';
import type { Adds, Client, Job, Payload, System, WorkerAsk, Working } from './system';

interface Tasks {
  measure: Payload;
}

/** The size of graphile-worker's local queue in its fastest settings. */
const PREFETCH = 500;

async function open(url: string, name = QUEUE, prefetch = 0): Promise<Client> {
  const store = await openStore(url);
  return {
    ...addsTo(store, name),
    addsTo: (queue) => addsTo(store, queue),
    work: (ask) => work(store, ask, prefetch),
    close: () => store.close(),
  };
}

function addsTo(store: Store, name: string): Adds {
  const queue = new Queue<Tasks>(store, name);
  return {
    add: (job) => queue.add('measure', job.payload, optionsOf(job)),
    addMany: (jobs) => queue.addMany(jobs.map((job): TaskSpec<Tasks> => ({ name: 'measure', payload: job.payload, options: optionsOf(job) }))),
  };
}

const optionsOf = ({ keep, delayMs, priority }: Job): TaskOptions => ({
  maxRetries: 1,
  ...(keep ? {} : { retention: { succeededMs: 0 } }),
  ...(delayMs === undefined ? {} : { delayMs }),
  ...(priority === undefined ? {} : { priority }),
});

async function work(store: Store, { maxConcurrency, handler, onSettled, queues = [QUEUE], pollMs }: WorkerAsk, prefetch: number): Promise<Working> {
  const unsubscribe = store.events.on('iteration', ({ tally }) => onSettled(tally.succeeded + tally.dead));
  const worker = new Worker<Tasks>(store, {
    queues,
    maxConcurrency,
    prefetch,
    handlers: { measure: (context) => handler(context.payload, context) },
    ...(pollMs === undefined ? {} : { pollInterval: { minMs: pollMs, maxMs: pollMs } }),
  });
  await worker.start();
  return {
    stop: async () => {
      await worker.stop();
      unsubscribe();
    },
  };
}

const settings = 'defaults (durability full)';

/** For works in which few tasks run at once, so that claims are the bottleneck. */
const claimingAhead = {
  settings: `prefetch ${PREFETCH}, else defaults`,
  works: ['drain-10', 'drain-100'],
  open: (url: string) => open(url, QUEUE, PREFETCH),
};

export const holdfast: readonly System[] = [
  { name: 'holdfast-sqlite', server: 'sqlite', settings, open: (url, queue) => open(url, queue) },
  { name: 'holdfast-sqlite-prefetch', server: 'sqlite', ...claimingAhead },
  { name: 'holdfast-mongodb', server: 'mongodb', settings, open: (url, queue) => open(url, queue) },
  { name: 'holdfast-mongodb-prefetch', server: 'mongodb', ...claimingAhead },
];
