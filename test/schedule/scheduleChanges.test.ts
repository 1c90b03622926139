import { expect } from 'chai';
import { Scheduler } from '../../classes/schedule/scheduler';
import type { ScheduleArguments } from '../../classes/schedule/scheduler';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { occurrenceId } from '../../modules/schedule/schedule';
import type { Schedule } from '../../modules/schedule/schedule';
import { eventually } from '../support/eventually';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const stored = async (store: Store, id: string): Promise<Schedule> => (await store.parts.schedules.find(id)) as Schedule;

/** Moves the occurrences of a schedule into the past. */
async function age(store: Store, id: string, byMs: number): Promise<Schedule> {
  const schedule = await stored(store, id);
  const nextMs = (schedule.nextMs ?? 0) - byMs;
  const { timing } = schedule.plan;
  const plan = { ...schedule.plan, timing: timing.kind === 'every' ? { ...timing, anchorMs: timing.anchorMs - byMs } : timing };
  expect(await store.parts.schedules.put({ ...schedule, plan, nextMs, wakeMs: nextMs })).to.equal(true);
  return stored(store, id);
}

const NIGHTLY: ScheduleArguments = { queue: 'q', cron: '0 0 1 1 *', payload: 1 };

const CHANGES: Readonly<Record<string, ScheduleArguments>> = {
  payload: { ...NIGHTLY, payload: 2 },
  misfireLimit: { ...NIGHTLY, misfireLimit: 50 },
  'options of the tasks': { ...NIGHTLY, options: { priority: 1 } },
  cron: { ...NIGHTLY, cron: '0 1 1 1 *' },
  kind: { queue: 'q', everyMs: DAY },
};

function changes(opening: Opening): void {
  /** Runs a worker until a schedule has fired once and nothing is due. Returns the payloads that ran. */
  const ran = async (store: Store, id: string): Promise<unknown[]> => {
    const payloads: unknown[] = [];
    const worker = new Worker(store, { queues: ['q'], handlers: { q: ({ payload }) => void payloads.push(payload) } });
    await worker.start();
    await eventually('the run', () => payloads.length > 0);
    await eventually('nothing pending', async () => (await stored(store, id)).pending.length === 0);
    await worker.stop();
    return payloads;
  };

  for (const [what, changed] of Object.entries(CHANGES)) {
    it(`of a missed run and of the ${what} at the same time lose nothing`, async () => {
      const store = await opening.open();
      const scheduler = new Scheduler(store);
      await scheduler.upsert('s', NIGHTLY);
      const { seed, nextMs } = await age(store, 's', 400 * DAY);
      await scheduler.upsert('s', changed);
      expect(await ran(store, 's')).to.deep.equal([changed.payload ?? null]);
      const view = await scheduler.get('s');
      expect(view?.nextAt?.getTime()).to.be.above(Date.now());
      const last = view?.lastAt?.getTime() ?? 0;
      expect(last).to.be.within(nextMs ?? Infinity, Date.now());
      expect(view?.lastTaskId).to.equal(occurrenceId(seed, last));
    });
  }

  it('of the timing decide about what was due by the rules of the old plan, and tell what they skip', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    const told: unknown[] = [];
    store.events.on('schedule-skipped', (event) => void told.push(event));
    await scheduler.upsert('s', { ...NIGHTLY, misfire: 'skip' });
    await age(store, 's', 400 * DAY);
    await scheduler.upsert('s', { ...NIGHTLY, cron: '0 1 1 1 *', misfire: 'one' });
    expect(told).to.deep.equal([{ schedule: 's', queue: 'q', reason: 'missed' }]);
    expect(await stored(store, 's')).to.deep.include({ pending: [], lastMs: null });
  });

  it('of the timing of a paused schedule fire nothing', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', NIGHTLY);
    await scheduler.pause('s');
    await age(store, 's', 400 * DAY);
    await scheduler.upsert('s', { ...NIGHTLY, cron: '0 1 1 1 *' });
    expect(await stored(store, 's')).to.deep.include({ pending: [], paused: true, lastMs: null });
  });

  it('of the payload keep the start of an interval, even if they come more often than the interval', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', everyMs: HOUR, payload: 0 });
    const { nextMs } = await age(store, 's', HOUR / 2);
    for (let payload = 1; payload < 4; payload += 1) {
      await scheduler.upsert('s', { queue: 'q', everyMs: HOUR, payload });
      expect((await stored(store, 's')).nextMs).to.equal(nextMs);
    }
    await age(store, 's', HOUR / 2 + 1_000);
    await scheduler.upsert('s', { queue: 'q', everyMs: HOUR, payload: 4 });
    expect(await ran(store, 's')).to.deep.equal([4]);
    const after = await stored(store, 's');
    expect(after.nextMs).to.equal((after.lastMs ?? 0) + HOUR);
  });

  it('of the last date keep the start of an interval', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', everyMs: HOUR });
    const { nextMs } = await age(store, 's', HOUR / 2);
    await scheduler.upsert('s', { queue: 'q', everyMs: HOUR, endAt: new Date(Date.now() + DAY) });
    expect((await stored(store, 's')).nextMs).to.equal(nextMs);
    await scheduler.upsert('s', { queue: 'q', everyMs: 2 * HOUR });
    expect((await stored(store, 's')).nextMs, 'another interval begins now').to.be.above(nextMs ?? Infinity);
  });
}

forEachStore('Changes', changes);
forReference('Changes', changes);
