import { openStore, Queue, Worker } from '../../index';
import type { Store, TaskOptions, TaskSpec } from '../../index';
import { QUEUE } from './common';
import type { Client, Job, Payload, System, WorkerAsk, Working } from './system';

interface Tasks {
  measure: Payload;
}

async function open(url: string): Promise<Client> {
  const store = await openStore(url);
  const queue = new Queue<Tasks>(store, QUEUE);
  return {
    add: (job) => queue.add('measure', job.payload, optionsOf(job)),
    addMany: (jobs) => queue.addMany(jobs.map((job): TaskSpec<Tasks> => ({ name: 'measure', payload: job.payload, options: optionsOf(job) }))),
    work: (ask) => work(store, ask),
    close: () => store.close(),
  };
}

const optionsOf = ({ keep, delayMs, priority }: Job): TaskOptions => ({
  maxRetries: 1,
  ...(keep ? {} : { retention: { succeededMs: 0 } }),
  ...(delayMs === undefined ? {} : { delayMs }),
  ...(priority === undefined ? {} : { priority }),
});

async function work(store: Store, { maxConcurrency, handler, onSettled, pollMs }: WorkerAsk): Promise<Working> {
  const unsubscribe = store.events.on('iteration', ({ tally }) => onSettled(tally.succeeded + tally.dead));
  const worker = new Worker<Tasks>(store, {
    queues: [QUEUE],
    maxConcurrency,
    handlers: { measure: ({ payload }) => handler(payload) },
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

export const holdfast: readonly System[] = [
  { name: 'holdfast-sqlite', server: 'sqlite', settings, open },
  { name: 'holdfast-mongodb', server: 'mongodb', settings, open },
];
