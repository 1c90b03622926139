import type { QueueSettings } from '../ports/queueSettings';
import { isNamed } from '../ports/queuePatterns';
import type { TaskStore } from '../ports/taskStore';
import { sleep } from '../time/clock';
import type { Clock } from '../time/clock';

/** Interval between two looks. */
const LOOK_MS = 250;

/** What is asked of a store. */
interface Looked {
  readonly tasks: Pick<TaskStore, 'nextDueMs' | 'counts'>;
  readonly settings: Pick<QueueSettings, 'paused'>;
}

/**
 * Resolves when no task of these queues is due or running, paused queues aside, or when `isOver` says so. It takes two looks in a row, because the two
 * questions of one look are no snapshot. A look that fails proves nothing.
 */
export async function untilIdle(looked: Looked, queues: readonly string[], clock: Clock, isOver: () => boolean): Promise<void> {
  for (let looks = 0; !isOver();) {
    looks = (await isIdle(looked, queues).catch(() => false)) ? looks + 1 : 0;
    if (looks === 2) return;
    await sleep(clock, LOOK_MS);
  }
}

async function isIdle({ tasks, settings }: Looked, queues: readonly string[]): Promise<boolean> {
  const paused = [...(await settings.paused())];
  if ((await tasks.nextDueMs(queues, paused)) === 0) return false;
  const counts = await tasks.counts(['running']);
  return Object.entries(counts).every(([queue, { running }]) => running === 0 || !isNamed(queues, queue));
}
