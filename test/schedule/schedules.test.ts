import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Scheduler } from '../../classes/schedule/scheduler';
import { tickerOf } from '../../classes/schedule/tickerOf';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { decideFiring } from '../../modules/schedule/firing';
import { occurrenceId } from '../../modules/schedule/schedule';
import type { Schedule } from '../../modules/schedule/schedule';
import { endChildren, endOf, startFixture } from '../fixtures/children';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

/** Duration of the test with eight processes. The variable allows a longer run by hand. */
const EIGHT_PROCESSES_MS = Number(process.env['HOLDFAST_TEST_SCHEDULE_MS'] ?? 8_000);

const SECOND = 1_000;

const stored = async (store: Store, id: string): Promise<Schedule> => (await store.parts.schedules.find(id)) as Schedule;

forEachStore('Schedules', (opening) => {
  afterEach(endChildren);

  const works = async (store: Store, handler: () => unknown = () => 'done'): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['q'], handlers: { q: handler }, pollInterval: { minMs: 5, maxMs: 100 } });
    await worker.start();
    return worker;
  };

  /** Moves the next occurrence of a schedule into the past, as if nobody had looked for so long. */
  const age = async (store: Store, id: string, byMs: number): Promise<Schedule> => {
    const schedule = await stored(store, id);
    const nextMs = (schedule.nextMs ?? 0) - byMs;
    expect(await store.parts.schedules.put({ ...schedule, nextMs, wakeMs: nextMs })).to.equal(true);
    return stored(store, id);
  };

  it('compare and set: of writers that read the same, one writes', async () => {
    const store = await opening.open();
    await new Scheduler(store).upsert('s', { queue: 'q', everyMs: SECOND });
    const schedule = await stored(store, 's');
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => store.parts.schedules.put({ ...schedule, lastMs: n })));
    expect(answers.filter(Boolean)).to.have.length(1);
    expect((await stored(store, 's')).rev).to.equal(schedule.rev + 1);
    const fresh = { ...schedule, id: 'new', rev: 0 };
    expect((await Promise.all([store.parts.schedules.put(fresh), store.parts.schedules.put(fresh)])).filter(Boolean)).to.have.length(1);
  });

  it('compare and set: a schedule that was removed and stored again counts as another', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', everyMs: SECOND });
    const removed = await stored(store, 's');
    await scheduler.remove('s');
    await scheduler.upsert('s', { queue: 'other', everyMs: SECOND });
    expect(await store.parts.schedules.put(removed)).to.equal(false);
    expect((await stored(store, 's')).plan.queue).to.equal('other');
  });

  it('are listed, shown, paused, resumed and removed', async () => {
    const scheduler = new Scheduler(await opening.open());
    await scheduler.upsert('b', { queue: 'q', cron: '0 3 * * *', timeZone: 'Europe/Berlin', payload: { n: 1 } });
    await scheduler.upsert('a', { queue: 'q', everyMs: 60_000 });
    expect((await scheduler.list()).map(({ id }) => id)).to.deep.equal(['a', 'b']);
    const shown = await scheduler.get('b');
    expect(shown).to.deep.include({ cron: '0 3 * * *', timeZone: 'Europe/Berlin', payload: { n: 1 }, paused: false, lastAt: null });
    expect(await scheduler.next('b', 3)).to.have.length(3);
    expect(await scheduler.pause('b')).to.equal(true);
    expect(await scheduler.next('b', 3)).to.deep.equal([]);
    expect(await scheduler.get('b')).to.include({ paused: true, nextAt: null });
    expect(await scheduler.resume('b')).to.equal(true);
    expect((await scheduler.get('b'))?.nextAt).to.deep.equal(shown?.nextAt);
    expect(await scheduler.remove('b')).to.equal(true);
    expect(await scheduler.remove('b')).to.equal(false);
    expect(await scheduler.get('b')).to.equal(null);
    expect(await scheduler.pause('b')).to.equal(false);
    expect(await scheduler.runNow('b')).to.equal(null);
  });

  it('keep their next occurrence where they are stored again as they are, and go on from now where they are changed', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', everyMs: 60_000 });
    const aged = await age(store, 's', 30_000);
    await scheduler.upsert('s', { queue: 'q', everyMs: 60_000 });
    expect(await stored(store, 's')).to.deep.equal(aged);
    await scheduler.upsert('s', { queue: 'q', everyMs: 90_000 });
    expect((await stored(store, 's')).nextMs).to.be.above(aged.nextMs ?? Infinity);
  });

  it('refuse bad options before anything is written', async () => {
    const scheduler = new Scheduler(await opening.open());
    const codeOf = async (options: object): Promise<string> => (await refusalOf(() => scheduler.upsert('s', { queue: 'q', ...options }))).code;
    expect(await codeOf({ cron: '0 0 30 2 *' })).to.equal('HOLDFAST_SCHEDULE_NEVER');
    for (const bad of [
      {},
      { cron: '* * * *' },
      { cron: '@daily', everyMs: SECOND },
      { everyMs: 10 },
      { at: new Date(NaN) },
      { cron: '@daily', timeZone: 'X/Y' },
    ]) {
      expect(await codeOf(bad), JSON.stringify(bad)).to.equal('HOLDFAST_OPTION_INVALID');
    }
    expect(await codeOf({ cron: '@daily', often: true })).to.equal('HOLDFAST_OPTION_UNKNOWN');
    expect(await codeOf({ cron: '@daily', payload: { n: NaN } })).to.equal('HOLDFAST_PAYLOAD_NOT_JSON');
    expect(await scheduler.list()).to.deep.equal([]);
  });

  it('add a task for each occurrence, and show how the last one ended even where nothing of it is kept', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', cron: '* * * * * *', payload: { n: 1 }, options: { retention: { succeededMs: 0 } } });
    await works(store);
    const shown = await eventually('a last outcome', async () => {
      const view = await scheduler.get('s');
      return view?.lastOutcome ? view : null;
    });
    expect(shown.lastOutcome).to.include({ state: 'succeeded', taskId: shown.lastTaskId });
    const { seed } = await stored(store, 's');
    expect(shown.lastTaskId).to.equal(occurrenceId(seed, shown.lastAt?.getTime() ?? 0));
  });

  it('run now, whatever their times, and while paused', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', cron: '0 0 1 1 *' });
    await scheduler.pause('s');
    await works(store);
    const id = await scheduler.runNow('s');
    await eventually('its outcome', async () => (await scheduler.get('s'))?.lastOutcome?.taskId === id);
    expect(await scheduler.get('s')).to.include({ paused: true, lastTaskId: id });
  });

  it('fire once for a date, and never for one that has passed', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    const at = new Date(Date.now() + 300);
    await scheduler.upsert('soon', { queue: 'q', at });
    await scheduler.upsert('passed', { queue: 'q', at: new Date(Date.now() - 60_000) });
    await works(store);
    await eventually('the outcome', async () => (await scheduler.get('soon'))?.lastOutcome);
    expect(await scheduler.get('soon')).to.deep.include({ lastAt: at, nextAt: null });
    expect(await scheduler.get('passed')).to.deep.include({ lastAt: null, nextAt: null });
  });

  it('lose nothing where a process dies between taking an occurrence and adding its task', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', cron: '0 0 1 1 *' });
    const due = await age(store, 's', 400 * 24 * 3_600_000);
    const nowMs = await store.parts.schedules.now();
    const firing = decideFiring(due, { nowMs, isLastLive: false, away: null, holdMs: SECOND });
    const [occurrence = 0] = firing?.fire ?? [];
    // Another process took the occurrence a while ago and then vanished.
    expect(await store.parts.schedules.put({ ...(firing?.schedule as Schedule), wakeMs: nowMs - 1 })).to.equal(true);
    await scheduler.pause('s');
    await works(store);
    const task = await eventually('the task', () => store.parts.tasks.find(null, occurrenceId(due.seed, occurrence)));
    expect(task.queue).to.equal('q');
    await eventually('nothing pending', async () => (await stored(store, 's')).pending.length === 0);
  });

  it('double nothing where a process dies between adding a task and noting it, though the task has run and was removed', async () => {
    const store = await opening.open();
    let runs = 0;
    const scheduler = new Scheduler(store);
    await scheduler.upsert('s', { queue: 'q', cron: '0 0 1 1 *', options: { retention: { succeededMs: 0 } } });
    await age(store, 's', 400 * 24 * 3_600_000);
    await works(store, () => (runs += 1));
    await eventually('the first run', async () => (await scheduler.get('s'))?.lastOutcome);
    const after = await stored(store, 's');
    expect(await store.parts.schedules.put({ ...after, pending: [after.lastMs ?? 0], wakeMs: (await store.parts.schedules.now()) - 1 })).to.equal(
      true,
    );
    tickerOf(store.parts).look();
    await eventually('nothing pending', async () => (await stored(store, 's')).pending.length === 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(runs).to.equal(1);
  });

  it('skip an occurrence while the last task goes on, where they say so', async () => {
    const store = await opening.open();
    const gate = makeGate();
    let runs = 0;
    const skipped: string[] = [];
    store.events.on('schedule-skipped', ({ reason }) => void skipped.push(reason));
    await new Scheduler(store).upsert('s', { queue: 'q', cron: '* * * * * *', overlap: 'skip' });
    await works(store, () => ((runs += 1), gate.opened));
    await eventually('a skipped occurrence', () => skipped.length > 1);
    expect(runs).to.equal(1);
    gate.open();
    await eventually('another run', () => runs > 1);
  });

  it('that stand in code fire only where they are declared', async () => {
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    await scheduler.declare('s', { queue: 'q', cron: '* * * * * *' });
    tickerOf(store.parts).forget('s');
    await works(store);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect((await scheduler.get('s'))?.lastAt).to.equal(null);
    tickerOf(store.parts).declare('s');
    await eventually('an occurrence', async () => (await scheduler.get('s'))?.lastAt);
  });

  it('of one id in two namespaces of a database each fire for their own', async () => {
    const stores = await Promise.all(['staging', 'production'].map((namespace) => opening.open({ namespace })));
    const ran = new Map<string, string>();
    for (const [index, store] of stores.entries()) {
      await new Scheduler(store).upsert('s', { queue: 'q', cron: '* * * * * *', payload: index });
      const handler = ({ id, payload }: { readonly id: string; readonly payload: unknown }): void => void ran.set(id, `${index} ${String(payload)}`);
      await new Worker(store, { queues: ['q'], handlers: { q: handler } }).start();
    }
    await eventually('both ran', () => new Set(ran.values()).size === 2);
    expect([...new Set(ran.values())].sort()).to.deep.equal(['0 0', '1 1']);
    expect(await new Scheduler(stores[0] as Store).list()).to.have.length(1);
  });

  it(`give each occurrence one task with eight processes and a schedule of every second, for ${EIGHT_PROCESSES_MS / SECOND} seconds`, async function () {
    this.timeout(EIGHT_PROCESSES_MS + 120_000);
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-schedules-'));
    const file = join(folder, 'runs');
    const store = await opening.open();
    const scheduler = new Scheduler(store);
    const children = Array.from({ length: 8 }, () => startFixture('scheduleWorker', { url: opening.url, file }));
    await eventually('all are ready', () => children.every(({ out }) => out.includes('ready')));
    const from = Math.ceil(Date.now() / SECOND) * SECOND + SECOND;
    const to = from + EIGHT_PROCESSES_MS - SECOND;
    const bounds = { startAt: new Date(from), endAt: new Date(to) };
    await scheduler.upsert('tick', {
      queue: 'tick',
      cron: '* * * * * *',
      ...bounds,
      misfireAfterMs: 60_000,
      options: { retention: { succeededMs: 0 } },
    });
    const isOver = async (): Promise<boolean> => {
      const view = await scheduler.get('tick');
      return view?.nextAt === null && view.lastOutcome !== null;
    };
    await eventually('the last one', isOver, EIGHT_PROCESSES_MS + 60_000);
    for (const child of children) child.kill('SIGTERM');
    for (const child of children) expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    const runs = readFileSync(file, 'utf8').trim().split('\n').sort();
    const { seed } = await stored(store, 'tick');
    const wanted = Array.from({ length: EIGHT_PROCESSES_MS / SECOND }, (_, n) => `${occurrenceId(seed, from + n * SECOND)} 1`);
    expect(runs).to.deep.equal(wanted);
    await rm(folder, { recursive: true, force: true });
  });
});
