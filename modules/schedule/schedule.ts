import { createHash, randomUUID } from 'node:crypto';
import type { Misfire, Overlap, TaskOptions } from '../../config/optionTypes';
import type { FinishedState } from '../../constants/states';
import { uuidOf } from '../task/uuidBytes';

/** Timing of a schedule: a cron expression in a time zone, a fixed interval from an anchor, or one instant. Instants are milliseconds since the epoch. */
export type Timing =
  | { readonly kind: 'cron'; readonly cron: string; readonly timeZone: string; readonly bounds: Bounds }
  | { readonly kind: 'every'; readonly everyMs: number; readonly anchorMs: number; readonly bounds: Bounds }
  | { readonly kind: 'once'; readonly atMs: number; readonly bounds: Bounds };

/** First and last instant at which a schedule may fire. */
export interface Bounds {
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** Plan of a schedule: its tasks and its timing. It changes only by hand or with the code. */
export interface SchedulePlan {
  readonly queue: string;
  /** Name of the tasks. */
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly options: TaskOptions;
  readonly timing: Timing;
  readonly jitterMs: number;
  readonly overlap: Overlap;
  readonly misfire: Misfire;
  /** Maximum number of missed occurrences that fire with `misfire: all`: the latest ones. */
  readonly misfireLimit: number;
  /** Time without a process after which a due occurrence counts as missed. */
  readonly misfireAfterMs: number;
}

/** Outcome of the task of the last occurrence. */
export interface LastOutcome {
  readonly taskId: string;
  readonly state: FinishedState;
  readonly at: Date;
}

/** A stored schedule: its plan and its progress. */
export interface Schedule {
  readonly id: string;
  /** Random number from when the schedule was first stored. It distinguishes schedules with the same id, as in two namespaces. */
  readonly seed: string;
  /** Revision, raised by every write except that of an outcome. A writer names the revision that it read. */
  readonly rev: number;
  /** Whether the schedule is declared in code. It then fires only in processes that declare it. */
  readonly declared: boolean;
  readonly plan: SchedulePlan;
  readonly paused: boolean;
  /** Next occurrence, or null. */
  readonly nextMs: number | null;
  /** Occurrences that a process has taken, and whose tasks may not be in the store yet. */
  readonly pending: readonly number[];
  /** Time of the next look at the schedule, null for never. */
  readonly wakeMs: number | null;
  /** Last occurrence that fired. */
  readonly firedMs: number | null;
  /** Last occurrence that fired, or a later run by hand. */
  readonly lastMs: number | null;
  readonly lastTaskId: string | null;
  /** Null while the task of the last occurrence has not ended. It is written alone, whatever `rev` is. */
  readonly lastOutcome: LastOutcome | null;
}

/** Makes a schedule that is not stored yet and has no next occurrence. */
export const newSchedule = (id: string, plan: SchedulePlan): Schedule => ({
  id,
  seed: randomUUID(),
  rev: 0,
  declared: false,
  plan,
  paused: false,
  nextMs: null,
  pending: [],
  wakeMs: null,
  firedMs: null,
  lastMs: null,
  lastTaskId: null,
  lastOutcome: null,
});

/** Returns the time of the next look at a schedule. */
export const wakeOf = ({ paused, nextMs }: Pick<Schedule, 'paused' | 'nextMs'>): number | null => (paused ? null : nextMs);

/** Fields of a schedule that a store keeps as JSON text, because it does not search by them. */
export type ScheduleBody = Pick<Schedule, 'seed' | 'plan' | 'paused' | 'nextMs' | 'pending' | 'firedMs' | 'lastMs'>;

export const writeBody = ({ seed, plan, paused, nextMs, pending, firedMs, lastMs }: Schedule): string =>
  JSON.stringify({ seed, plan, paused, nextMs, pending, firedMs, lastMs } satisfies ScheduleBody);

/** Reads those fields. A field that the writing release did not know is null. */
export const readBody = (text: string): ScheduleBody => ({ firedMs: null, ...(JSON.parse(text) as object) }) as ScheduleBody;

/**
 * Computes the id of the task of an occurrence: a UUIDv8 that is the same in every process, so that the task is in the store once, whoever adds it. It
 * begins with the instant, like a UUIDv7, so that listings stay in order.
 *
 * @param seed the seed of the schedule.
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

/** Tells whether an id is that of the task of an occurrence. */
export const isOccurrenceId = (id: string): boolean => id[14] === '8';

/** Returns the random delay of a task after its occurrence. It is the same in every process, and spread evenly over occurrences. */
export function jitterOf(seed: string, atMs: number, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  const word = createHash('sha256')
    .update(JSON.stringify(['jitter', seed, atMs]))
    .digest()
    .readUInt32BE(0);
  return Math.floor((word / 2 ** 32) * (jitterMs + 1));
}
