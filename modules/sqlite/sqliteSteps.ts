import { TRANSIT_PREFIX } from '../../constants/limits';
import { expiredTasks } from './sqliteSchema';

/** The statements of steps and signals. Parameters are in the order of the question marks, or of their numbers. */
export const STEP_STATEMENTS = {
  holds: 'SELECT 1 FROM holdfast_tasks WHERE id = ? AND lease_token = ?',
  clear: 'UPDATE holdfast_tasks SET failures = 0 WHERE id = ? AND failures > 0',
  read: `SELECT at, name, kind, value, until FROM holdfast_steps
    WHERE task = ?1 AND EXISTS (SELECT 1 FROM holdfast_tasks WHERE id = ?1 AND state <> 'removed') ORDER BY at`,
  readOne: 'SELECT at, name, kind, value, until FROM holdfast_steps WHERE task = ? AND at = ?',
  record: 'INSERT OR REPLACE INTO holdfast_steps (task, at, name, kind, value, until, awaited, signal) VALUES (?, ?, ?, ?, ?, ?, NULL, ?)',
  oldest: 'SELECT seq, id, payload FROM holdfast_signals WHERE task = ? AND name = ? ORDER BY seq LIMIT 1',
  taken: 'DELETE FROM holdfast_signals WHERE seq = ?',
  target: `SELECT state, COALESCE(lease_token, '') GLOB '${TRANSIT_PREFIX}*' AS isLeaving FROM holdfast_tasks WHERE id = ? AND queue = ? AND state <> 'removed'`,
  isKnown: `SELECT 1 FROM holdfast_signals WHERE task = ?1 AND id = ?2
    UNION ALL SELECT 1 FROM holdfast_steps WHERE task = ?1 AND signal = ?2`,
  size: `SELECT COUNT(*) AS count, COALESCE(SUM(octet_length(name) + octet_length(payload)), 0) AS bytes FROM holdfast_signals WHERE task = ?`,
  keep: 'INSERT INTO holdfast_signals (task, id, name, payload) VALUES (?, ?, ?, ?)',
  wake: `UPDATE holdfast_tasks SET available_at = MIN(available_at, ?1), rev = rev + 1 WHERE id = ?2 AND state = 'waiting'
    AND EXISTS (SELECT 1 FROM holdfast_steps WHERE task = ?2 AND kind = 'wait' AND name = ?3 AND awaited = holdfast_tasks.attempt)`,
  await: `UPDATE holdfast_steps SET awaited = (SELECT attempt FROM holdfast_tasks WHERE id = ?1)
    WHERE task = ?1 AND kind = 'wait' AND name IN (SELECT value FROM json_each(?2))`,
  dueBySignal: `UPDATE holdfast_tasks SET available_at = ?1 WHERE id = ?2
    AND EXISTS (SELECT 1 FROM holdfast_signals WHERE task = ?2 AND name IN (SELECT value FROM json_each(?3)))`,
  carried: 'SELECT at, name, kind, value, until, awaited, signal FROM holdfast_steps WHERE task = ? ORDER BY at',
  carriedSignals: 'SELECT id, name, payload FROM holdfast_signals WHERE task = ? ORDER BY seq',
  forget: 'DELETE FROM holdfast_steps WHERE task = ?',
  forgetSignals: 'DELETE FROM holdfast_signals WHERE task = ?',
  exist: 'SELECT 1 WHERE EXISTS (SELECT 1 FROM holdfast_steps) OR EXISTS (SELECT 1 FROM holdfast_signals)',
  expiredHave: `SELECT 1 FROM (${expiredTasks('id')}) AS expired
    WHERE EXISTS (SELECT 1 FROM holdfast_steps WHERE task = expired.id) OR EXISTS (SELECT 1 FROM holdfast_signals WHERE task = expired.id) LIMIT 1`,
  expiredCounts: `SELECT (SELECT COUNT(*) FROM holdfast_steps WHERE task = expired.id)
    + (SELECT COUNT(*) FROM holdfast_signals WHERE task = expired.id) AS count FROM (${expiredTasks('id')}) AS expired`,
  prune: `DELETE FROM holdfast_steps WHERE task IN (${expiredTasks('id')})`,
  pruneSignals: `DELETE FROM holdfast_signals WHERE task IN (${expiredTasks('id')})`,
} as const;
