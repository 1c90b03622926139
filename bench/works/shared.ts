import { sleep } from '../systems/common';
import { Fleet } from './fleet';
import { HOLDFASTS, instant, latencies, perSecond } from './work';
import type { Reading, Stage, Work } from './work';

const ADD_MS = { quick: 2_000, full: 8_000 } as const;

/** Time in which the processes warm up. Sixteen of them compile their code on the same cores. */
const SETTLE_IN_MS = { quick: 500, full: 4_000 } as const;

/** Time for the tasks that are left when the adding ends. */
const REST_MS = 10_000;

async function measure(stage: Stage, name: string, processes: number): Promise<Reading[]> {
  const size = stage.quick ? 'quick' : 'full';
  const fleet = await Fleet.start(stage, processes, true);
  let settled = 0;
  fleet.begin((count) => void (settled += count));
  await sleep(SETTLE_IN_MS[size]);
  fleet.meter();
  const [before, startedAt] = [settled, instant()];
  await sleep(ADD_MS[size]);
  const rate = perSecond(settled - before, instant() - startedAt);
  await fleet.quieten();
  for (const until = instant() + REST_MS; settled < fleet.added && instant() < until;) await sleep(20);
  (await fleet.stop()).check(fleet.added);
  return [{ name, unit: 'tasks/s', value: rate }, ...latencies(`${name} add`, fleet.waits)];
}

export const SHARED: readonly Work[] = [1, 16].map((processes) => {
  const name = `shared-${processes}`;
  return {
    name,
    meaning: `${processes === 1 ? 'one process' : `${processes} processes on one store`}, each adding one task after the other while its worker drains: tasks done by all together, and how long an \`add\` takes`,
    runs: 3,
    systems: HOLDFASTS,
    measure: (stage) => measure(stage, name, processes),
  };
});
