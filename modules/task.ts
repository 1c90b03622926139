import { v7 as uuidv7 } from 'uuid';
import { nameOption, retentionOptions, taskOptions } from '../config/options';
import type { Backoff, Retention, TaskOptions } from '../config/options';
import type { TaskError, TaskRef } from '../constants/events';
import { LATEST_INSTANT } from '../constants/limits';
import type { FinishedState, TaskState } from '../constants/states';
import { HoldfastError } from './holdfastError';
import { toJson } from './json';
import type { Jsonified } from './json';
import { checkOptions } from './checkOptions';
import { defaultsOf } from './resolveOptions';

/** What a task carries only where its options differ from the defaults. */
export interface TaskSettings {
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
  readonly leaseMs?: number;
  readonly retention?: Partial<Retention>;
}

/** When a new task is due: after a delay of the store's clock, or at an instant of it. */
export type Due = { readonly delayMs: number } | { readonly at: Date };

/** A task that a store is asked to insert. */
export interface NewTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly due: Due;
  readonly priority: number;
  readonly maxRetries: number;
  readonly settings: TaskSettings;
  /** Of the live tasks of a queue no two have the same. */
  readonly uniqueKey: string | null;
}

/** The right to run one attempt. */
export interface Lease {
  readonly token: string;
  readonly workerId: string;
  readonly expiresAt: Date;
  /** Its length, which every heartbeat gives it again. */
  readonly ms: number;
  /** Set when a suspect begins to run with nothing beside it, so that a crash is its own. */
  readonly alone: boolean;
}

/** A task as a store has it. */
export interface Task {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly state: TaskState;
  readonly priority: number;
  readonly attempt: number;
  readonly failures: number;
  readonly maxRetries: number;
  /** Its last attempt ended in an expired lease, and one more failure makes it dead: it runs alone. */
  readonly suspect: boolean;
  /** Raised by every write to a waiting task and by every return to waiting. */
  readonly rev: number;
  readonly availableAt: Date;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly settings: TaskSettings;
  readonly uniqueKey: string | null;
  readonly lease: Lease | null;
  /** JSON text. */
  readonly result: string | null;
  readonly error: TaskError | null;
}

/** A task as `queue.get` and `queue.list` show it: payload and result are values. */
export type TaskView<Payload = unknown> = Omit<Task, 'payload' | 'result' | 'rev' | 'suspect'> & {
  readonly payload: Jsonified<Payload>;
  readonly result: unknown;
};

const DEFAULTS = defaultsOf(taskOptions) as Readonly<Required<Pick<TaskOptions, 'priority' | 'maxRetries'>>>;
const DEFAULT_RETENTION = defaultsOf(retentionOptions);

/**
 * Makes a task of a name, a payload and options; everything is checked here, before anything is written.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN, HOLDFAST_OPTION_INVALID or one of HOLDFAST_PAYLOAD_…
 */
export function newTask(queue: string, name: string, payload: unknown, options: TaskOptions = {}): NewTask {
  checkOptions(nameOption, name, 'name');
  checkOptions(taskOptions, options, 'options');
  const { delayMs, runAt, priority = DEFAULTS.priority, maxRetries = DEFAULTS.maxRetries } = options;
  if (delayMs !== undefined && runAt !== undefined) {
    throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'options.runAt', expected: 'left out where delayMs is given' });
  }
  return {
    id: uuidv7(),
    queue,
    name,
    payload: toJson(payload, 'payload'),
    due: runAt ? { at: new Date(runAt) } : { delayMs: delayMs ?? 0 },
    priority,
    maxRetries,
    settings: settingsOf(options),
    uniqueKey: options.uniqueKey ?? null,
  };
}

/** Tells how long a finished task is kept, in milliseconds. */
export const retentionMs = ({ settings }: Pick<Task, 'settings'>, state: FinishedState): number =>
  settings.retention?.[`${state}Ms`] ?? DEFAULT_RETENTION[`${state}Ms`];

/** What events say of a task. */
export const refOf = ({ id, queue, name, attempt }: TaskRef): TaskRef => ({ id, queue, name, attempt });

/** Shows a task to a user. */
export function viewTask<Payload>({ payload, result, rev: _rev, suspect: _suspect, ...task }: Task): TaskView<Payload> {
  return {
    ...task,
    payload: JSON.parse(payload) as Jsonified<Payload>,
    result: result === null ? undefined : (JSON.parse(result) as unknown),
  };
}

/** The instant a delay leads to, within what a task may carry. */
export const instantAfter = (nowMs: number, delayMs: number): Date => new Date(Math.min(nowMs + delayMs, LATEST_INSTANT));

/** A copy as JSON has it: what is undefined is left out. */
const settingsOf = ({ backoff, timeoutMs, leaseMs, retention }: TaskOptions): TaskSettings =>
  JSON.parse(JSON.stringify({ backoff, timeoutMs, leaseMs, retention })) as TaskSettings;
