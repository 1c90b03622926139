import { createHash } from 'node:crypto';
import type { Misfire, Overlap, TaskOptions } from '../../config/optionTypes';
import type { FinishedState } from '../../constants/states';
import { uuidOf } from '../task/uuidBytes';

/** When a schedule fires: by a cron expression in a time zone, at a fixed interval from an anchor, or once. All instants are milliseconds since the epoch. */
export type Timing =
  | { readonly kind: 'cron'; readonly cron: string; readonly timeZone: string; readonly bounds: Bounds }
  | { readonly kind: 'every'; readonly everyMs: number; readonly anchorMs: number; readonly bounds: Bounds }
  | { readonly kind: 'once'; readonly atMs: number; readonly bounds: Bounds };

/** The first and the last instant at which a schedule may fire. */
export interface Bounds {
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** What a schedule is: what it adds and when. It changes only by hand or with the code. */
export interface SchedulePlan {
  readonly queue: string;
  /** The name of the tasks. */
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly options: TaskOptions;
  readonly timing: Timing;
  readonly jitterMs: number;
  readonly overlap: Overlap;
  readonly misfire: Misfire;
  /** With `misfire: all`: at most so many, the latest. */
  readonly misfireLimit: number;
  /** An occurrence that is later than this was missed. */
  readonly misfireAfterMs: number;
}

/** How the task of the last occurrence ended. */
export interface LastOutcome {
  readonly taskId: string;
  readonly state: FinishedState;
  readonly at: Date;
}

/** A schedule as a store has it: its plan, and how far it has come. */
export interface Schedule {
  readonly id: string;
  /** Drawn when it was first stored: two schedules of one id, as in two namespaces, are not taken for one. */
  readonly seed: string;
  /** Raised by every write but that of an outcome: who writes names the one that was read. */
  readonly rev: number;
  /** It stands in code, and fires only in processes that declare it. */
  readonly declared: boolean;
  readonly plan: SchedulePlan;
  readonly paused: boolean;
  /** The next occurrence, null where none comes. */
  readonly nextMs: number | null;
  /** Occurrences that were taken and whose tasks may not be in the store yet. */
  readonly pending: readonly number[];
  /** When a process has to look at it, null for never. */
  readonly wakeMs: number | null;
  /** The last occurrence that was fired. */
  readonly firedMs: number | null;
  /** The same, or a later run by hand. */
  readonly lastMs: number | null;
  readonly lastTaskId: string | null;
  /** Null while the task of the last occurrence has not ended. Written by itself, whatever `rev` is. */
  readonly lastOutcome: LastOutcome | null;
}

/** How long an occurrence that was taken stays with the process that took it; then any other adds its task. */
export const PENDING_MS = 10_000;

/** When a process has to look at a schedule. */
export const wakeOf = ({ paused, nextMs }: Pick<Schedule, 'paused' | 'nextMs'>): number | null => (paused ? null : nextMs);

/** What a store keeps of a schedule as JSON text, beside what it looks for. */
export type ScheduleBody = Pick<Schedule, 'seed' | 'plan' | 'paused' | 'nextMs' | 'pending' | 'firedMs' | 'lastMs'>;

export const writeBody = ({ seed, plan, paused, nextMs, pending, firedMs, lastMs }: Schedule): string =>
  JSON.stringify({ seed, plan, paused, nextMs, pending, firedMs, lastMs } satisfies ScheduleBody);

/** What was written before a release knew a field has it as null. */
export const readBody = (text: string): ScheduleBody => ({ firedMs: null, ...(JSON.parse(text) as object) }) as ScheduleBody;

/**
 * The id of the task of an occurrence: a UUIDv8 that everyone computes alike, so that the task is in the store once whoever adds it. It begins with the
 * instant, as a UUIDv7 does, so that listings stay in order.
 *
 * @param seed that of its schedule.
 */
export function occurrenceId(seed: string, atMs: number): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([seed, atMs]))
    .digest()
    .subarray(0, 16);
  bytes.writeUIntBE(Math.max(0, atMs), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return uuidOf(bytes);
}

/** Tells whether an id is that of an occurrence. */
export const isOccurrenceId = (id: string): boolean => id[14] === '8';

/** How much later than its occurrence a task is due: always the same for one occurrence, and spread evenly over occurrences. */
export function jitterOf(seed: string, atMs: number, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  const word = createHash('sha256')
    .update(JSON.stringify(['jitter', seed, atMs]))
    .digest()
    .readUInt32BE(0);
  return Math.floor((word / 2 ** 32) * (jitterMs + 1));
}
