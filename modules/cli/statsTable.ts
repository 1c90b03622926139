import Table from 'cli-table3';
import { TASK_STATES } from '../../constants/states';
import { totalCounts } from '../task/counts';
import type { StateCounts } from '../task/counts';
import type { CountsByState } from './backend';

/** Formats the numbers of tasks by queue and state as a table. */
export function statsTable(queues: CountsByState): string {
  const row = (name: string, counts: StateCounts, atLeast: readonly string[]): string[] => [
    name,
    ...TASK_STATES.map((state) => `${counts[state]}${atLeast.includes(state) ? '+' : ''}`),
  ];
  const colAligns = ['left', ...TASK_STATES.map(() => 'right')] as ('left' | 'right')[];
  const table = new Table({ head: ['queue', ...TASK_STATES], colAligns, style: { head: [], border: [] } });
  const all = sorted(queues);
  const rounded = all.flatMap(([, { atLeast = [] }]) => atLeast);
  table.push(...all.map(([name, counts]) => row(name, counts, counts.atLeast ?? [])), row('total', totalCounts(Object.values(queues)), rounded));
  return table.toString();
}

/** Formats the numbers of tasks by queue and state as JSON. */
export function statsJson(queues: CountsByState): string {
  const shown = sorted(queues).map(([name, { atLeast: _atLeast, ...counts }]) => [name, counts] as const);
  return JSON.stringify({ total: totalCounts(Object.values(queues)), queues: Object.fromEntries(shown) });
}

const sorted = (queues: CountsByState) => Object.entries(queues).sort(([one], [other]) => (one < other ? -1 : 1));
