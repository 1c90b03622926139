import { readBody, writeBody } from '../schedule/schedule';
import type { LastOutcome, Schedule } from '../schedule/schedule';

export const SCHEDULES_COLLECTION = 'schedules';

/** A schedule in MongoDB: what is looked for in fields, the rest as JSON text, in which keys may be any. */
export interface ScheduleDocument {
  _id: string;
  rev: number;
  seed?: string | null;
  declared: boolean;
  wakeAt: Date | null;
  body: string;
  lastTaskId: string | null;
  outcome?: LastOutcome;
}

/** Everything but the outcome, which is written by itself. */
export const documentOfSchedule = (schedule: Schedule): Omit<ScheduleDocument, '_id' | 'outcome'> => ({
  rev: schedule.rev + 1,
  seed: schedule.seed,
  declared: schedule.declared,
  wakeAt: schedule.wakeMs === null ? null : new Date(schedule.wakeMs),
  body: writeBody(schedule),
  lastTaskId: schedule.lastTaskId,
});

export const scheduleOfDocument = (document: ScheduleDocument): Schedule => ({
  ...readBody(document.body),
  id: document._id,
  rev: document.rev,
  declared: document.declared,
  wakeMs: document.wakeAt?.getTime() ?? null,
  lastTaskId: document.lastTaskId,
  // The outcome of an earlier occurrence is none of the last.
  lastOutcome: document.outcome && document.outcome.taskId === document.lastTaskId ? document.outcome : null,
});
