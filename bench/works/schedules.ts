import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openStore, Queue, Scheduler } from '../../index';
import type { Store } from '../../index';
import type { ScheduleWorkerOrder } from '../processes/scheduleWorker';
import { sleep } from '../systems/common';
import { HOLDFASTS, instant, quantile } from './work';
import type { Reading, Stage, Work } from './work';

const NAME = 'schedules';
const QUEUE = 'schedules';
const SCHEDULES = 10_000;
const PROCESSES = 4;
const MINUTE = 60_000;
const OCCURRENCES = 2;
const KILL_EVERY_MS = 1_000;
const STORED_AT_ONCE = 200;

/** Time from the last occurrence to the last kill, and from then until those that are still not added count as lost. */
const SETTLE_MS = 5_000;
const GIVE_UP_MS = 60_000;

/** A process that fires schedules, and whether it has started. */
interface Firing {
  readonly child: ChildProcess;
  isReady: boolean;
}

/** Processes that fire schedules, of which one a second is killed and started again. */
class Killed {
  readonly #order: ScheduleWorkerOrder;
  readonly #processes: Firing[];

  constructor(order: ScheduleWorkerOrder) {
    this.#order = order;
    this.#processes = Array.from({ length: PROCESSES }, () => this.#start());
  }

  async ready(): Promise<void> {
    await Promise.all(this.#processes.map(({ child }) => once(child, 'message')));
  }

  /** Kills in turn. One that is still starting has its turn later: on a busy machine none would ever start. */
  async killUntil(endMs: number): Promise<void> {
    for (let place = 0; instant() < endMs; place = (place + 1) % PROCESSES) {
      await sleep(KILL_EVERY_MS);
      const next = this.#processes[place];
      if (!next?.isReady) continue;
      next.child.kill('SIGKILL');
      this.#processes[place] = this.#start();
    }
  }

  async end(): Promise<void> {
    const ended = this.#processes.map(({ child }) => once(child, 'exit'));
    for (const { child } of this.#processes) child.kill('SIGKILL');
    await Promise.all(ended);
  }

  #start(): Firing {
    const child = fork(join(__dirname, '../processes/scheduleWorker.js'), [JSON.stringify(this.#order)]);
    const started = { child, isReady: false };
    child.once('message', () => (started.isReady = true));
    return started;
  }
}

/** Stores schedules of every minute whose first occurrence is one that no upsert is too late for. Returns its instant. */
async function storeSchedules(store: Store): Promise<number> {
  const scheduler = new Scheduler(store);
  const firstMs = Math.ceil(Date.now() / MINUTE + 1) * MINUTE;
  const bounds = { startAt: new Date(firstMs), endAt: new Date(firstMs + (OCCURRENCES - 1) * MINUTE) };
  for (let stored = 0; stored < SCHEDULES; stored += STORED_AT_ONCE) {
    const upsert = (_: unknown, n: number) => scheduler.upsert(`s${stored + n}`, { queue: QUEUE, cron: '* * * * *', ...bounds });
    await Promise.all(Array.from({ length: STORED_AT_ONCE }, upsert));
  }
  if (Date.now() > firstMs) throw new Error('storing the schedules took too long');
  return firstMs;
}

/** The id of the task of an occurrence begins with its instant. */
const occurrenceOf = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

/** Returns how long after its occurrence each task was added. */
async function latenesses(store: Store): Promise<number[]> {
  const queue = new Queue(store, QUEUE);
  const late: number[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await queue.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    late.push(...page.tasks.map(({ id, createdAt }) => createdAt.getTime() - occurrenceOf(id)));
    after = page.next;
  }
  return late;
}

/** Waits until so many tasks were added. */
async function untilAdded(store: Store, count: number): Promise<void> {
  const queue = new Queue(store, QUEUE);
  for (const endMs = instant() + GIVE_UP_MS; instant() < endMs; await sleep(1_000)) {
    const counts = await queue.counts();
    if (counts.waiting + counts.running + counts.succeeded + counts.dead >= count) return;
  }
}

async function measure({ url }: Stage): Promise<Reading[]> {
  const store = await openStore(url);
  const firstMs = await storeSchedules(store);
  const processes = new Killed({ url, queue: QUEUE });
  await processes.ready();
  await processes.killUntil(firstMs + (OCCURRENCES - 1) * MINUTE + SETTLE_MS);
  await untilAdded(store, SCHEDULES * OCCURRENCES);
  await processes.end();
  const late = await latenesses(store);
  await store.close();
  const lost = SCHEDULES * OCCURRENCES - late.length;
  if (lost !== 0) throw new Error(`${lost} of ${SCHEDULES * OCCURRENCES} occurrences were lost`);
  const quantiles = [0.5, 0.99].map((part): Reading => ({ name: `${NAME} late p${part * 100}`, unit: 'ms', value: quantile(late, part) }));
  return [...quantiles, { name: `${NAME} latest`, unit: 'ms', value: Math.max(...late) }];
}

export const SCHEDULING: readonly Work[] = [
  {
    name: NAME,
    meaning: `${SCHEDULES} schedules of every minute, all due at the same instants, and ${PROCESSES} processes that fire them and run their tasks, one of which is killed and started again every second: from the occurrence to the insert of its task; none may be lost`,
    maxConcurrency: 10,
    runs: 1,
    systems: HOLDFASTS,
    measure,
  },
];
