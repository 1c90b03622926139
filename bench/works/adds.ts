import type { Job } from '../systems/system';
import { jobOf, jobsOf } from './backlog';
import { verify } from './drain';
import { costing } from './meter';
import { perSecond } from './work';
import type { Reading, Stage, Work } from './work';

const ADD_MS = { quick: 1_000, full: 5_000 } as const;

/** The first adds warm up: a thousand take half as long again until their code is compiled. */
const WARM_PART = 0.1;
const WARM_ADDS = 2_000;

/** Adds tasks one by one for a fixed time, with this many under way at once. */
async function addFor(stage: Stage, name: string, width: number): Promise<Reading[]> {
  const { client, tasks, quick } = stage;
  const forMs = ADD_MS[quick ? 'quick' : 'full'];
  let added = 0;
  const lane = async (most: number, until: number): Promise<void> => {
    while (added < most && performance.now() < until) await client.add(jobOf(added++));
  };
  const lanes = (most: number): Promise<void[]> => {
    const until = performance.now() + forMs;
    return Promise.all(Array.from({ length: width }, () => lane(most, until)));
  };
  await lanes(Math.min(WARM_ADDS, tasks * WARM_PART));
  const warm = added;
  const { result: ms, perTask } = await costing(stage.url, async () => {
    const startedAt = performance.now();
    await lanes(tasks);
    return performance.now() - startedAt;
  });
  await verify(stage, added);
  return [{ name, unit: 'tasks/s', value: perSecond(added - warm, ms), cost: perTask(added - warm) }];
}

async function addBulk(stage: Stage): Promise<Reading[]> {
  const { client, tasks } = stage;
  const addMany = (jobs: readonly Job[]): Promise<unknown> => client.addMany?.(jobs) ?? Promise.reject(new Error('the system has no bulk add'));
  const warm = Math.ceil(tasks / 10);
  await addMany(jobsOf(warm));
  const jobs = jobsOf(tasks, { from: warm });
  const { result: ms, perTask } = await costing(stage.url, async () => {
    const startedAt = performance.now();
    await addMany(jobs);
    return performance.now() - startedAt;
  });
  await verify(stage, tasks + warm);
  return [{ name: 'add-bulk', unit: 'tasks/s', value: perSecond(tasks, ms), cost: perTask(tasks) }];
}

export const ADDS: readonly Work[] = [
  { name: 'add-one', meaning: 'tasks added one after another', quickPlace: 5, measure: (stage) => addFor(stage, 'add-one', 1) },
  {
    name: 'add-one-100',
    meaning: 'tasks added one by one, 100 of them under way at once',
    quickPlace: 6,
    measure: (stage) => addFor(stage, 'add-one-100', 100),
  },
  { name: 'add-bulk', meaning: 'all tasks handed over at once', quickPlace: 3, measure: addBulk },
];
