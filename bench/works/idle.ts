import { sleep } from '../systems/common';
import { fill } from './backlog';
import { drain } from './drain';
import { connectMongo, openMeter } from './meter';
import { HOLDFASTS, median } from './work';
import type { Reading, Stage, Work } from './work';

/** V8 returns the memory of a drain up to half a minute later, which costs as much processor time as ten seconds of idling. */
const SETTLE_IN_MS = 45_000;
const IDLE_MS = 20_000;
const IDLE_QUICK_MS = 3_000;
/** Commands closer together than this belong to one poll. */
const POLL_GAP_MS = 150;
const WORKER_CONCURRENCY = 10;

/** Measures the cost of an idle worker after it has drained a backlog. */
async function measure(stage: Stage): Promise<Reading[]> {
  await fill(stage.client, stage.tasks);
  await drain({ ...stage, maxConcurrency: 2_000 }, { tasks: stage.tasks, capMs: 600_000 });
  const ask = { maxConcurrency: WORKER_CONCURRENCY, keep: false, handler: () => undefined, onSettled: () => undefined };
  const working = await stage.client.work(ask);
  await sleep(stage.quick ? 0 : SETTLE_IN_MS);
  const idleMs = stage.quick ? IDLE_QUICK_MS : IDLE_MS;
  const readings = await costOf(stage, 'idle', idleMs);
  if (stage.url.startsWith('mongodb')) readings.push({ name: 'idle empty-poll', unit: 'ms', value: await emptyPollMs(stage, idleMs) });
  await working.stop();
  return readings;
}

/** Measures the processor time of this process and of the server while nothing happens. */
export async function costOf({ url }: Pick<Stage, 'url'>, name: string, idleMs: number): Promise<Reading[]> {
  const meter = await openMeter(url);
  const before = await meter.read();
  const cpuBefore = process.cpuUsage();
  await sleep(idleMs);
  const cpu = process.cpuUsage(cpuBefore);
  const after = await meter.read();
  await meter.close();
  const part = (microseconds: number): number => (microseconds / 1_000 / idleMs) * 100;
  const difference = (counter: string): number => (after[counter] ?? 0) - (before[counter] ?? 0);
  const own: Reading = { name: `${name} worker-cpu`, unit: '% of a core', value: part(cpu.user + cpu.system) };
  if (!url.startsWith('mongodb')) return [own];
  return [
    own,
    { name: `${name} server-cpu`, unit: '% of a core', value: part(difference('serverCpuMicroseconds')) },
    // One command is the question itself.
    { name: `${name} commands`, unit: 'ops/s', value: ((difference('commands') - 1) / idleMs) * 1_000 },
  ];
}

/** Measures the server time of one poll of an empty queue by the profiler: the sum of the commands that belong together. */
async function emptyPollMs({ url }: Stage, idleMs: number): Promise<number> {
  const client = await connectMongo(url);
  try {
    const database = client.db();
    await database.command({ profile: 2 });
    await sleep(idleMs);
    await database.command({ profile: 0 });
    const filter = { op: { $nin: ['getmore'] }, ns: `${database.databaseName}.tasks`, 'command.pipeline.0.$changeStream': { $exists: false } };
    const commands = await database
      .collection<{ ts: Date; millis: number }>('system.profile')
      .find(filter, { sort: { ts: 1 } })
      .toArray();
    return median(pollsOf(commands));
  } finally {
    await client.close();
  }
}

function pollsOf(commands: readonly { readonly ts: Date; readonly millis: number }[]): number[] {
  const polls: number[] = [];
  commands.forEach(({ ts, millis }, index) => {
    const before = commands[index - 1]?.ts.getTime() ?? -Infinity;
    if (ts.getTime() - before > POLL_GAP_MS) polls.push(millis);
    else polls.push((polls.pop() ?? 0) + millis);
  });
  return polls;
}

export const IDLE: readonly Work[] = [
  {
    name: 'idle',
    meaning:
      'an idle worker after a drain of 120,000 tasks: processor time of worker and server, commands a second, server time of one empty poll by the profiler, which counts whole milliseconds',
    maxConcurrency: WORKER_CONCURRENCY,
    tasks: 120_000,
    runs: 3,
    systems: HOLDFASTS,
    measure,
  },
];
