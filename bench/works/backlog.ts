import { chunks, inFlight } from '../systems/common';
import type { Adds, Job } from '../systems/system';
import { instant } from './work';

/** The options of added tasks. */
export type Filling = Partial<Pick<Job, 'keep' | 'delayMs'>> & {
  /** The index of the first task. */
  readonly from?: number;
  readonly priority?: number | ((index: number) => number);
};

/** Number of tasks prepared at once, so that a million need not fit into memory. */
const PIECE = 10_000;
const ADDS_IN_FLIGHT = 100;

const TEXT = 'x'.repeat(80);

export const jobOf = (index: number, { keep, delayMs, priority }: Filling = {}, at = instant()): Job => ({
  payload: { index, at, text: TEXT },
  ...(keep === undefined ? {} : { keep }),
  ...(delayMs === undefined ? {} : { delayMs }),
  ...(priority === undefined ? {} : { priority: typeof priority === 'number' ? priority : priority(index) }),
});

export const jobsOf = (tasks: number, filling: Filling = {}): Job[] =>
  Array.from({ length: tasks }, (_, index) => jobOf((filling.from ?? 0) + index, filling));

/** Adds many tasks in the fastest way of the system. */
export async function fill(adds: Adds, tasks: number, filling: Filling = {}): Promise<void> {
  const { from = 0 } = filling;
  for (let done = 0; done < tasks; done += PIECE) await addAll(adds, jobsOf(Math.min(PIECE, tasks - done), { ...filling, from: from + done }));
}

const addAll = (adds: Adds, jobs: readonly Job[]): Promise<unknown> =>
  adds.addMany ? adds.addMany(jobs) : Promise.all(chunks(jobs, PIECE).map((some) => inFlight(some, ADDS_IN_FLIGHT, (job) => adds.add(job))));
