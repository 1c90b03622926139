import type { FinishedState } from '../../constants/states';
import type { Namespace } from '../ports/namespace';
import { readBody, writeBody } from '../schedule/schedule';
import type { LastOutcome, Schedule } from '../schedule/schedule';

/** A process may fire schedules that no code declares, and those that it declares itself (?2, a JSON array of ids). */
const FIRABLE =
  'INDEXED BY holdfast_schedules_due WHERE namespace = ?1 AND wake_at IS NOT NULL AND (declared = 0 OR id IN (SELECT value FROM json_each(?2)))';

/** The statements of the port by name. */
export const SCHEDULE_STATEMENTS = {
  list: 'SELECT * FROM holdfast_schedules WHERE namespace = ? ORDER BY id',
  find: 'SELECT * FROM holdfast_schedules WHERE id = ?',
  insert: 'INSERT INTO holdfast_schedules (declared, wake_at, body, last_task_id, id, rev) VALUES (?, ?, ?, ?, ?, ? + 1) ON CONFLICT DO NOTHING',
  replace: `UPDATE holdfast_schedules SET declared = ?1, wake_at = ?2, body = ?3, last_task_id = ?4, rev = rev + 1
    WHERE id = ?5 AND rev = ?6 AND json_extract(body, '$.seed') = json_extract(?3, '$.seed')`,
  remove: 'DELETE FROM holdfast_schedules WHERE id = ?',
  due: `SELECT * FROM holdfast_schedules ${FIRABLE} AND wake_at <= ?3 ORDER BY wake_at LIMIT ?4`,
  nextWake: `SELECT MIN(wake_at) AS wake_at FROM holdfast_schedules ${FIRABLE} AND wake_at > ?3`,
  noteOutcome: 'UPDATE holdfast_schedules SET outcome_task_id = ?1, outcome_state = ?2, outcome_at = ?3 WHERE last_task_id = ?1',
} as const;

export interface ScheduleRow {
  readonly id: string;
  readonly rev: number;
  readonly declared: number;
  readonly wake_at: number | null;
  readonly body: string;
  readonly last_task_id: string | null;
  readonly outcome_task_id: string | null;
  readonly outcome_state: FinishedState;
  readonly outcome_at: number;
}

/** The parameters of `insert` and of `replace`. */
export const rowOfSchedule = (schedule: Schedule, { inside }: Namespace): (string | number | null)[] => [
  Number(schedule.declared),
  schedule.wakeMs,
  writeBody(schedule),
  schedule.lastTaskId,
  inside(schedule.id),
  schedule.rev,
];

export const scheduleOfRow = (row: ScheduleRow, { outside }: Namespace): Schedule => ({
  ...readBody(row.body),
  id: outside(row.id),
  rev: row.rev,
  declared: row.declared === 1,
  wakeMs: row.wake_at,
  lastTaskId: row.last_task_id,
  lastOutcome: outcomeOfRow(row),
});

/** Returns the outcome of the last occurrence; one of an earlier occurrence does not count. */
const outcomeOfRow = (row: ScheduleRow): LastOutcome | null =>
  row.outcome_task_id === null || row.outcome_task_id !== row.last_task_id
    ? null
    : { taskId: row.outcome_task_id, state: row.outcome_state, at: new Date(row.outcome_at) };
