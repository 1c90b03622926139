import { idOption } from '../../config/options';
import { COUNTED_TASKS, MINUTE, SECOND } from '../../constants/limits';
import { checkOptions } from '../../modules/options/checkOptions';
import { explainTask } from '../../modules/roster/explainTask';
import type { Explanation } from '../../modules/roster/explanation';
import type { StoreParts } from '../store/storeParts';

/** The parts that know why a task is where it is. */
type ExplainingParts = Pick<StoreParts, 'tasks' | 'tallies' | 'settings' | 'schedules' | 'processes' | 'statistics'>;

/** The longest time over which the present rate of a queue is taken. */
const RATE_OVER_MS = 5 * MINUTE;

const NONE = { count: 0, isExact: true } as const;

/** Returns why a task of a queue is where it is, or null if there is none. Nothing is read that its state makes needless. */
export async function explained(parts: ExplainingParts, queue: string, id: string): Promise<Explanation | null> {
  checkOptions(idOption, id, 'id');
  const task = await parts.tasks.find(queue, id);
  if (!task) return null;
  const nowMs = await parts.schedules.now();
  const isWaiting = task.state === 'waiting';
  const isDue = isWaiting && task.availableAt.getTime() <= nowMs;
  const [paused, processes, before, ratePerSecond] = await Promise.all([
    isWaiting ? parts.settings.paused() : new Set<string>(),
    task.finishedAt === null ? parts.processes.list() : [],
    isDue ? parts.tallies.before(task, COUNTED_TASKS) : NONE,
    isDue ? rateOf(parts, queue, nowMs) : 0,
  ]);
  return explainTask({ task, nowMs, isPaused: paused.has(queue), processes, before, ratePerSecond });
}

/** Returns the attempts that ended in a second, from the first that was counted in the last minutes. */
async function rateOf({ statistics }: ExplainingParts, queue: string, nowMs: number): Promise<number> {
  const { points } = await statistics.read({ queue, from: new Date(nowMs - RATE_OVER_MS), to: new Date(nowMs), step: 10 * SECOND });
  const ended = points.map(({ at, succeeded, failed }) => ({ at, count: succeeded + failed }));
  const first = ended.find(({ count }) => count > 0);
  if (!first) return 0;
  const overMs = Math.max(10 * SECOND, nowMs - first.at.getTime());
  return ended.reduce((sum, { count }) => sum + count, 0) / (overMs / SECOND);
}
