import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import { tickerOf } from '../../classes/schedule/tickerOf';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { PermanentError } from '../../modules/task/handlerErrors';
import { systemClock } from '../../modules/time/clock';
import type { Clock } from '../../modules/time/clock';
import type { Schedule } from '../../modules/schedule/schedule';
import { codeOfAbort, eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** The system clock without timers of a second or more, so that nothing depends on a later look. */
const impatient: Clock = { ...systemClock, after: (ms, ...rest) => (ms < SECOND ? systemClock.after(ms, ...rest) : () => undefined) };

const stored = async (store: Store, id: string): Promise<Schedule> => (await store.parts.schedules.find(id)) as Schedule;

/** An hourly schedule whose occurrences count as missed only after a day. */
const HOURLY = { queue: 'q', cron: '0 * * * *', misfireAfterMs: 24 * HOUR } as const;

/** Makes the previous occurrence the next one, so that it is due. */
async function makeDue(store: Store, id: string): Promise<Schedule> {
  const nextMs = ((await stored(store, id)).nextMs ?? 0) - HOUR;
  expect(await store.parts.schedules.put({ ...(await stored(store, id)), nextMs, wakeMs: nextMs })).to.equal(true);
  return stored(store, id);
}

forEachStore('Schedules that skip an overlap', (opening) => {
  /** Lets two occurrences become due with a step between them. Tells whether the second was skipped. */
  const skipped = async (handler: () => unknown, between: (scheduler: Scheduler, queue: Queue) => Promise<unknown>): Promise<boolean> => {
    const store = await opening.open();
    const [scheduler, queue] = [new Scheduler(store), new Queue(store, 'q')];
    const told: string[] = [];
    store.events.on('schedule-skipped', () => void told.push('skipped'));
    store.events.on('schedule-fired', () => void told.push('fired'));
    await scheduler.upsert('s', { ...HOURLY, overlap: 'skip' });
    await makeDue(store, 's');
    const worker = new Worker(store, { queues: ['q'], handlers: { q: handler } });
    await worker.start();
    await eventually('the first', () => told.length > 0);
    await between(scheduler, queue);
    await makeDue(store, 's');
    tickerOf(store.parts).look();
    await eventually('the second', () => told.length > 1);
    await worker.abandon();
    return told[1] === 'skipped';
  };

  it('skip one while the last task, which was dead, runs again after a redrive', async () => {
    let isFirst = true;
    const handler = ({ signal }: { readonly signal: AbortSignal }): Promise<unknown> => {
      if (isFirst) throw new PermanentError('no');
      return codeOfAbort(signal);
    };
    const isSkipped = await skipped(handler as () => unknown, async (scheduler, queue) => {
      await eventually('it is dead', async () => (await scheduler.get('s'))?.lastOutcome?.state === 'dead');
      isFirst = false;
      expect(await queue.redrive()).to.equal(1);
    });
    expect(isSkipped).to.equal(true);
  });

  it('skip one while the last task goes on, though a later run by hand has ended', async () => {
    let runs = 0;
    const handler = ({ signal }: { readonly signal: AbortSignal }): unknown => ((runs += 1) === 1 ? codeOfAbort(signal) : 'done');
    const isSkipped = await skipped(handler as () => unknown, async (scheduler) => {
      await eventually('it runs', () => runs === 1);
      const id = await scheduler.runNow('s');
      await eventually('the run by hand has ended', async () => (await scheduler.get('s'))?.lastOutcome?.taskId === id);
    });
    expect(isSkipped).to.equal(true);
  });
});

forEachStore('Schedules that others write to', (opening) => {
  /** Makes another process act once, between adding a task and removing its note. */
  const whenAdded = (store: Store, act: () => Promise<unknown>): void => {
    const insert = store.parts.tasks.insert.bind(store.parts.tasks);
    store.parts.tasks.insert = async (...given) => {
      const inserted = await insert(...given);
      store.parts.tasks.insert = insert;
      await act();
      return inserted;
    };
  };

  for (const call of ['runNow', 'pause', 'upsert'] as const) {
    it(`go on at once if ${call} comes between adding a task and removing its note`, async () => {
      const [store, other] = [await opening.open({}, { clock: impatient }), await opening.open()];
      const scheduler = new Scheduler(other);
      await scheduler.upsert('s', HOURLY);
      const { nextMs } = await makeDue(store, 's');
      const isFired = new Promise((resolve) => store.events.on('schedule-fired', resolve));
      let written = 0;
      whenAdded(store, async () => {
        await (call === 'upsert' ? scheduler.upsert('s', { ...HOURLY, payload: 1 }) : scheduler[call]('s'));
        written = (await stored(store, 's')).rev;
      });
      tickerOf(store.parts).start();
      await isFired;
      const after = await eventually('nothing pending', async () => [await stored(store, 's')].find(({ pending }) => pending.length === 0));
      expect(after.rev, 'what was written by hand stays').to.equal(written + 1);
      expect(after.wakeMs).to.equal(after.paused ? null : after.nextMs);
      expect(after.nextMs).to.be.above(nextMs ?? Infinity);
    });
  }

  it('are not made again where they were removed, or stored anew, before the note was taken away', async () => {
    const [store, other] = [await opening.open({}, { clock: impatient }), await opening.open()];
    const scheduler = new Scheduler(other);
    await scheduler.upsert('s', HOURLY);
    await makeDue(store, 's');
    whenAdded(store, async () => {
      await scheduler.remove('s');
      await scheduler.upsert('s', { ...HOURLY, queue: 'other' });
    });
    tickerOf(store.parts).start();
    await eventually('another', async () => (await stored(store, 's')).plan.queue === 'other');
    await tickerOf(store.parts).stop();
    expect(await stored(store, 's')).to.deep.include({ rev: 1, lastMs: null });
  });
});
