import { TASK_STATES } from '../../constants/states';
import type { CountsByState, QueueRow } from './backend';

/** The counts of a row that make up a state: one that waits may be due or not. */
const PARTS = { waiting: ['waiting', 'delayed'], running: ['running'], succeeded: ['succeeded'], dead: ['dead'], cancelled: ['cancelled'] } as const;

/** Returns the counts of the rows of a server as those of a store: of the queues that have tasks. */
export function countsOfRows(rows: readonly QueueRow[]): CountsByState {
  const found = rows.filter(({ counts }) => Object.values(counts).some((count) => count > 0));
  return Object.fromEntries(found.map((row) => [row.name, countsOf(row)]));
}

function countsOf({ counts, atLeast }: QueueRow): CountsByState[string] {
  const count = (state: keyof typeof PARTS): number => PARTS[state].reduce((sum, part) => sum + counts[part], 0);
  return {
    ...{ waiting: count('waiting'), running: count('running'), succeeded: count('succeeded'), dead: count('dead'), cancelled: count('cancelled') },
    atLeast: TASK_STATES.filter((state) => PARTS[state].some((part) => atLeast.includes(part))),
  };
}
