import type { Attendance } from '../../modules/schedule/attendance';
import type { Schedule } from '../../modules/schedule/schedule';
import type { RecordKind, StoredRecord } from '../../modules/ports/recordStore';
import type { Task } from '../../modules/task/task';

/** The record of a task: the task until it is removed, its last settler, and the time of its deletion. */
export interface Entry {
  readonly task: Task | null;
  readonly settledBy: string | null;
  readonly expireAtMs: number | null;
}

/** The contents of a database, shared by all who open it. Entries are in order of insertion. They are replaced, never changed. */
export class ReferenceTables {
  readonly entries = new Map<string, Entry>();
  readonly paused = new Set<string>();
  readonly schedules = new Map<string, Schedule>();
  readonly records = new Map<string, { readonly record: StoredRecord; readonly kind: RecordKind; readonly expireAtMs: number | null }>();
  readonly attendance = new Map<string, Attendance>();

  /** The tasks that are not removed, oldest first. */
  get tasks(): Task[] {
    return [...this.entries.values()].flatMap(({ task }) => task ?? []);
  }

  /** Returns another live task of the queue with the same unique key. */
  twinOf({ id, queue, uniqueKey }: Pick<Task, 'id' | 'queue' | 'uniqueKey'>): Task | undefined {
    if (uniqueKey === null) return undefined;
    return this.tasks.find((other) => other.id !== id && isLive(other) && other.queue === queue && other.uniqueKey === uniqueKey);
  }
}

const isLive = ({ state }: Task): boolean => state === 'waiting' || state === 'running';
