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
  const storeMany = async (store: Store, change: Partial<Schedule['plan']> = {}): Promise<void> => {
    await new Scheduler(store).upsert('one', { queue: 'q', cron: '@daily', misfireAfterMs: DAY });
    const one = (await store.parts.schedules.find('one')) as Schedule;
    const dueMs = (one.nextMs ?? 0) - DAY;
    const due = { ...one, rev: 0, nextMs: dueMs, wakeMs: dueMs, plan: { ...one.plan, ...change } };
    await Promise.all(Array.from({ length: MANY }, (_, n) => store.parts.schedules.put({ ...due, id: `s${n}`, seed: `s${n}` })));
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
});
