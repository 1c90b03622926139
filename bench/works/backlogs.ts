import { fill } from './backlog';
import type { Filling } from './backlog';
import { drain } from './drain';
import { HOLDFASTS, perSecond } from './work';
import type { Reading, Stage, Work } from './work';

const MILLION = 1_000_000;
const SMALL = 10_000;
/** Number of first tasks that do not count, the same for every backlog, because a process needs them to warm up. */
const WARM_UP = 20_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PRIORITIES = 10;

/** Returns a million, or proportionally fewer if a run has fewer tasks. */
const manyOf = ({ tasks }: Stage): number => Math.min(MILLION, tasks * 20);

const pieceOf = ({ tasks }: Stage): number => Math.min(SMALL, tasks);

const warmUpOf = ({ tasks }: Stage): number => Math.min(WARM_UP, tasks);

/** Drains as many tasks as from a large backlog, but never with more than a few waiting. */
async function drainSmall(stage: Stage): Promise<Reading[]> {
  const piece = pieceOf(stage);
  let ms = 0;
  const rounds = Math.ceil(stage.tasks / piece);
  for (let round = -Math.ceil(warmUpOf(stage) / piece); round < rounds; round += 1) {
    await fill(stage.client, piece);
    const { rate } = await drain(stage, { tasks: piece });
    if (round >= 0) ms += (piece / rate) * 1_000;
  }
  return [{ name: 'backlog-10k', unit: 'tasks/s', value: perSecond(piece * rounds, ms) }];
}

async function drainOf(stage: Stage, name: string, filling: Filling): Promise<Reading[]> {
  await fill(stage.client, stage.tasks, filling);
  const { rate, cost } = await drain(stage, { tasks: stage.tasks, keep: filling.keep ?? false });
  return [{ name, unit: 'tasks/s', value: rate, cost }];
}

async function drainPart(stage: Stage): Promise<Reading[]> {
  await drain(stage, { tasks: warmUpOf(stage), isPart: true });
  const { rate, cost } = await drain(stage, { tasks: stage.tasks, isPart: true });
  return [{ name: 'backlog-1M', unit: 'tasks/s', value: rate, cost }];
}

/** The maximum number of tasks that a run takes, including those claimed when its two drains ended. */
const takenBy = (stage: Stage): number => warmUpOf(stage) + stage.tasks + 4 * stage.maxConcurrency;

async function keepMany(stage: Stage): Promise<void> {
  const piece = stage.tasks;
  for (let kept = 0; kept < manyOf(stage); kept += piece) {
    await fill(stage.client, piece, { keep: true });
    await drain(stage, { tasks: piece, keep: true, capMs: HOUR_MS });
  }
}

const large = { systems: HOLDFASTS, tasks: 100_000 } as const;

export const BACKLOGS: readonly Work[] = [
  { ...large, name: 'backlog-10k', meaning: 'as drain, never more than 10,000 waiting', measure: drainSmall },
  {
    ...large,
    name: 'backlog-1M',
    meaning: '100,000 of 1,000,000 that wait, after a first 20,000; the runs share the store',
    prepare: (stage) => fill(stage.client, manyOf(stage) + stage.runs * takenBy(stage)),
    measure: drainPart,
  },
  {
    ...large,
    name: 'backlog-delayed',
    meaning: 'as drain, with 1,000,000 delayed tasks of a better priority; the runs share the store',
    prepare: (stage) => fill(stage.client, manyOf(stage), { delayMs: DAY_MS, priority: 0 }),
    measure: (stage) => drainOf(stage, 'backlog-delayed', { priority: 1 }),
  },
  {
    ...large,
    name: 'backlog-priorities',
    meaning: 'as drain, in ten priorities',
    measure: (stage) => drainOf(stage, 'backlog-priorities', { priority: (index) => index % PRIORITIES }),
  },
  {
    ...large,
    name: 'backlog-finished',
    meaning: 'as drain-kept, beside 1,000,000 finished tasks; the runs share the store',
    prepare: keepMany,
    measure: (stage) => drainOf(stage, 'backlog-finished', { keep: true }),
  },
];
