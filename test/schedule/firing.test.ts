import { expect } from 'chai';
import { SECOND } from '../../constants/limits';
import { decideFiring, mayGoOn, withoutPending } from '../../modules/schedule/firing';
import type { Firing } from '../../modules/schedule/firing';
import { isOccurrenceId, jitterOf, occurrenceId } from '../../modules/schedule/schedule';
import type { Absence } from '../../modules/schedule/attendance';
import type { Schedule, SchedulePlan } from '../../modules/schedule/schedule';

const NEXT_MS = 1_000 * SECOND;

/** A schedule that fires every second, starting at the thousandth. */
const sample = (plan: Partial<SchedulePlan> = {}, rest: Partial<Schedule> = {}): Schedule => ({
  id: 'tick',
  seed: 'tick',
  rev: 3,
  declared: false,
  paused: false,
  nextMs: NEXT_MS,
  pending: [],
  wakeMs: NEXT_MS,
  firedMs: null,
  lastMs: null,
  lastTaskId: null,
  lastOutcome: null,
  ...rest,
  plan: {
    queue: 'q',
    name: 'q',
    payload: 'null',
    options: {},
    timing: { kind: 'every', everyMs: SECOND, anchorMs: 0, bounds: { startMs: null, endMs: null } },
    jitterMs: 0,
    overlap: 'allow',
    misfire: 'one',
    misfireLimit: 3,
    misfireAfterMs: 10 * SECOND,
    ...plan,
  },
});

const HOLD_MS = 2 * SECOND;

const fired = (schedule: Schedule, lateMs: number, isLastLive = false, away: Absence | null = null) =>
  decideFiring(schedule, { nowMs: NEXT_MS + lateMs, isLastLive, away, holdMs: HOLD_MS });

/** Fires after a time in which no process was up, which has ended just now. */
const firedAfter = (schedule: Schedule, awayMs: number) => fired(schedule, awayMs, false, { fromMs: NEXT_MS - SECOND, toMs: NEXT_MS + awayMs });

const seconds = (firing: ReturnType<typeof decideFiring>): number[] => (firing?.fire ?? []).map((at) => (at - NEXT_MS) / SECOND);

