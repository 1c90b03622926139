import { fork } from 'node:child_process';
import { join } from 'node:path';
import { sleep } from '../systems/common';
import type { Client } from '../systems/system';
import { jobOf } from './backlog';
import { Tally } from './tally';
import { instant, latencies } from './work';
import type { Measurement, Reading, Stage, Work } from './work';

/** The pick-ups of one run: the number of tasks and the mean pause between them. */
export interface PickUps {
  readonly count: number;
  readonly pauseMs: number;
}

const WORKER_CONCURRENCY = 10;
const SETTLE_IN_MS = 300;
const LAST_PICK_UP_MS = 10_000;
const POLL_MS = 200;

const countOf = ({ quick, tasks }: Measurement): number => Math.min(tasks, quick ? 20 : 100);

/** Adds tasks one by one. Pauses of half to one and a half times the mean let the worker become idle. */
export async function addSlowly(client: Client, { count, pauseMs }: PickUps): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await sleep(pauseMs * (0.5 + Math.random()));
    await client.add(jobOf(index));
  }
}

async function pickUp(stage: Stage, name: string, add: (count: number) => Promise<void>, pollMs?: number): Promise<Reading[]> {
  const count = countOf(stage);
  const tally = new Tally();
  const delays: number[] = [];
  const handler = ({ index, at }: { index: number; at: number }): void => {
    delays.push(instant() - at);
    tally.note(index);
  };
  const ask = { maxConcurrency: WORKER_CONCURRENCY, keep: false, handler, onSettled: () => undefined, ...(pollMs === undefined ? {} : { pollMs }) };
  const working = await stage.client.work(ask);
  await sleep(SETTLE_IN_MS);
  await add(count);
  for (const addedAt = instant(); tally.total < count && instant() - addedAt < LAST_PICK_UP_MS;) await sleep(20);
  await working.stop();
  tally.check(count);
  return latencies(name, delays);
}

function addElsewhere(stage: Stage, pickUps: PickUps): Promise<void> {
  const child = fork(join(__dirname, '../processes/adder.js'), [JSON.stringify({ system: stage.system, url: stage.url, ...pickUps })]);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the adding process ended with ${String(code)}`))));
  });
}

const PAUSE_MS = 80;

export const PICK_UPS: readonly Work[] = [
  {
    name: 'pick-up',
    meaning: 'from the call of add to the start of the handler in an idle worker of the same process',
    maxConcurrency: WORKER_CONCURRENCY,
    quickPlace: 7,
    measure: (stage) => pickUp(stage, 'pick-up', (count) => addSlowly(stage.client, { count, pauseMs: PAUSE_MS })),
  },
  {
    name: 'pick-up-other',
    meaning: 'the same, added by another process',
    maxConcurrency: WORKER_CONCURRENCY,
    quickPlace: 4,
    measure: (stage) => pickUp(stage, 'pick-up-other', (count) => addElsewhere(stage, { count, pauseMs: PAUSE_MS })),
  },
  {
    name: 'pick-up-polling',
    meaning: `the same on a server without change streams, polled every ${POLL_MS} ms`,
    maxConcurrency: WORKER_CONCURRENCY,
    systems: ['holdfast-mongodb'],
    server: 'mongodb-standalone',
    measure: (stage) => pickUp(stage, 'pick-up-polling', (count) => addElsewhere(stage, { count, pauseMs: 2 * POLL_MS }), POLL_MS),
  },
];
