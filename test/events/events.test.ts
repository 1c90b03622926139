import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { defineEvent } from '../../classes/events/declaredEvent';
import { EventHub } from '../../classes/events/eventHub';
import type { AnyEvent } from '../../classes/events/eventHub';
import { Scheduler } from '../../classes/schedule/scheduler';
import { begin, finished, Mail, makeLog, trimmed } from '../support/eventParts';
import { eventually, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

forEachStore('Events', (opening) => {
  it('give process what the schema makes of the payload, and keep what was emitted', async () => {
    const store = await opening.open();
    const named = defineEvent({ name: 'named', schema: trimmed, process: ({ name, length }) => `${name} ${length}` });
    await begin(store, [named]);
    const { id } = await named.emit({ name: ' Ada ' });
    await finished(store, 'named');
    expect(await named.get(id)).to.deep.include({ payload: { name: ' Ada ' }, result: 'Ada 3' });
  });

  it('are tried again as their retry says, by a function as well, and call their hooks', async () => {
    const store = await opening.open();
    const log = makeLog();
    const called: string[] = [];
    const mail = defineEvent({
      name: 'mail',
      schema: Mail,
      retry: { maxRetries: 3, backoff: (failures) => failures },
      hooks: {
        onBegin: ({ task }) => void called.push(`begin ${task.attempt}`),
        onRetry: ({ delayMs }) => void called.push(`retry ${delayMs}`),
        onDead: () => void called.push('dead'),
        onSuccess: () => {
          called.push('success');
          throw new Error('a hook that fails');
        },
      },
      process: (_, { attempt }) => {
        if (attempt < 3) throw new Error('not yet');
      },
    });
    await begin(store, [mail], log);
    await mail.emit({ to: 'a' });
    await eventually('its end in the log', () => log.of('listener-failed').length > 0);
    expect(called).to.deep.equal(['begin 1', 'retry 1', 'begin 2', 'retry 2', 'begin 3', 'success']);
    expect(log.of('listener-failed')).to.have.length(1);
    expect(log.of('task-retried').map(({ outcome, level }) => [outcome, level])).to.deep.equal(Array(2).fill(['retried', 'info']));
  });

  it('run at most their concurrency at once', async () => {
    const store = await opening.open();
    let [running, most] = [0, 0];
    const mail = defineEvent({
      name: 'mail',
      schema: Mail,
      concurrency: 3,
      process: async () => {
        most = Math.max(most, (running += 1));
        await wait(20);
        running -= 1;
      },
    });
    await begin(store, [mail]);
    await mail.emitMany(Array.from({ length: 12 }, (_, n) => ({ to: String(n) })));
    await eventually('all have ended', async () => (await mail.stats()).counts.succeeded === 12);
    expect(most).to.equal(3);
  });

  it('with a unique key are there once while one is alive', async () => {
    const store = await opening.open();
    const mail = defineEvent({ name: 'mail', schema: Mail, unique: ({ to }) => to, process: () => 0 }).on(store, { logger: null });
    const first = await mail.emit({ to: 'a' });
    expect(await mail.emit({ to: 'a' })).to.deep.equal({ id: first.id, added: false });
    expect(await mail.emit({ to: 'b' })).to.include({ added: true });
  });

  it('keep the options of their declaration where emit gives undefined', async () => {
    const store = await opening.open();
    const mail = defineEvent({ name: 'mail', schema: Mail, unique: ({ to }) => to, priority: 7, process: () => 0 }).on(store, { logger: null });
    const none = { priority: undefined, uniqueKey: undefined, delayMs: undefined } as never;
    const { id } = await mail.emit({ to: 'a' }, none);
    expect(await mail.get(id)).to.include({ priority: 7, uniqueKey: 'a' });
    const [many] = await mail.emitMany([{ to: 'b' }], none);
    expect(await mail.get(many?.id ?? '')).to.include({ priority: 7, uniqueKey: 'b' });
    expect(await mail.get((await mail.emit({ to: 'c' }, { priority: 2 })).id)).to.include({ priority: 2, uniqueKey: 'c' });
  });

  it('are paused and resumed, and tell how many there are', async () => {
    const store = await opening.open();
    const mail = defineEvent({ name: 'mail', schema: Mail, process: () => 0 });
    await begin(store, [mail]);
    await mail.pause();
    await wait(600);
    await mail.emit({ to: 'a' });
    await wait(300);
    expect(await mail.stats()).to.deep.include({ isPaused: true, running: 0, schedule: null });
    expect((await mail.stats()).counts.waiting).to.equal(1);
    await mail.resume();
    await finished(store, 'mail');
  });

  it('are removed at once, after their age, or but for the last, as their retention says', async () => {
    const store = await opening.open();
    const gone = defineEvent({ name: 'gone', schema: Mail, retention: { succeededMs: 0 }, process: () => 0 });
    const few = defineEvent({
      name: 'few',
      schema: Mail,
      concurrency: 1,
      retention: { succeededLast: 2, deadLast: 1 },
      retry: { maxRetries: 1 },
      process: ({ to }) => {
        if (to.startsWith('bad')) throw new Error('bad');
      },
    });
    const hub = await begin(store, [gone, few]);
    const ended: string[] = [];
    for (const name of ['task-succeeded', 'task-dead'] as const) store.events.on(name, ({ task }) => void ended.push(task.id));
    await gone.emit({ to: 'a' });
    const added = await few.emitMany(['1', '2', '3', '4', '5', 'bad 1', 'bad 2', 'bad 3'].map((to) => ({ to })));
    await eventually('all have ended', () => ended.length === 9);
    await hub.stop();
    expect((await gone.stats()).counts).to.include({ succeeded: 0, waiting: 0 });
    expect((await few.stats()).counts).to.include({ succeeded: 2, dead: 1 });
    expect(await few.get(added[4]?.id ?? '')).to.include({ state: 'succeeded' });
    expect(await few.get(added[7]?.id ?? '')).to.include({ state: 'dead' });
    expect(await few.get(added[0]?.id ?? '')).to.equal(null);
  });

  it('come by themselves where they repeat, and no more when that is gone from the code', async () => {
    const store = await opening.open();
    const repeat = { cron: '* * * * * *', payload: { to: 'all' } };
    let runs = 0;
    const make = (rest: object) => defineEvent({ name: 'report', schema: Mail, process: () => (runs += 1), ...rest });
    const hub = await begin(store, [make({ repeat })]);
    await eventually('it came', () => runs > 0);
    expect(await new Scheduler(store).get('report')).to.include({ declared: true, queue: 'report' });
    await hub.stop();
    await store.close();
    const later = await opening.open();
    await begin(later, [make({})]);
    expect(await new Scheduler(later).get('report')).to.equal(null);
    const before = runs;
    await wait(1_500);
    expect(runs).to.equal(before);
  });

  it('refuse a repeated payload that the schema refuses when they start, and start nothing', async () => {
    const store = await opening.open();
    const report = defineEvent({ name: 'report', schema: Mail, process: () => 0, repeat: { cron: '@daily', payload: { to: '' } } });
    const other = defineEvent({ name: 'other', schema: Mail, process: () => 0 });
    expect((await refusalOf(() => begin(store, [report, other]))).code).to.equal('HOLDFAST_PAYLOAD_INVALID');
    expect((await other.stats()).running).to.equal(0);
    await other.emit({ to: 'a' });
    await wait(200);
    expect((await other.stats()).counts.waiting).to.equal(1);
  });

  it('stop twice, during start, with nothing running, and start again', async () => {
    const store = await opening.open();
    const mail = defineEvent({ name: 'mail', schema: Mail, process: () => 0 });
    const hub = new EventHub(store, [mail], { signals: false, logger: null });
    await hub.stop();
    const starting = hub.start();
    await Promise.all([hub.stop(), starting, hub.stop()]);
    await mail.emit({ to: 'a' });
    await hub.start();
    await hub.start();
    await finished(store, 'mail');
    await hub.stop();
    await hub.ended;
  });

  it('let what runs end within the grace period, and give back what does not', async () => {
    const store = await opening.open();
    const started: string[] = [];
    const quick = defineEvent({ name: 'quick', schema: Mail, process: () => (started.push('quick'), wait(150)) });
    const endless = defineEvent({
      name: 'endless',
      schema: Mail,
      gracePeriodMs: 50,
      process: (_, { signal }) => (
        started.push('endless'),
        new Promise((__, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      ),
    });
    const hub = await begin(store, [quick, endless]);
    const ids = [await quick.emit({ to: 'a' }), await endless.emit({ to: 'a' })];
    await eventually('both run', () => started.length === 2);
    await hub.stop();
    expect(await quick.get(ids[0]?.id ?? '')).to.include({ state: 'succeeded' });
    expect(await endless.get(ids[1]?.id ?? '')).to.include({ state: 'waiting', failures: 0 });
  });

  it('end with the store, and can then be used on another', async () => {
    const store = await opening.open();
    const mail = defineEvent({ name: 'mail', schema: Mail, process: () => 0 });
    await begin(store, [mail]);
    const other = await opening.open();
    expect((await refusalOf(() => mail.on(other))).code).to.equal('HOLDFAST_EVENT_BOUND');
    await store.close();
    await begin(other, [mail]);
    await mail.emit({ to: 'a' });
    await finished(other, 'mail');
  });
});

forEachStore('An EventHub', (opening) => {
  it('has ended when its store is closed, and listens to no signals any more', async () => {
    const listeners = process.listenerCount('SIGINT');
    const store = await opening.open();
    const hub = new EventHub(store, [defineEvent({ name: 'mail', schema: Mail, process: () => 0 })], { logger: null, signals: true });
    await hub.start();
    expect(process.listenerCount('SIGINT')).to.equal(listeners + 1);
    await Promise.all([hub.ended, store.close()]);
    expect(process.listenerCount('SIGINT')).to.equal(listeners);
  });

  it('stopped by a signal has closed its store when it has ended, and passes over the same signal until then', async () => {
    const others = process.listeners('SIGINT');
    process.removeAllListeners('SIGINT');
    try {
      const store = await opening.open();
      const seen: string[] = [];
      store.events.on('store-closed', () => void seen.push(`closed with ${process.listenerCount('SIGINT')} listener`));
      const hub = new EventHub(store, [defineEvent({ name: 'mail', schema: Mail, process: () => 0 })], { logger: null, signals: true });
      await hub.start();
      process.emit('SIGINT');
      await hub.ended;
      expect(seen).to.deep.equal(['closed with 1 listener']);
      expect(process.listenerCount('SIGINT')).to.equal(0);
    } finally {
      for (const listener of others) process.on('SIGINT', listener);
    }
  });

  it('refuses two events of one name', async () => {
    const store = await opening.open();
    const [one, other] = [0, 1].map(() => defineEvent({ name: 'mail', schema: Mail, process: () => 0 }));
    const code = async (use: () => unknown): Promise<string> => (await refusalOf(use)).code;
    expect(await code(() => new EventHub(store, [one, other] as AnyEvent[], { logger: null }))).to.equal('HOLDFAST_EVENT_DUPLICATE');
    one?.on(store, { logger: null });
    expect(await code(() => other?.on(store, { logger: null }))).to.equal('HOLDFAST_EVENT_DUPLICATE');
    expect(await code(() => new EventHub(store, [], { often: 1 } as never))).to.equal('HOLDFAST_OPTION_UNKNOWN');
  });
});
