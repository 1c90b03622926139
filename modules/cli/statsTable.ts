import Table from 'cli-table3';
import type { QueueCounts } from '../ports/taskStore';
import { TASK_STATES } from '../../constants/states';
import { totalCounts } from '../task/counts';
import type { StateCounts } from '../task/counts';

/** Formats the numbers of tasks by queue and state as a table. */
export function statsTable(queues: QueueCounts): string {
  const row = (name: string, counts: StateCounts): (string | number)[] => [name, ...TASK_STATES.map((state) => counts[state])];
  const colAligns = ['left', ...TASK_STATES.map(() => 'right')] as ('left' | 'right')[];
  const table = new Table({ head: ['queue', ...TASK_STATES], colAligns, style: { head: [], border: [] } });
  const names = Object.keys(queues).sort();
  table.push(...names.map((name) => row(name, queues[name] as StateCounts)), row('total', totalCounts(Object.values(queues))));
  return table.toString();
}

/** Formats the numbers of tasks by queue and state as JSON. */
export const statsJson = (queues: QueueCounts): string => JSON.stringify({ total: totalCounts(Object.values(queues)), queues });
