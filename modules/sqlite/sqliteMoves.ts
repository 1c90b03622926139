import { PRIORITIES } from '../../constants/limits';
import type { GuardKind } from './sqliteSchema';
import { GUARDS } from './sqliteSchema';
import { HEAD_COLUMNS, NO_LEASE } from './taskSql';

/** Moves one task. The parameters are the queue, the time, the settings, its own lease length, `settled_by`, the id, and those of the guard. */
export const moveStatement = (guard: GuardKind): string => `
  UPDATE holdfast_tasks SET queue = ?, state = 'waiting', rev = rev + 1, suspect = 0, available_at = ?, finished_at = NULL, expire_at = NULL,
    settings = ?, own_lease_ms = ?, settled_by = ?, ${NO_LEASE} WHERE id = ? AND ${GUARDS[guard]}`;

const OVERDUE_OF = (priority: number): string => `
  SELECT * FROM (SELECT * FROM holdfast_tasks INDEXED BY holdfast_tasks_claim
    WHERE queue = ?1 AND state = 'waiting' AND suspect = 0 AND priority = ${priority} AND available_at <= ?2 ORDER BY available_at LIMIT ?3 + 0)`;

/** The tasks of a queue that have waited longest: the first of each priority, which the index has in order. */
export const OVERDUE_STATEMENT = `SELECT ${HEAD_COLUMNS} FROM (${PRIORITIES.map(OVERDUE_OF).join(' UNION ALL ')}) ORDER BY available_at LIMIT ?3 + 0`;
