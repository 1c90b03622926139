import { fill } from './backlog';
import { Fleet } from './fleet';
import { costing } from './meter';
import { CAP_MS } from './progress';
import type { Reading, Stage, Work } from './work';

async function measure(stage: Stage, name: string, processes: number): Promise<Reading[]> {
  await fill(stage.client, stage.tasks);
  const fleet = await Fleet.start(stage, processes);
  const { result: progress, perTask } = await costing(stage.url, () => fleet.drain(stage.tasks, CAP_MS[stage.quick ? 'quick' : 'full']));
  (await fleet.stop()).check(progress.isDone ? stage.tasks : undefined);
  // The counters of this process do not include the writes of others.
  const cost = stage.url.startsWith('sqlite:') ? {} : { cost: perTask(progress.settled) };
  return [{ name, unit: 'tasks/s', value: progress.rate, ...cost }];
}

export const PROCESSES: readonly Work[] = [1, 2, 4, 8].map((processes) => {
  const name = `processes-${processes}`;
  return {
    name,
    meaning: `a preloaded backlog through ${processes} worker process${processes === 1 ? '' : 'es'} on one store, removed on success`,
    tasks: 400_000,
    systems: ['holdfast-sqlite', 'holdfast-mongodb', 'bullmq', 'graphile-worker'],
    measure: (stage) => measure(stage, name, processes),
  };
});
