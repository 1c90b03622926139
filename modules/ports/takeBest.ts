import { LOWEST_PRIORITY } from '../../constants/limits';

/** What a claim found in one queue: the priorities in the order of claims. Cut, if there may be more. */
export interface FoundIn {
  readonly priorities: readonly number[];
  readonly isCut: boolean;
}

/** What a claim takes of each queue, and the best priority that may be left in each; null where nothing is left. */
export interface Taken {
  readonly counts: readonly number[];
  readonly next: readonly (number | null)[];
}

/**
 * Takes the best of what was found in several queues. Nothing is taken that is worse than what a queue may still have behind its share.
 *
 * @param worst the worst priority that was looked for.
 */
export function takeBest(found: readonly FoundIn[], limit: number, worst = LOWEST_PRIORITY): Taken {
  const counts = found.map(() => 0);
  const floor = Math.min(worst, ...found.map(({ priorities, isCut }) => (isCut ? (priorities.at(-1) ?? 0) : LOWEST_PRIORITY)));
  let left = limit;
  for (let priority = 0; priority <= floor && left > 0; priority += 1) {
    for (const [index, { priorities }] of found.entries()) {
      const count = Math.min(left, priorities.filter((each) => each === priority).length);
      counts[index] = (counts[index] as number) + count;
      left -= count;
    }
  }
  const next = found.map(({ priorities, isCut }, index) => priorities[counts[index] as number] ?? (isCut ? (priorities.at(-1) ?? 0) : after(worst)));
  return { counts, next };
}

/** Returns the priority after one in which nothing is left. */
export const after = (priority: number): number | null => (priority >= LOWEST_PRIORITY ? null : priority + 1);
