import { SECOND } from '../../constants/limits';
import type { StoredRecord } from '../ports/recordStore';

/** Time between two beats of a process. */
export const BEAT_EVERY_MS = 5 * SECOND;

/** Time after its last beat at which a process is gone: three beats were missed. */
export const GONE_AFTER_MS = 3 * BEAT_EVERY_MS;

/** Most running tasks and handler names that a row has. A row is written at every beat. */
const TASKS_SHOWN = 100;
const NAMES_SHOWN = 500;

/** What a worker tells of one running task. */
export interface RunningNote {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly attempt: number;
  /** How long its handler has run so far, in milliseconds. */
  readonly forMs: number;
}

/** What a worker tells of itself at a beat. */
export interface WorkerNote {
  readonly id: string;
  readonly queues: readonly string[];
  readonly maxConcurrency: number;
  /** The names of the tasks that it has handlers for. */
  readonly handles: readonly string[];
  readonly running: readonly RunningNote[];
}

/** What a process is, which stays as it is. */
export interface ProcessFacts {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
}

/** The value of a process's record. */
export interface ProcessRow extends ProcessFacts {
  /** How long its first worker had been there when the row was made, in milliseconds. A row is made again if the store was away for longer than it is kept. */
  readonly upMs: number;
  readonly isDraining: boolean;
  readonly workers: readonly (Omit<WorkerNote, 'running'> & { readonly running: number; readonly handlesMore?: true })[];
  readonly tasks: readonly (RunningNote & { readonly workerId: string })[];
}

/** A worker of a process, as `store.processes.list()` shows it. */
export interface ProcessWorker {
  readonly id: string;
  /** The queues and patterns that it serves. */
  readonly queues: readonly string[];
  /** The number of tasks that it runs at once. */
  readonly maxConcurrency: number;
  /** The number of tasks that it ran at the last beat. */
  readonly running: number;
  /** The names of the tasks that it has handlers for: at most 500. */
  readonly handles: readonly string[];
  /** True if it has handlers for more names. */
  readonly handlesMore: boolean;
}

/** A task that a process ran at its last beat. */
export interface RunningTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly attempt: number;
  readonly workerId: string;
  /** When its handler started, by the clock of the store. */
  readonly since: Date;
}

/** A process that has a worker, as `store.processes.list()` shows it. */
export interface ProcessView extends ProcessFacts {
  readonly id: string;
  /** When its first worker started, by the clock of the store. */
  readonly startedAt: Date;
  /** Its last beat, by the clock of the store. A process is gone, and no longer listed, 15 s after it. */
  readonly seenAt: Date;
  /** True if it was told to take nothing more. */
  readonly isDraining: boolean;
  /** The number of tasks that its workers run at once. */
  readonly slots: number;
  /** The number of tasks that they ran at the last beat. */
  readonly running: number;
  readonly workers: readonly ProcessWorker[];
  /** What it ran at the last beat: at most 100 tasks. */
  readonly tasks: readonly RunningTask[];
}

/** Makes the row of a process from what its workers tell. */
export function rowOf(facts: ProcessFacts & Pick<ProcessRow, 'upMs' | 'isDraining'>, workers: readonly WorkerNote[]): ProcessRow {
  const tasks = workers.flatMap(({ id: workerId, running }) => running.slice(0, TASKS_SHOWN).map((task) => ({ ...task, workerId })));
  return { ...facts, workers: workers.map(workerRow), tasks: tasks.slice(0, TASKS_SHOWN) };
}

const workerRow = ({ running, handles, ...worker }: WorkerNote): ProcessRow['workers'][number] => ({
  ...worker,
  handles: handles.slice(0, NAMES_SHOWN),
  running: running.length,
  ...(handles.length > NAMES_SHOWN ? { handlesMore: true } : {}),
});

/** Reads a row. */
export const readRow = ({ value }: StoredRecord): ProcessRow => JSON.parse(value) as ProcessRow;

/** Returns the view of a process from its record. */
export function viewProcess(record: StoredRecord): ProcessView {
  const { workers, tasks, upMs, ...facts } = readRow(record);
  const seenMs = record.changedAt.getTime();
  return {
    id: record.key,
    ...facts,
    startedAt: new Date(record.createdAt.getTime() - upMs),
    seenAt: record.changedAt,
    slots: workers.reduce((sum, { maxConcurrency }) => sum + maxConcurrency, 0),
    running: workers.reduce((sum, { running }) => sum + running, 0),
    workers: workers.map((worker) => ({ ...worker, handlesMore: worker.handlesMore === true })),
    tasks: tasks.map(({ forMs, ...task }) => ({ ...task, since: new Date(seenMs - forMs) })),
  };
}
