import { settingsText } from './sqliteSchema';
import type { NewTask } from './task';
import { instantAfter } from './task';
import { uuidBytes } from './uuidBytes';

type Value = string | number | Uint8Array | null;

/** Tasks in one statement: more of them gain nothing. */
const STATEMENT_TASKS = 50;

/** One insert, and how many of the tasks it takes. */
export interface Insert {
  readonly tasks: number;
  readonly sql: string;
  readonly parameters: readonly Value[];
}

/** A task, and what it has in common with its neighbours: all but its id, its payload and its unique key. */
interface Row {
  readonly task: NewTask;
  readonly common: readonly Value[];
}

/**
 * Plans the insert of tasks, in their order, which decides between those that are due at once.
 *
 * Binding a value costs as much as storing it, so what neighbours have in common is bound once for all of them: 7.5 microseconds a task in place
 * of 13.6.
 */
export function planInsert(tasks: readonly NewTask[], nowMs: number): Insert[] {
  const runs: Row[][] = [];
  for (const task of tasks) {
    const row = { task, common: commonOf(task, nowMs) };
    const run = runs.at(-1);
    if (run && run.length < STATEMENT_TASKS && isAlike(run[0] as Row, row)) run.push(row);
    else runs.push([row]);
  }
  return runs.map(insertOf);
}

const COMMON = ['queue', 'name', 'priority', 'max_retries', 'available_at', 'created_at', 'own_lease_ms', 'settings'];

function commonOf({ queue, name, priority, maxRetries, due, settings }: NewTask, nowMs: number): Value[] {
  const dueAt = 'at' in due ? due.at : instantAfter(nowMs, due.delayMs);
  return [queue, name, priority, maxRetries, dueAt.getTime(), nowMs, settings.leaseMs ?? null, settingsText(settings)];
}

const isAlike = ({ task, common }: Row, other: Row): boolean =>
  (task.uniqueKey === null) === (other.task.uniqueKey === null) && common.every((value, index) => value === other.common[index]);

function insertOf(rows: readonly Row[]): Insert {
  const [{ task: first, common }] = rows as readonly [Row];
  const isKeyed = first.uniqueKey !== null;
  const own = rows.flatMap(({ task }) => [uuidBytes(task.id), task.payload, ...(isKeyed ? [task.uniqueKey] : [])]);
  return { tasks: rows.length, sql: insertStatement(rows.length, isKeyed), parameters: [...common, ...own] };
}

function insertStatement(tasks: number, isKeyed: boolean): string {
  const columns = ['state', ...COMMON, 'id', 'payload', ...(isKeyed ? ['unique_key'] : [])];
  const common = COMMON.map((_, index) => `?${index + 1}`);
  const own = Array<string>(isKeyed ? 3 : 2).fill('?');
  // A bare question mark takes the number after the highest so far.
  const row = `('waiting', ${[...common, ...own].join(', ')})`;
  return `INSERT INTO tasks (${columns.join(', ')}) VALUES ${Array(tasks).fill(row).join(', ')} ON CONFLICT DO NOTHING`;
}
