import { sleep, STEADY_LOADS } from '../systems/common';
import { fill, jobOf } from './backlog';
import { drain } from './drain';
import { Tally } from './tally';
import { instant, latencies, perSecond } from './work';
import type { Reading, Stage, Work } from './work';

const STEADY_MS = { quick: 3_000, full: 15_000 } as const;
const TICK_MS = 2;
const LAST_TASK_MS = 10_000;
/** The first part is warm-up. */
const WARM_PART = 0.1;

/** Adds tasks at a fixed rate without waiting for earlier ones, so that a stall shows in the delays of all tasks that were due meanwhile. */
async function addSteadily({ client }: Stage, rate: number, forMs: number): Promise<number> {
  const startedAt = instant();
  const adds: Promise<unknown>[] = [];
  for (let leftMs = forMs; leftMs > 0; leftMs = startedAt + forMs - instant()) {
    const due = Math.min((forMs * rate) / 1_000, ((instant() - startedAt) * rate) / 1_000);
    while (adds.length < due) adds.push(client.add(jobOf(adds.length, {}, startedAt + (adds.length / rate) * 1_000)));
    await sleep(TICK_MS);
  }
  await Promise.all(adds);
  return adds.length;
}

async function measure(stage: Stage, name: string, percent: number): Promise<Reading[]> {
  await fill(stage.client, stage.tasks);
  const { rate: capacity } = await drain(stage, { tasks: stage.tasks });
  const tally = new Tally();
  const delays: number[] = [];
  const handler = ({ index, at }: { index: number; at: number }): void => {
    tally.note(index);
    delays.push(instant() - at);
  };
  const working = await stage.client.work({ maxConcurrency: stage.maxConcurrency, keep: false, handler, onSettled: () => undefined });
  const startedAt = instant();
  const added = await addSteadily(stage, (capacity * percent) / 100, STEADY_MS[stage.quick ? 'quick' : 'full']);
  const tookMs = instant() - startedAt;
  for (const addedAt = instant(); tally.total < added && instant() - addedAt < LAST_TASK_MS;) await sleep(5);
  await working.stop();
  tally.check(added);
  return [...latencies(name, delays.slice(delays.length * WARM_PART)), { name: `${name} rate`, unit: 'tasks/s', value: perSecond(added, tookMs) }];
}

const meaningOf = (name: string, percent: number): string =>
  name === 'steady'
    ? `tasks added at ${percent} % of the rate that the system has just drained at, whatever becomes of them: from the intended add to the start of the handler, adder and worker in one process`
    : `as steady, at ${percent} % of that rate`;

export const STEADY: readonly Work[] = Object.entries(STEADY_LOADS).map(([name, percent]) => ({
  name,
  meaning: meaningOf(name, percent),
  systems: ['holdfast-sqlite', 'holdfast-mongodb', 'bullmq', 'graphile-worker'],
  measure: (stage) => measure(stage, name, percent),
}));
