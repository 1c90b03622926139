import { PRIORITIES } from '../../constants/limits';
import { inLane } from './sqliteBulk';
import type { Lane } from './sqliteBulk';

/** Counts the waiting tasks of a queue that are due, or those that are not. Each priority is a range of the index. */
export const waitingCountStatement = (lane: Lane, isDue: boolean): string =>
  `SELECT COUNT(*) AS count FROM (SELECT 1 ${inLane(lane)} AND priority IN (${PRIORITIES.join(', ')}) AND available_at ${isDue ? '<=' : '>'} ? LIMIT ? + 0)`;

/**
 * Counts the due tasks of a lane that come before a task: those of more urgent priorities, those of its own that are due longer, and those due at the
 * same time that were added before. Each is a range of the index. The parameters are the queue, the time, the priority, when the task is due, its id
 * and the bound.
 */
export function beforeStatement(lane: Lane, priority: number): string {
  const urgent = PRIORITIES.filter((each) => each < priority);
  const ranges = [
    // Of an empty list, SQLite finds no plan by the index.
    ...(urgent.length > 0 ? [`priority IN (${urgent.join(', ')}) AND available_at <= ?2`] : []),
    'priority = ?3 AND available_at < ?4',
    'priority = ?3 AND available_at = ?4 AND seq < (SELECT seq FROM holdfast_tasks WHERE id = ?5)',
  ];
  const reads = ranges.map((range) => `SELECT 1 ${inLane(lane).replace('?', '?1')} AND ${range}`);
  return `SELECT COUNT(*) AS count FROM (${reads.join(' UNION ALL ')} LIMIT ?6 + 0)`;
}

/** Finds when the first waiting task of a queue is due, by a seek for each priority. */
export const firstDueStatement = (lane: Lane): string => {
  const first = `SELECT available_at ${inLane(lane).replace('?', '?1')} AND priority = each.value ORDER BY available_at LIMIT 1`;
  return `SELECT MIN(first) AS count FROM (SELECT (${first}) AS first FROM json_each('[${PRIORITIES.join(',')}]') AS each)`;
};
