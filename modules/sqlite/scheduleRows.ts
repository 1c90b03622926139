import type { FinishedState } from '../../constants/states';
import type { Namespace } from '../ports/namespace';
import { NEVER_ATTENDED } from '../schedule/attendance';
import type { Attendance } from '../schedule/attendance';
import { readBody, writeBody } from '../schedule/schedule';
import type { LastOutcome, Schedule } from '../schedule/schedule';

/** Those that no code declares are found by the index. */
const UNDECLARED = 'INDEXED BY holdfast_schedules_due WHERE namespace = ?1 AND declared = 0 AND wake_at';

/** Those that the process declares (?2, a JSON array of ids) are few, and found by their ids: others that are due for long are not read. */
const DECLARED = 'WHERE id IN (SELECT value FROM json_each(?2)) AND declared = 1 AND wake_at';

const DUE = `SELECT id, wake_at FROM holdfast_schedules ${UNDECLARED} <= ?3 UNION ALL SELECT id, wake_at FROM holdfast_schedules ${DECLARED} <= ?3`;

/** The statements of the port by name. */
export const SCHEDULE_STATEMENTS = {
  list: 'SELECT * FROM holdfast_schedules WHERE namespace = ? AND id > ? ORDER BY id LIMIT ? + 0',
  find: 'SELECT * FROM holdfast_schedules WHERE id = ?',
  insert: 'INSERT INTO holdfast_schedules (declared, wake_at, body, last_task_id, id, rev) VALUES (?, ?, ?, ?, ?, ? + 1) ON CONFLICT DO NOTHING',
  replace: `UPDATE holdfast_schedules SET declared = ?1, wake_at = ?2, body = ?3, last_task_id = ?4, rev = rev + 1
    WHERE id = ?5 AND rev = ?6 AND json_extract(body, '$.seed') = json_extract(?3, '$.seed')`,
  remove: 'DELETE FROM holdfast_schedules WHERE id = ?',
  isDue: `SELECT 1 FROM (${DUE}) LIMIT 1`,
  claimDue: `UPDATE holdfast_schedules SET wake_at = ?5, rev = rev + 1 WHERE id IN (SELECT id FROM (${DUE}) ORDER BY wake_at LIMIT ?4 + 0) RETURNING *`,
  nextWake: `SELECT MIN(wake_at) AS wake_at FROM (
    SELECT MIN(wake_at) AS wake_at FROM holdfast_schedules ${UNDECLARED} > ?3 UNION ALL SELECT wake_at FROM holdfast_schedules ${DECLARED} > ?3)`,
  attendance: 'SELECT * FROM holdfast_attendance WHERE name = ?',
  attend: 'INSERT OR REPLACE INTO holdfast_attendance (name, looked_at, away_from, away_to) VALUES (?, ?, ?, ?)',
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

export interface AttendanceRow {
  readonly looked_at: number;
  readonly away_from: number | null;
  readonly away_to: number | null;
}

export const attendanceOfRow = (row: AttendanceRow | undefined): Attendance =>
  row ? { lookedMs: row.looked_at, away: row.away_from === null ? null : { fromMs: row.away_from, toMs: row.away_to ?? 0 } } : NEVER_ATTENDED;

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
