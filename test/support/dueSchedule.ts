import type { Schedule } from '../../modules/schedule/schedule';

/** A schedule of every second that is due at an instant. */
export const dueSchedule = (id: string, wakeMs: number, rest: Partial<Schedule> = {}): Schedule => ({
  id,
  seed: id,
  rev: 0,
  declared: false,
  plan: {
    queue: 'q',
    name: 'q',
    payload: 'null',
    options: {},
    timing: { kind: 'every', everyMs: 1_000, anchorMs: 0, bounds: { startMs: null, endMs: null } },
    jitterMs: 0,
    overlap: 'allow',
    misfire: 'skip',
    misfireLimit: 1,
    misfireAfterMs: 1_000,
  },
  paused: false,
  nextMs: wakeMs,
  pending: [],
  wakeMs,
  firedMs: null,
  lastMs: null,
  lastTaskId: null,
  lastOutcome: null,
  ...rest,
});
