import type { TaskStore } from '../ports/taskStore';
import { LIVE_STATES } from '../../constants/states';
import { sleep } from '../time/clock';
import type { Clock } from '../time/clock';

/** How often it is looked whether anything is left. */
const LOOK_MS = 250;

/**
 * Resolves when nothing of a queue waits or runs, or when it is over for another reason.
 *
 * The counts of the states are no snapshot: a task that runs while those that wait are counted, and waits again before those that run are, is in
 * neither. So nothing must be left at two looks in a row. A look that fails has seen nothing.
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
