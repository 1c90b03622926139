import type { Attendance } from '../../modules/schedule/attendance';
import type { Schedule } from '../../modules/schedule/schedule';
import type { RecordKind, StoredRecord } from '../../modules/ports/recordStore';
import type { CarriedSteps } from '../../modules/ports/stepStore';
import type { Task } from '../../modules/task/task';

/** The record of a task: the task until it is removed, its last settler, and the time of its deletion. */
export interface Entry {
  readonly task: Task | null;
  readonly settledBy: string | null;
  readonly expireAtMs: number | null;
  /** What the task has recorded of steps and signals; none if left out. */
  readonly steps?: CarriedSteps;
}

/** The contents of a database, shared by all who open it. Entries are in order of insertion. They are replaced, never changed. */
export class ReferenceTables {
  readonly entries = new Map<string, Entry>();
  readonly paused = new Set<string>();
  readonly schedules = new Map<string, Schedule>();
  readonly records = new Map<string, { readonly record: StoredRecord; readonly kind: RecordKind; readonly expireAtMs: number | null }>();
  /** The messages of FIFO queues in the order of their sequence, the last one, and what is remembered of sends. */
  readonly fifo = { messages: [] as Task[], last: 0, sent: new Map<string, { id: string; sequence: number; untilMs: number }>() };
  readonly attendance = new Map<string, Attendance>();

  /** The tasks that are not removed, oldest first. */
  get tasks(): Task[] {
    return [...this.entries.values()].flatMap(({ task }) => task ?? []);
  }

  /** Returns what a task has recorded of steps and signals. */
  stepsOf(id: string): CarriedSteps {
    return this.entries.get(id)?.steps ?? { id, steps: [], signals: [], awaits: null };
  }

  /** Notes the signals that a task waits for. Returns true if one of them is there already. */
  awaitSignals({ id, attempt }: Task, signals: readonly string[]): boolean {
    this.keepSteps(id, { awaits: { attempt, signals } });
    return this.stepsOf(id).signals.some(({ name }) => signals.includes(name));
  }

  /** Replaces a part of that. */
  keepSteps(id: string, kept: Partial<CarriedSteps>): void {
    const entry = this.entries.get(id);
    if (entry?.task) this.entries.set(id, { ...entry, steps: { ...this.stepsOf(id), ...kept } });
  }

  /** Returns another live task of the queue with the same unique key. */
  twinOf({ id, queue, uniqueKey }: Pick<Task, 'id' | 'queue' | 'uniqueKey'>): Task | undefined {
    if (uniqueKey === null) return undefined;
    return this.tasks.find((other) => other.id !== id && isLive(other) && other.queue === queue && other.uniqueKey === uniqueKey);
  }
}

const isLive = ({ state }: Task): boolean => state === 'waiting' || state === 'running';
