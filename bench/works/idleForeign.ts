import { sleep } from '../systems/common';
import { jobOf } from './backlog';
import { Fleet } from './fleet';
import { openMeter } from './meter';
import { HOLDFASTS, instant, latencies } from './work';
import type { Reading, Stage, Work } from './work';

const NAME = 'idle-foreign';
const WORKER_CONCURRENCY = 10;
const PROCESSES = { quick: 4, full: 8 } as const;
const LOAD_MS = { quick: 5_000, full: 15_000 } as const;

/** Adds a second to a queue that no process serves. */
const FOREIGN_RATE = 93;
const FOREIGN_QUEUE = 'foreign';

/** Time from one task for the idle processes to the next: a third of a second to a second. */
const PICK_UP_MS = 667;

/** Time in which the processes become idle, and notice the load. */
const SETTLE_IN_MS = 4_000;

const LAST_PICK_UP_MS = 1_500;

/** Runs something while tasks are added to a queue that nobody serves. */
async function besideAdds<T>({ subject, url }: Stage, run: () => Promise<T>): Promise<T> {
  const client = await subject.open(url, FOREIGN_QUEUE);
  let isOver = false;
  const add = async (): Promise<void> => {
    const startedAt = instant();
    for (let index = 0; !isOver; index += 1) {
      await sleep(startedAt + (index / FOREIGN_RATE) * 1_000 - instant());
      await client.add(jobOf(index));
    }
  };
  const adding = add();
  try {
    return await run();
  } finally {
    isOver = true;
    await adding;
    await client.close();
  }
}

/** Returns the processor time of the server while something runs, in percent of a core. */
export async function serverCpu(url: string, run: () => Promise<void>): Promise<number> {
  const meter = await openMeter(url);
  const [before, startedAt] = [await meter.read(), instant()];
  await run();
  const [after, tookMs] = [await meter.read(), instant() - startedAt];
  await meter.close();
  return ((after['serverCpuMicroseconds'] ?? 0) - (before['serverCpuMicroseconds'] ?? 0)) / tookMs / 10;
}

/** Adds a task for the idle processes now and then. Returns how many. */
async function addPickUps({ client }: Stage, forMs: number): Promise<number> {
  let count = 0;
  for (const until = instant() + forMs; instant() < until; count += 1) {
    await sleep(PICK_UP_MS * (0.5 + Math.random()));
    await client.add(jobOf(count));
  }
  await sleep(LAST_PICK_UP_MS);
  return count;
}

async function measure(stage: Stage): Promise<Reading[]> {
  const size = stage.quick ? 'quick' : 'full';
  const alone = await besideAdds(stage, () => serverCpu(stage.url, () => sleep(LOAD_MS[size])));
  const fleet = await Fleet.start({ ...stage, maxConcurrency: WORKER_CONCURRENCY }, PROCESSES[size]);
  fleet.begin(() => undefined);
  let meteredMs = 0;
  let count = 0;
  const beside = await besideAdds(stage, async () => {
    await sleep(SETTLE_IN_MS);
    const startedAt = instant();
    fleet.meter();
    const used = await serverCpu(stage.url, async () => void (count = await addPickUps(stage, LOAD_MS[size])));
    meteredMs = instant() - startedAt;
    (await fleet.stop()).check(count);
    return used;
  });
  const cpu = fleet.cpuMs.reduce((sum, ms) => sum + ms, 0) / fleet.cpuMs.length;
  const readings: Reading[] = [{ name: `${NAME} worker-cpu`, unit: '% of a core', value: (cpu / meteredMs) * 100 }];
  if (stage.url.startsWith('mongodb')) readings.push({ name: `${NAME} server-cpu`, unit: '% of a core', value: beside - alone });
  return [...readings, ...latencies(`${NAME} pick-up`, fleet.delays)];
}

export const IDLE_FOREIGN: readonly Work[] = [
  {
    name: NAME,
    meaning: `${PROCESSES.full} processes with an idle worker each, while ${FOREIGN_RATE} tasks a second are added to a queue that none serves: processor time of each process, what they add to that of the server, and the pick-up of a task now and then`,
    maxConcurrency: WORKER_CONCURRENCY,
    runs: 1,
    systems: HOLDFASTS,
    measure,
  },
];
