import { HEAD_COLUMNS, STRIPPED } from './taskSql';

/** The statements about follow-ups that are not in their queues yet. */
export const FOLLOW_UP_STATEMENTS = {
  keep: 'INSERT INTO holdfast_follow_ups (task, body) SELECT seq, ? FROM holdfast_tasks WHERE id = ?',
  // A queue of a namespace begins with its name and a separator.
  kept: `SELECT ${HEAD_COLUMNS}, body AS follow_ups FROM holdfast_follow_ups CROSS JOIN holdfast_tasks ON seq = task
    WHERE finished_at <= ? AND substr(queue, 1, instr(queue, char(31))) = ? ORDER BY task LIMIT ? + 0`,
  take: 'DELETE FROM holdfast_follow_ups WHERE task = (SELECT seq FROM holdfast_tasks WHERE id = ?)',
  release: 'UPDATE holdfast_tasks SET expire_at = ? WHERE id = ?',
  remove: `UPDATE holdfast_tasks SET ${STRIPPED}, expire_at = ? WHERE id = ?`,
} as const;
