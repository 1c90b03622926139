import { LOWEST_PRIORITY } from '../../constants/limits';
import type { DueQueue } from '../ports/queueLook';

/** Most queues that one claim asks: the command grows with them. */
export const QUEUES_A_CLAIM = 100;

/**
 * Most queues that a claim of few tasks asks, and the tasks of each queue that one of many asks for. Tasks of one queue lie together: a claim of 2,000
 * that takes ten of each of 200 queues writes twice the bytes a task.
 */
const QUEUES_OF_FEW = 20;
const TASKS_A_QUEUE = 50;

/** How queues of equal priority take turns. */
export interface TurnRule {
  /** The share of a queue, in relation to those of the others. */
  readonly weightOf: (queue: string) => number;
  /** The place of a queue in a strict order; absent where each has its turn. */
  readonly placeOf?: ((queue: string) => number) | undefined;
}

/** What a claim asks for: of each queue its share, and nothing worse than what a queue that is not asked has. */
export interface Shares {
  readonly queues: readonly string[];
  readonly limits: readonly number[];
  readonly worst: number;
}

/** Weighted turns that the queues have had. The queue that has had the fewest comes next. */
export type Turns = ReadonlyMap<string, number>;

/**
 * Shares free slots out among the queues in which something is due: the best priority first, and among its queues to each its turn.
 *
 * Where there are more slots than queues, each has slots by its weight; where there are fewer, those that have had the fewest turns have one each.
 */
export function fairShares(due: readonly DueQueue[], slots: number, turns: Turns, rule: TurnRule): Shares {
  const best = Math.min(...due.map(({ priority }) => priority));
  const inTurn = due
    .filter(({ priority }) => priority === best)
    .map(({ queue }) => ({ queue, place: rule.placeOf?.(queue) ?? turns.get(queue) ?? 0 }))
    .sort((one, other) => one.place - other.place)
    .map(({ queue }) => queue);
  const queues = inTurn.slice(0, rule.placeOf ? 1 : Math.min(slots, QUEUES_A_CLAIM, Math.max(QUEUES_OF_FEW, Math.ceil(slots / TASKS_A_QUEUE))));
  const asked = new Set(queues);
  const others = due.filter(({ queue }) => !asked.has(queue)).map(({ priority }) => priority);
  return { queues, limits: limitsOf(queues, slots, turns, rule), worst: Math.min(LOWEST_PRIORITY, ...others) };
}

/** Gives each queue its part of the slots in whole numbers, and the rest to those that would have had the fewest turns. */
function limitsOf(queues: readonly string[], slots: number, turns: Turns, { weightOf }: TurnRule): number[] {
  const weights = queues.map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const limits = weights.map((weight) => Math.floor((slots * weight) / total));
  const had = queues.map((queue, index) => (turns.get(queue) ?? 0) + (limits[index] as number) / (weights[index] as number));
  for (let left = slots - limits.reduce((sum, limit) => sum + limit, 0); left > 0; left -= 1) {
    const index = had.indexOf(Math.min(...had));
    limits[index] = (limits[index] as number) + 1;
    had[index] = (had[index] as number) + 1 / (weights[index] as number);
  }
  return limits;
}

/**
 * Returns the turns after a claim. A queue in which nothing was due for a while has saved up none, and is told apart from others by a part of a turn.
 *
 * @param served how many tasks of each queue were claimed.
 */
export function turnsAfter(turns: Turns, served: ReadonlyMap<string, number>, { weightOf }: TurnRule): Map<string, number> {
  const after = new Map(turns);
  for (const [queue, count] of served) after.set(queue, (turns.get(queue) ?? 0) + count / weightOf(queue));
  return after;
}
