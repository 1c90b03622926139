import type { Namespace } from '../ports/namespace';
import { NEVER_ATTENDED } from '../schedule/attendance';
import type { Absence, Attendance, Note } from '../schedule/attendance';
import { readBody, writeBody } from '../schedule/schedule';
import type { LastOutcome, Schedule } from '../schedule/schedule';

/** The index of due schedules. */
export const DUE_INDEX = 'holdfast_due';

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
  /** The last claim: who has written its number holds the schedule. */
  claim?: string;
  /** The last write of a batch, so that its writer knows that it was its own. */
  put?: string;
}

/** The looks of processes in MongoDB: at one declared schedule, or at all that no code declares. */
export interface AttendanceDocument {
  _id: string;
  lookedAt: Date;
  awayFrom: Date | null;
  awayTo: Date | null;
}

/** Everything but the outcome, which is written by itself. */
export const documentOfSchedule = (schedule: Schedule, { name }: Namespace): Omit<ScheduleDocument, '_id' | 'outcome' | 'claim' | 'put'> => ({
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

export const attendanceOfDocument = (document: AttendanceDocument | undefined): Attendance =>
  document
    ? { lookedMs: document.lookedAt.getTime(), away: document.awayFrom && document.awayTo && absence(document.awayFrom, document.awayTo) }
    : NEVER_ATTENDED;

const absence = (from: Date, to: Date): Absence => ({ fromMs: from.getTime(), toMs: to.getTime() });

/** The update that notes a look by the clock of the server, as `noteLook` does. A document that is made by it knows of no look before. */
export function notingLook({ everyMs, absentMs }: Omit<Note, 'nowMs'>): object[] {
  const ageMs = { $subtract: ['$$NOW', { $ifNull: ['$lookedAt', new Date(0)] }] };
  const isYoung = { $lt: [{ $abs: ageMs }, everyMs] };
  const isAway = { $and: [{ $not: isYoung }, { $gt: [ageMs, absentMs] }] };
  const orNull = (field: string): object => ({ $ifNull: [field, null] });
  return [
    {
      $set: {
        awayFrom: { $cond: [isAway, { $ifNull: ['$lookedAt', new Date(0)] }, orNull('$awayFrom')] },
        awayTo: { $cond: [isAway, '$$NOW', orNull('$awayTo')] },
        lookedAt: { $cond: [isYoung, '$lookedAt', '$$NOW'] },
      },
    },
  ];
}
