import type { Namespace } from '../ports/namespace';
import { readBody, writeBody } from '../schedule/schedule';
import type { LastOutcome, Schedule } from '../schedule/schedule';

/** A schedule in MongoDB. What queries ask for has fields; the rest is JSON text, in which keys may have any name. */
export interface ScheduleDocument {
  _id: string;
  /** The prefix of the id. */
  namespace: string;
  rev: number;
  seed?: string | null;
  declared: boolean;
  wakeAt: Date | null;
  body: string;
  lastTaskId: string | null;
  outcome?: LastOutcome;
}

/** Everything but the outcome, which is written by itself. */
export const documentOfSchedule = (schedule: Schedule, { name }: Namespace): Omit<ScheduleDocument, '_id' | 'outcome'> => ({
  namespace: name,
  rev: schedule.rev + 1,
  seed: schedule.seed,
  declared: schedule.declared,
  wakeAt: schedule.wakeMs === null ? null : new Date(schedule.wakeMs),
  body: writeBody(schedule),
  lastTaskId: schedule.lastTaskId,
});

export const scheduleOfDocument = (document: ScheduleDocument, { outside }: Namespace): Schedule => ({
  ...readBody(document.body),
  id: outside(document._id),
  rev: document.rev,
  declared: document.declared,
  wakeMs: document.wakeAt?.getTime() ?? null,
  lastTaskId: document.lastTaskId,
  // The outcome of an earlier occurrence is none of the last.
  lastOutcome: document.outcome && document.outcome.taskId === document.lastTaskId ? document.outcome : null,
});
