import type { StepContext } from '../systems/system';
import { costing } from './meter';
import { CAP_MS, Progress } from './progress';
import { Tally } from './tally';
import type { Cost, Stage } from './work';

/** The options of a drain. */
export interface Draining {
  readonly tasks: number;
  readonly keep?: boolean;
  readonly queues?: readonly string[];
  readonly handle?: (index: number, context: StepContext | undefined) => unknown;
  /** True to end after this many tasks although more wait. */
  readonly isPart?: boolean;
  readonly capMs?: number;
}

export interface Drained {
  readonly rate: number;
  readonly cost: Cost;
}

const nothing = (): void => undefined;

/**
 * Drains the waiting tasks in this process, and checks that each ran exactly once.
 *
 * @throws an Error if a task ran twice, or not at all although there was time.
 */
export async function drain(stage: Stage, { tasks, keep = false, queues, handle = nothing, isPart, capMs }: Draining): Promise<Drained> {
  const tally = new Tally(new Uint8Array(tasks));
  const progress = new Progress(tasks, performance.now());
  const ask = {
    maxConcurrency: stage.maxConcurrency,
    keep,
    ...(queues ? { queues } : {}),
    handler: ({ index }: { index: number }, context?: StepContext): unknown => {
      tally.note(index);
      return handle(index, context);
    },
    onSettled: (count: number) => progress.note(count, performance.now()),
  };
  const cost = await costing(stage.url, async () => {
    const working = await stage.client.work(ask);
    await progress.until(capMs ?? CAP_MS[stage.quick ? 'quick' : 'full']);
    const { settled } = progress;
    const { rate } = progress;
    await working.stop();
    return { settled, rate };
  });
  if (progress.settled === 0) throw new Error('no task was settled in time');
  tally.check(progress.isDone && !isPart ? tasks : undefined);
  return { rate: cost.result.rate, cost: cost.perTask(cost.result.settled) };
}

/** Drains the tasks of an adding work, which shows that each was added once. */
export const verify = (stage: Stage, tasks: number): Promise<Drained> => drain({ ...stage, maxConcurrency: 500 }, { tasks });
