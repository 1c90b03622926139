import { expect } from 'chai';
import { Scheduler } from '../../classes/schedule/scheduler';
import { tickerOf } from '../../classes/schedule/tickerOf';
import type { Store } from '../../classes/store/store';
import { systemClock } from '../../modules/time/clock';
import type { Clock } from '../../modules/time/clock';
import type { Schedule } from '../../modules/schedule/schedule';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const SECOND = 1_000;
const DAY = 24 * 3_600 * SECOND;

/** More schedules than one look takes. */
const MANY = 250;

/** The system clock without timers of a second or more, so that nothing depends on a later look. */
const impatient: Clock = { ...systemClock, after: (ms, ...rest) => (ms < SECOND ? systemClock.after(ms, ...rest) : () => undefined) };

forEachStore('Many schedules', (opening) => {
  /** Stores copies of a daily schedule that are all due at the same instant, a day ago. */
  const storeMany = async (store: Store, change: Partial<Schedule['plan']> = {}, count = MANY): Promise<void> => {
    await new Scheduler(store).upsert('one', { queue: 'q', cron: '@daily', misfireAfterMs: DAY });
    const one = (await store.parts.schedules.find('one')) as Schedule;
    const dueMs = (one.nextMs ?? 0) - DAY;
    const due = { ...one, rev: 0, nextMs: dueMs, wakeMs: dueMs, plan: { ...one.plan, ...change } };
    await Promise.all(Array.from({ length: count }, (_, n) => store.parts.schedules.put({ ...due, id: `s${n}`, seed: `s${n}` })));
  };

  it('that are due at one instant are all fired', async () => {
    const store = await opening.open({}, { clock: impatient });
    await storeMany(store);
    const fired = new Set<string>();
    store.events.on('schedule-fired', ({ schedule }) => void fired.add(schedule));
    tickerOf(store.parts).start();
    await eventually('all', () => fired.size === MANY);
  });

  it('that fail are put off, told once each, and keep no other from its turn', async () => {
    const store = await opening.open({}, { clock: impatient });
    const timing = { kind: 'cron', cron: '@daily', timeZone: 'Nowhere/Else', bounds: { startMs: null, endMs: null } } as const;
    await storeMany(store, { timing });
    const good = (await store.parts.schedules.find('one')) as Schedule;
    const nextMs = (good.nextMs ?? 0) - DAY;
    await store.parts.schedules.put({ ...good, nextMs, wakeMs: (await store.parts.schedules.now()) - 1 });
    const failed: string[] = [];
    const fired: string[] = [];
    store.events.on('schedule-failed', ({ schedule }) => void failed.push(schedule));
    store.events.on('schedule-fired', ({ schedule }) => void fired.push(schedule));
    tickerOf(store.parts).start();
    await eventually('the good one', () => fired.length > 0);
    await tickerOf(store.parts).stop();
    expect(fired).to.deep.equal(['one']);
    expect(new Set(failed).size).to.equal(failed.length);
    expect((await store.parts.schedules.find(failed[0] ?? ''))?.wakeMs).to.be.above(nextMs);
  });

  it('that fail tell each occurrence that fails, also later and after a success', async () => {
    const store = await opening.open({}, { clock: impatient });
    await storeMany(store, {}, 1);
    const good = (await store.parts.schedules.find('s0')) as Schedule;
    const broken = {
      ...good.plan,
      timing: { kind: 'cron', cron: '@daily', timeZone: 'Nowhere/Else', bounds: { startMs: null, endMs: null } },
    } as const;
    const told: string[] = [];
    store.events.on('schedule-failed', () => void told.push('failed'));
    store.events.on('schedule-fired', () => void told.push('fired'));
    tickerOf(store.parts).start();
    await eventually('it fired', () => told.length === 1);
    /** Makes it due with another plan, whatever is stored. */
    const makeDue = async (plan: Schedule['plan'], nextMs: number): Promise<void> => {
      await eventually('a write', async () => {
        const now = (await store.parts.schedules.find('s0')) as Schedule;
        return store.parts.schedules.put({ ...now, plan, nextMs, pending: [], wakeMs: nextMs });
      });
      tickerOf(store.parts).look();
    };
    const nextMs = good.nextMs ?? 0;
    await makeDue(broken, nextMs);
    await eventually('a failure', () => told.length === 2);
    await makeDue(broken, nextMs);
    await makeDue(broken, nextMs + 1);
    await eventually('another occurrence', () => told.length === 3);
    await makeDue(good.plan, nextMs);
    await eventually('it fired again', () => told.length === 4);
    await makeDue(broken, nextMs + 1);
    await eventually('a later failure', () => told.length === 5);
    expect(told).to.deep.equal(['fired', 'failed', 'failed', 'fired', 'failed']);
  });
});
