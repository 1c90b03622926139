import type { IterationTally } from '../../constants/events';

/** Returns a tally without endings. */
export const emptyTally = (claimed = 0): IterationTally => ({
  claimed,
  succeeded: 0,
  retried: 0,
  dead: 0,
  released: 0,
  snoozed: 0,
  suspended: 0,
  lost: 0,
});

/** Adds the counts of a tally to a total. */
export function addTally(total: IterationTally, tally: Readonly<IterationTally>): void {
  for (const ending of Object.keys(total) as (keyof IterationTally)[]) total[ending] += tally[ending];
}
