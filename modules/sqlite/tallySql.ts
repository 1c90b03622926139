import { PRIORITIES } from '../../constants/limits';
import { inLane } from './sqliteBulk';
import type { Lane } from './sqliteBulk';

/** Counts the waiting tasks of a queue that are due, or those that are not. Each priority is a range of the index. */
export const waitingCountStatement = (lane: Lane, isDue: boolean): string =>
  `SELECT COUNT(*) AS count FROM (SELECT 1 ${inLane(lane)} AND priority IN (${PRIORITIES.join(', ')}) AND available_at ${isDue ? '<=' : '>'} ? LIMIT ? + 0)`;

/** Finds when the first waiting task of a queue is due, by a seek for each priority. */
export const firstDueStatement = (lane: Lane): string => {
  const first = `SELECT available_at ${inLane(lane).replace('?', '?1')} AND priority = each.value ORDER BY available_at LIMIT 1`;
  return `SELECT MIN(first) AS count FROM (SELECT (${first}) AS first FROM json_each('[${PRIORITIES.join(',')}]') AS each)`;
};