describe('decideFiring', () => {
  it('fires what is due and moves on behind now', () => {
    const firing = fired(sample(), 20);
    expect(seconds(firing)).to.deep.equal([0]);
    expect(firing?.skipped).to.equal(null);
    expect(firing?.schedule).to.include({ nextMs: NEXT_MS + SECOND, lastMs: NEXT_MS, lastTaskId: occurrenceId('tick', NEXT_MS), rev: 3 });
    expect(firing?.schedule.pending).to.deep.equal([NEXT_MS]);
    expect(firing?.schedule.wakeMs).to.equal(NEXT_MS + 20 + HOLD_MS);
  });

  it('does nothing before the time, while paused, and when all is over', () => {
    expect(fired(sample(), -1)).to.equal(null);
    expect(fired(sample({}, { paused: true }), 20)).to.equal(null);
    expect(fired(sample({}, { nextMs: null }), 20)).to.equal(null);
  });

  it('fires each occurrence that is late but not missed', () => {
    expect(seconds(fired(sample(), 2_500))).to.deep.equal([0, 1, 2]);
  });

  it('fires each late occurrence while a process was up, the oldest first, and goes on behind them', () => {
    const first = fired(sample({ misfire: 'skip', misfireAfterMs: SECOND }), 150_500);
    expect(seconds(first)).to.deep.equal(Array.from({ length: 100 }, (_, n) => n));
    expect(first).to.include({ skipped: null });
    const second = fired({ ...(first?.schedule as Schedule), pending: [] }, 150_500);
    expect(seconds(second)).to.deep.equal(Array.from({ length: 51 }, (_, n) => 100 + n));
    expect(second?.schedule.nextMs).to.equal(NEXT_MS + 151 * SECOND);
  });

  it('counts as missed what waited for too long while no process was up, and nothing else', () => {
    const away = { fromMs: NEXT_MS + 5 * SECOND, toMs: NEXT_MS + 20 * SECOND };
    const skipping = sample({ misfire: 'skip', misfireAfterMs: 10 * SECOND });
    const firing = fired(skipping, 25_500, false, away);
    expect(seconds(firing), 'from ten seconds before the end of the absence').to.deep.equal(Array.from({ length: 16 }, (_, n) => 10 + n));
    expect(firing?.skipped).to.equal('missed');
    const short = fired(skipping, 25_500, false, { ...away, fromMs: NEXT_MS + 11 * SECOND });
    expect(seconds(short), 'no occurrence waited for so long').to.have.length(26);
    expect(short?.skipped).to.equal(null);
  });

  it('skips missed occurrences with misfire skip, and says so', () => {
    const firing = firedAfter(sample({ misfire: 'skip', misfireAfterMs: SECOND }), 30_500);
    expect(seconds(firing)).to.deep.equal([30]);
    expect(firing?.skipped).to.equal('missed');
  });

  it('fires one for all missed occurrences with misfire one', () => {
    const sparse = { timing: { kind: 'every', everyMs: 60 * SECOND, anchorMs: NEXT_MS, bounds: { startMs: null, endMs: null } } } as const;
    expect(seconds(firedAfter(sample(sparse), 200_000))).to.deep.equal([180]);
    expect(firedAfter(sample(sparse), 200_000)?.skipped, 'it stands for all').to.equal(null);
  });

  it('leaves missed occurrences out with misfire one where another is in time, and says so', () => {
    const firing = firedAfter(sample({ misfireAfterMs: SECOND }), 30_500);
    expect(seconds(firing)).to.deep.equal([30]);
    expect(firing?.skipped).to.equal('missed');
  });

  it('fires the latest missed occurrences with misfire all, at most so many, beside those in time', () => {
    const firing = firedAfter(sample({ misfire: 'all', misfireAfterMs: SECOND }), 30_500);
    expect(seconds(firing)).to.deep.equal([27, 28, 29, 30]);
    expect(firing?.skipped).to.equal('missed');
    expect(firedAfter(sample({ misfire: 'all', misfireAfterMs: SECOND, misfireLimit: 100 }), 30_500)?.fire).to.have.length(31);
  });

  it('skips an occurrence with overlap skip while the last task goes on, and fires one where it does not', () => {
    const firing = fired(sample({ overlap: 'skip' }), 20, true);
    expect(firing).to.include({ skipped: 'overlap' });
    expect(seconds(firing)).to.deep.equal([]);
    expect(firing?.schedule).to.include({ nextMs: NEXT_MS + SECOND, wakeMs: NEXT_MS + SECOND, lastMs: null });
    expect(seconds(fired(sample({ overlap: 'skip' }), 2_500))).to.deep.equal([2]);
  });

  it('asks of the task of the last occurrence and of a later run by hand whether they go on, but of none that succeeded', () => {
    const [id, byHand] = [occurrenceId('tick', NEXT_MS), occurrenceId('by hand', NEXT_MS)];
    const outcome = (state: 'succeeded' | 'dead', taskId: string) => ({ lastOutcome: { taskId, state, at: new Date(NEXT_MS) } });
    const asked = (rest: Partial<Schedule>): string[] => mayGoOn(sample({ overlap: 'skip' }, { firedMs: NEXT_MS, lastTaskId: id, ...rest }));
    expect(mayGoOn(sample({ overlap: 'skip' }))).to.deep.equal([]);
    expect(mayGoOn(sample({}, { firedMs: NEXT_MS, lastTaskId: id })), 'they may overlap').to.deep.equal([]);
    expect(asked({})).to.deep.equal([id]);
    expect(asked(outcome('succeeded', id))).to.deep.equal([]);
    expect(asked(outcome('dead', id)), 'it may have been redriven').to.deep.equal([id]);
    expect(asked({ lastTaskId: byHand, ...outcome('succeeded', byHand) })).to.deep.equal([id]);
    expect(asked({ lastTaskId: byHand })).to.deep.equal([id, byHand]);
  });

  it('takes over what another process has taken and not added, even while paused', () => {
    const taken = sample({}, { pending: [NEXT_MS - SECOND], paused: true });
    const firing = fired(taken, 20);
    expect(seconds(firing)).to.deep.equal([-1]);
    expect(firing?.schedule).to.include({ nextMs: NEXT_MS, wakeMs: NEXT_MS + 20 + HOLD_MS });
  });

  it('waits for the next occurrence when all tasks have been added', () => {
    const { schedule, fire } = fired(sample(), 20) as Firing;
    expect(withoutPending(schedule, fire)).to.deep.include({ pending: [], wakeMs: NEXT_MS + SECOND });
    const taken = { ...schedule, pending: [...fire, NEXT_MS + SECOND] };
    expect(withoutPending(taken, fire), 'one is left').to.deep.include({ pending: [NEXT_MS + SECOND], wakeMs: schedule.wakeMs });
    expect(withoutPending(schedule, [NEXT_MS + SECOND]), 'all were taken away by another').to.equal(schedule);
  });
});

describe('The id of an occurrence', () => {
  it('is the same for everyone, another for another occurrence or schedule, and in the order of time', () => {
    const ids = [1_000, 2_000, 2_001].map((at) => occurrenceId('a', at));
    expect(occurrenceId('a', 1_000)).to.equal(ids[0]);
    expect(occurrenceId('b', 1_000)).not.to.equal(ids[0]);
    expect([...ids].sort()).to.deep.equal(ids);
    expect(ids.every(isOccurrenceId)).to.equal(true);
    expect(ids[0]).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('gives a jitter within its bounds that is the same for everyone', () => {
    const jitters = Array.from({ length: 200 }, (_, n) => jitterOf('a', n, 50));
    expect(Math.max(...jitters)).to.be.within(40, 50);
    expect(Math.min(...jitters)).to.be.within(0, 10);
    expect(jitterOf('a', 7, 50)).to.equal(jitters[7]);
    expect(jitterOf('a', 7, 0)).to.equal(0);
  });
});
