import type { TaskStore } from '../ports/taskStore';
import { LIVE_STATES } from '../../constants/states';
import { sleep } from '../time/clock';
import type { Clock } from '../time/clock';

/** Interval between two counts. */
const LOOK_MS = 250;

/**
 * Resolves when no task of a queue waits or runs, or when `isOver` says so.
 *
 * The counts are no snapshot: a task that changes from running to waiting between the counts of the two states is in neither. So two empty counts
 * in a row are needed. A count that fails proves nothing.
 */
export async function untilDrained(tasks: Pick<TaskStore, 'counts'>, queue: string, clock: Clock, isOver: () => boolean): Promise<void> {
  for (let looks = 0; !isOver();) {
    const left = await tasks.counts(LIVE_STATES).catch(() => null);
    const { waiting = 0, running = 0 } = left?.[queue] ?? {};
    looks = left && waiting + running === 0 ? looks + 1 : 0;
    if (looks === 2) return;
    await sleep(clock, LOOK_MS);
  }
}
