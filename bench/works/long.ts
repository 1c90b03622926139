import { fill } from './backlog';
import { Fleet } from './fleet';
import { HOLDFASTS, instant, median, perSecond } from './work';
import type { Reading, Stage, Work } from './work';

const MILLION = 1_000_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const MINUTES = 10;
const MEGABYTE = 1_048_576;

/** Number of tasks that wait while minutes are measured, and number added at once. */
const WAITING = 50_000;
const PIECE = 10_000;

/** Measures the memory of a worker process that does nothing else. */
async function measureMemory(stage: Stage): Promise<Reading[]> {
  const tasks = Math.min(MILLION, stage.tasks);
  await fill(stage.client, tasks);
  const fleet = await Fleet.start(stage, 1);
  const samples: number[] = [];
  const progress = await fleet.drain(tasks, HOUR_MS, (_count, _at, rssBytes) => samples.push(rssBytes / MEGABYTE));
  (await fleet.stop()).check(tasks);
  const quarter = (index: number): number => median(samples.slice((samples.length * index) / 4, (samples.length * (index + 1)) / 4));
  return [
    { name: 'memory', unit: 'MB', value: Math.max(...samples) },
    { name: 'memory growth', unit: 'ratio', value: quarter(3) / quarter(1) },
    { name: 'memory rate', unit: 'tasks/s', value: progress.rate },
  ];
}

/** Measures a worker that never pauses, because this process keeps tasks waiting for it. */
async function measureMinutes(stage: Stage): Promise<Reading[]> {
  const waiting = Math.min(WAITING, stage.tasks);
  const piece = Math.min(PIECE, waiting);
  let added = waiting;
  await fill(stage.client, added);
  const fleet = await Fleet.start(stage, 1);
  const minutes = new Array<number>(MINUTES).fill(0);
  let settled = 0;
  const startedAt = instant();
  fleet.begin((count, at) => {
    settled += count;
    const minute = Math.floor((at - startedAt) / MINUTE_MS);
    if (minute < MINUTES) minutes[minute] = (minutes[minute] ?? 0) + count;
  });
  while (instant() - startedAt < MINUTES * MINUTE_MS) {
    if (added - settled > waiting - piece) await new Promise((resolve) => setTimeout(resolve, 10));
    else await fill(stage.client, piece, { from: (added += piece) - piece });
  }
  (await fleet.stop()).check();
  return minutes.map((count, index) => ({ name: `minutes ${index + 1}`, unit: 'tasks/s', value: perSecond(count, MINUTE_MS) }));
}

export const LONG: readonly Work[] = [
  {
    name: 'memory',
    meaning: 'resident memory of a worker process that drains 1,000,000 tasks: the most, and the median of its last quarter over that of its second',
    tasks: MILLION,
    runs: 1,
    systems: HOLDFASTS,
    measure: measureMemory,
  },
  {
    name: 'minutes',
    meaning: 'ten minutes without a pause, while another process keeps up to 50,000 tasks waiting: the rate of each minute',
    runs: 1,
    systems: HOLDFASTS,
    measure: measureMinutes,
  },
];
