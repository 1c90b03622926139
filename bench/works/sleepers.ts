import { Queue, Worker } from '../../index';
import type { Store } from '../../index';
import { QUEUE, sleep } from '../systems/common';
import { fill } from './backlog';
import { costOf } from './idle';
import { opened } from './openedStore';
import { HOLDFASTS } from './work';
import type { Reading, Stage, Work } from './work';

const SLEEPERS = 100_000;
const MONTH_MS = 30 * 86_400_000;
const WORKER_CONCURRENCY = 10;
const FALL_ASLEEP_CONCURRENCY = 2_000;

/** MongoDB writes what has changed into its files once a minute, which took a second of processor time after 50,000 tasks had fallen asleep. */
const SETTLE_IN_MS = { quick: 1_000, full: 70_000 } as const;
const IDLE_MS = { quick: 3_000, full: 20_000 } as const;

/** Runs tasks that each sleep for a month, until all of them sleep. */
async function putToSleep(stage: Stage, store: Store): Promise<void> {
  await fill(stage.client, stage.tasks);
  let asleep = 0;
  let onAllAsleep = (): void => undefined;
  const allAsleep = new Promise<void>((resolve) => (onAllAsleep = resolve));
  store.events.on('iteration', ({ tally }) => {
    asleep += tally.suspended;
    if (asleep >= stage.tasks) onAllAsleep();
  });
  const measureTask = ({ sleepFor }: { readonly sleepFor: (name: string, ms: number) => Promise<void> }): Promise<void> =>
    sleepFor('month', MONTH_MS);
  const worker = new Worker(store, { queues: [QUEUE], maxConcurrency: FALL_ASLEEP_CONCURRENCY, handlers: { measure: measureTask } });
  await worker.start();
  await allAsleep;
  await worker.stop();
}

/** Measures an idle worker in a process that has done nothing else, and checks that nobody has woken meanwhile. */
async function measure(stage: Stage, store: Store, name: string, sleepers: number): Promise<Reading[]> {
  const pace = stage.quick ? 'quick' : 'full';
  const worker = new Worker(store, { queues: [QUEUE], maxConcurrency: WORKER_CONCURRENCY, handlers: { measure: () => undefined } });
  await worker.start();
  await sleep(SETTLE_IN_MS[pace]);
  const readings = await costOf(stage, name, IDLE_MS[pace]);
  await worker.stop();
  const { waiting } = await new Queue(store, QUEUE).counts({ upTo: SLEEPERS });
  if (waiting !== Math.min(sleepers, SLEEPERS)) throw new Error(`${waiting} of ${sleepers} tasks sleep`);
  return readings;
}

function sleepersWork(name: string, meaning: string, hasSleepers: boolean): Work {
  return {
    name,
    meaning,
    maxConcurrency: WORKER_CONCURRENCY,
    tasks: SLEEPERS,
    runs: 1,
    systems: HOLDFASTS,
    prepare: (stage) => (hasSleepers ? opened(stage, (store) => putToSleep(stage, store)) : Promise.resolve()),
    measure: (stage) => opened(stage, (store) => measure(stage, store, name, hasSleepers ? stage.tasks : 0)),
  };
}

export const SLEEPING: readonly Work[] = [
  sleepersWork('sleepers-0', 'an idle worker on an empty store: processor time of worker and server', false),
  sleepersWork('sleepers-100k', 'as sleepers-0, beside 100,000 tasks that sleep for a month by context.sleepFor', true),
];
