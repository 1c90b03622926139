import { nameOption, retentionOptions, taskOptions } from '../../config/options';
import type { Backoff, Retention, TaskOptions } from '../../config/optionTypes';
import type { TaskError, TaskRef } from '../../constants/events';
import { LATEST_INSTANT, METADATA_BYTES } from '../../constants/limits';
import type { FinishedState, TaskState } from '../../constants/states';
import { viewHistory } from './history';
import type { AttemptRecord, LogLine } from './history';
import { HoldfastError } from '../errors/holdfastError';
import { lastMade } from '../values/lastMade';
import { toJson } from './json';
import type { Jsonified } from './json';
import { checkOptions } from '../options/checkOptions';
import { newId } from './newId';
import { defaultsOf } from '../options/resolveOptions';

/** What a task carries only where its options differ from the defaults. */
export interface TaskSettings {
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
  readonly leaseMs?: number;
  readonly retention?: Partial<Retention>;
  /** In milliseconds since the epoch. */
  readonly deadlineAt?: number;
  readonly tags?: readonly string[];
  /** JSON text. */
  readonly metadata?: string;
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
  /** Where the store that claimed it has it, for that store alone: its outcome is written faster. */
  readonly place?: number;
  readonly queue: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly state: TaskState;
  readonly priority: number;
  /** The number of its claims; it never falls. */
  readonly attempt: number;
  /** Recorded failures, time-outs and expired leases: what `maxRetries` is compared with. */
  readonly failures: number;
  readonly maxRetries: number;
  /** Its last attempt ended in an expired lease, and one more failure makes it dead: it runs alone. */
  readonly suspect: boolean;
  /** Raised by every write to a waiting task and by every return to waiting. */
  readonly rev: number;
  /** When it is due, by the clock of the store; in the past for one that runs. */
  readonly availableAt: Date;
  readonly createdAt: Date;
  /** When it succeeded, died or was cancelled; null while it is live. */
  readonly finishedAt: Date | null;
  readonly settings: TaskSettings;
  /** Of the live tasks of a queue no two have the same. */
  readonly uniqueKey: string | null;
  /** Null where it does not run. */
  readonly lease: Lease | null;
  /** JSON text. */
  readonly result: string | null;
  /** Its last failure. */
  readonly error: TaskError | null;
  /** What its handler told last, as JSON text. */
  readonly progress: string | null;
  /** Its last attempts, as JSON text: see `TaskHistory`. */
  readonly history: string | null;
}

/** A task as `queue.get` and `queue.list` show it: what the store keeps as JSON text are values. @interface */
export type TaskView<Payload = unknown> = Omit<Task, 'place' | 'payload' | 'result' | 'progress' | 'history' | 'settings' | 'rev' | 'suspect'> & {
  readonly payload: Jsonified<Payload>;
  readonly result: unknown;
  /** What its handler told last by `context.progress`. */
  readonly progress: unknown;
  /** Its last attempts, oldest first; a first attempt that succeeded and logged nothing is told by the task alone. */
  readonly attempts: readonly AttemptRecord[];
  /** The last lines that its handlers wrote by `context.log`, oldest first. */
  readonly log: readonly LogLine[];
  readonly settings: Omit<TaskSettings, 'deadlineAt' | 'tags' | 'metadata'>;
  readonly deadline: Date | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
};

const DEFAULTS = defaultsOf(taskOptions) as Readonly<Required<Pick<TaskOptions, 'priority' | 'maxRetries'>>>;
const DUE_NOW: Due = { delayMs: 0 };
const DEFAULT_RETENTION = defaultsOf(retentionOptions);
const RETENTION_OF = { succeeded: 'succeededMs', dead: 'deadMs', cancelled: 'cancelledMs' } as const satisfies Record<FinishedState, keyof Retention>;

/**
 * Makes a task of a name, a payload and options; everything is checked here, before anything is written.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN, HOLDFAST_OPTION_INVALID or one of HOLDFAST_PAYLOAD_…
 */
