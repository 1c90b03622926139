import { TASK_STATES } from '../../constants/states';
import { totalCounts } from '../task/counts';
import type { StateCounts } from '../task/counts';
import type { CountsByState } from './backend';
import type { Column } from './renderTable';

/** The numbers of tasks of a queue, or of all. */
interface StatsRow {
  readonly name: string;
  readonly counts: StateCounts;
  /** The states of which there may be more. */
  readonly atLeast: readonly string[];
}

/** The columns of the numbers of tasks by queue and state. */
export const STATS_COLUMNS: readonly Column<StatsRow>[] = [
  { head: 'queue', cell: ({ name }) => name },
  ...TASK_STATES.map((state): Column<StatsRow> => ({
    ...{ head: state, isNumber: true },
    cell: ({ counts, atLeast }) => `${counts[state]}${atLeast.includes(state) ? '+' : ''}`,
  })),
];

/** Returns one row a queue in the order of their names, and the total. */
export function statsRows(queues: CountsByState): StatsRow[] {
  const all = sorted(queues).map(([name, counts]): StatsRow => ({ name, counts, atLeast: counts.atLeast ?? [] }));
  return [...all, { name: 'total', counts: totalCounts(Object.values(queues)), atLeast: all.flatMap(({ atLeast }) => atLeast) }];
}

/** Formats the numbers of tasks by queue and state as JSON. */
export function statsJson(queues: CountsByState): string {
  const shown = sorted(queues).map(([name, { atLeast: _atLeast, ...counts }]) => [name, counts] as const);
  return JSON.stringify({ total: totalCounts(Object.values(queues)), queues: Object.fromEntries(shown) });
}

const sorted = (queues: CountsByState) => Object.entries(queues).sort(([one], [other]) => (one < other ? -1 : 1));
