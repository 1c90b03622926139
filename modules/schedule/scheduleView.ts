import type { Misfire, Overlap } from '../../config/optionTypes';
import type { LastOutcome, Schedule, Timing } from './schedule';

/** Result of `scheduler.list` and `scheduler.get`, with instants as Dates. */
export interface ScheduleView {
  readonly id: string;
  readonly queue: string;
  /** Name of the tasks. */
  readonly name: string;
  readonly payload: unknown;
  readonly cron?: string;
  readonly timeZone?: string;
  readonly everyMs?: number;
  readonly at?: Date;
  readonly startAt: Date | null;
  readonly endAt: Date | null;
  readonly jitterMs: number;
  readonly overlap: Overlap;
  readonly misfire: Misfire;
  /** Whether the schedule is declared in code. */
  readonly declared: boolean;
  readonly paused: boolean;
  readonly nextAt: Date | null;
  readonly lastAt: Date | null;
  readonly lastTaskId: string | null;
  /** Null while the last task has not ended, or if no process saw its end. */
  readonly lastOutcome: LastOutcome | null;
}

/** Makes the view of a schedule. */
export function viewSchedule({ id, plan, declared, paused, nextMs, lastMs, lastTaskId, lastOutcome }: Schedule): ScheduleView {
  const { queue, name, payload, timing, jitterMs, overlap, misfire } = plan;
  return {
    id,
    queue,
    name,
    payload: JSON.parse(payload) as unknown,
    ...times(timing),
    startAt: dateOf(timing.bounds.startMs),
    endAt: dateOf(timing.bounds.endMs),
    jitterMs,
    overlap,
    misfire,
    declared,
    paused,
    nextAt: paused ? null : dateOf(nextMs),
    lastAt: dateOf(lastMs),
    lastTaskId,
    lastOutcome,
  };
}

function times(timing: Timing): Pick<ScheduleView, 'cron' | 'timeZone' | 'everyMs' | 'at'> {
  if (timing.kind === 'cron') return { cron: timing.cron, timeZone: timing.timeZone };
  return timing.kind === 'every' ? { everyMs: timing.everyMs } : { at: new Date(timing.atMs) };
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