export function newTask(queue: string, name: string, payload: unknown, options: TaskOptions = {}, nowMs = Date.now()): NewTask {
  checkOptions(nameOption, name, 'name');
  checkOptions(taskOptions, options, 'options');
  checkTimes(options, nowMs);
  const { delayMs, runAt, priority = DEFAULTS.priority, maxRetries = DEFAULTS.maxRetries } = options;
  return {
    id: newId(),
    queue,
    name,
    payload: toJson(payload, 'payload'),
    due: runAt ? { at: new Date(runAt) } : delayMs ? { delayMs } : DUE_NOW,
    priority,
    maxRetries,
    settings: settingsOf(options),
    uniqueKey: options.uniqueKey ?? null,
  };
}

function checkTimes({ delayMs, runAt, deadline }: TaskOptions, nowMs: number): void {
  if (delayMs !== undefined && runAt !== undefined) throw invalid('options.runAt', 'left out where delayMs is given');
  if (deadline === undefined) return;
  if (deadline.getTime() <= nowMs) throw invalid('options.deadline', 'a Date that lies ahead');
  if (deadline.getTime() < (runAt?.getTime() ?? nowMs + (delayMs ?? 0))) throw invalid('options.deadline', 'no earlier than the task is due');
}

const invalid = (field: string, expected: string): HoldfastError => new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected });

/** Tells how long a finished task is kept, in milliseconds. */
export function retentionMs({ settings }: Pick<Task, 'settings'>, state: FinishedState): number {
  const name = RETENTION_OF[state];
  return settings.retention?.[name] ?? DEFAULT_RETENTION[name];
}

/** What events say of a task. */
export const refOf = ({ id, queue, name, attempt }: TaskRef): TaskRef => ({ id, queue, name, attempt });

/** Shows a task to a user. */
export function viewTask<Payload>({
  payload,
  result,
  progress,
  history,
  settings,
  rev: _rev,
  suspect: _suspect,
  place: _place,
  ...task
}: Task): TaskView<Payload> {
  const { deadlineAt, tags = [], metadata: _metadata, ...rest } = settings;
  return {
    ...task,
    ...viewHistory(history),
    payload: JSON.parse(payload) as Jsonified<Payload>,
    result: parsed(result),
    progress: parsed(progress),
    settings: rest,
    deadline: deadlineAt === undefined ? null : new Date(deadlineAt),
    tags,
    metadata: metadataOf(settings),
  };
}

/** The metadata of a task, empty where it has none. */
export const metadataOf = ({ metadata }: TaskSettings): Readonly<Record<string, unknown>> =>
  metadata === undefined ? {} : (JSON.parse(metadata) as Record<string, unknown>);

const parsed = (text: string | null): unknown => (text === null ? undefined : (JSON.parse(text) as unknown));

/** The instant a delay leads to, within what a task may carry. */
export const instantAfter = (nowMs: number, delayMs: number): Date => new Date(Math.min(nowMs + delayMs, LATEST_INSTANT));

/**
 * A copy, so that what the caller does with his options changes nothing; what is undefined is left out.
 *
 * Tasks added together mostly have the same settings: they share one object, which spares each a copy and a store the comparison.
 */
function settingsOf({ backoff, timeoutMs, leaseMs, retention, deadline, tags, metadata }: TaskOptions): TaskSettings {
  const settings: { readonly [Name in keyof TaskSettings]: TaskSettings[Name] | undefined } = {
    backoff,
    timeoutMs,
    leaseMs,
    retention,
    deadlineAt: deadline?.getTime(),
    tags: tags?.length === 0 ? undefined : tags,
    metadata: metadata && toJson(metadata, 'options.metadata', METADATA_BYTES),
  };
  return settingsFrom(JSON.stringify(settings));
}

const settingsFrom = lastMade((text: string) => Object.freeze(JSON.parse(text) as TaskSettings));
