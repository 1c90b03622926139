/** A queue that was counted before. */
export interface CountedBefore {
  readonly name: string;
  /** How long ago it was counted. */
  readonly ageMs: number;
  /** Whether something was heard of it since, or attempts of it ended of late. */
  readonly isChanged: boolean;
  /** Whether a count stopped at a bound lower than the usual one. */
  readonly isRough: boolean;
}

/** How many times sooner a queue is counted again. A factor, not a rank, so that a busy queue does not keep a quiet one from its turn for ever. */
const SOONER = { changed: 10, rough: 5, quiet: 1 } as const;

/** Returns the names of the queues in the order in which they are worth counting again. */
export const countingOrder = (queues: readonly CountedBefore[]): string[] =>
  queues
    .map((queue) => ({ name: queue.name, urgency: urgencyOf(queue) }))
    .sort((one, other) => other.urgency - one.urgency)
    .map(({ name }) => name);

function urgencyOf({ ageMs, isChanged, isRough }: CountedBefore): number {
  if (isChanged) return ageMs * SOONER.changed;
  return ageMs * (isRough ? SOONER.rough : SOONER.quiet);
}
