import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { TestClock, tasksOf, testContext, testStore } from '../../classes/testing/testing';
import { currentTask } from '../../classes/worker/currentTask';
import { Worker } from '../../classes/worker/worker';
import { PermanentError, RetryAfter } from '../../modules/task/handlerErrors';
import type { Store } from '../../classes/store/store';

interface Welcome {
  readonly to: string;
}

const payload: Welcome = { to: 'a@example.org' };

describe('testContext', () => {
  it('gives a handler its payload, attempt and options, as a worker does', () => {
    const context = testContext({
      payload: { at: new Date(0) },
      name: 'resize',
      queue: 'pictures',
      attempt: 2,
      failures: 1,
      options: { tags: ['blue'] },
    });
    expect(context).to.include({ name: 'resize', queue: 'pictures', attempt: 2, failures: 1 });
    expect([context.payload.at, context.tags, context.metadata, context.deadline]).to.deep.equal(['1970-01-01T00:00:00.000Z', ['blue'], {}, null]);
    expect(context.id).to.match(/^[0-9a-f-]{36}$/);
  });

  it('refuses a payload that a queue would refuse', () => {
    expect(() => testContext({ payload: new Map() }))
      .to.throw()
      .with.property('code', 'HOLDFAST_PAYLOAD_NOT_JSON');
  });

  it('returns the outcome of a handler, as a worker would record it', async () => {
    const context = testContext({ payload });
    expect(await context.run(({ payload: { to } }) => ({ sent: to }))).to.deep.equal({ kind: 'succeeded', result: '{"sent":"a@example.org"}' });
    const failed = await testContext({ payload }).run(() => Promise.reject(new PermanentError('closed')));
    expect(failed).to.deep.include({ kind: 'failed', retry: 'never' });
    const later = await testContext({ payload }).run(() => Promise.reject(new RetryAfter(5_000)));
    expect(later).to.deep.include({ kind: 'failed', retry: { afterMs: 5_000 } });
  });

  it('keeps the lines, reports, extensions and the wish of a handler to be read', async () => {
    const context = testContext({ payload });
    const outcome = await context.run(async ({ log, progress, extend, snooze }) => {
      log.info('began');
      log.warn('slow');
      await progress({ done: 1 });
      await extend(60_000);
      snooze(1_000);
    });
    expect(context.logged).to.deep.equal([
      { level: 'info', message: 'began' },
      { level: 'warn', message: 'slow' },
    ]);
    expect([context.reported, context.extended]).to.deep.equal([[{ done: 1 }], [60_000]]);
    expect(context.wish).to.deep.equal({ kind: 'snoozed', delayMs: 1_000 });
    expect(outcome).to.deep.equal({ kind: 'snoozed', delayMs: 1_000 });
  });

  for (const [code, kind] of [
    ['HOLDFAST_STOPPING', 'released'],
    ['HOLDFAST_LEASE_LOST', 'expired'],
    ['HOLDFAST_LEASE_EXPIRED', 'expired'],
    ['HOLDFAST_TIMED_OUT', 'failed'],
  ] as const) {
    it(`fires the signal with ${code}`, async () => {
      const context = testContext({ payload });
      const running = context.run(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))));
      context.interrupt(code);
      expect(context.signal.reason).to.have.property('code', code);
      expect((await running).kind).to.equal(kind);
    });
  }

  it('fires the signal when its clock passes timeoutMs, and not before', async () => {
    const context = testContext({ payload, options: { timeoutMs: 1_000 } });
    const running = context.run(({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)));
    await context.clock.advance(999);
    expect(context.signal.aborted).to.equal(false);
    await context.clock.advance(1);
    expect(context.signal.aborted).to.equal(true);
    expect(await running).to.include({ kind: 'failed' });
  });

  it('collects the follow-ups of a handler', async () => {
    const context = testContext({ payload });
    await context.run(({ add }) => {
      add('mail', 'receipt', { n: 1 }, { delayMs: 5, uniqueKey: 'one' });
      throw new Error('no');
    });
    const [followUp] = context.followUps;
    expect(context.followUps).to.have.length(1);
    expect(followUp).to.deep.include({ queue: 'mail', name: 'receipt', payload: { n: 1 }, delayMs: 5, uniqueKey: 'one', priority: 0 });
  });

  it('is the current task of the code that a handler calls', async () => {
    const context = testContext({ payload });
    await context.run(() => expect(currentTask()?.id).to.equal(context.id));
  });

  it('tells the tasks that a handler added to a store', async () => {
    const store = await testStore();
    const mail = new Queue<{ welcome: Welcome }>(store, 'mail');
    await mail.add('welcome', { to: 'before@example.org' });
    const context = testContext({ payload, store });
    await context.run(async () => {
      await mail.add('welcome', payload);
    });
    expect((await context.added()).map((task) => [task.queue, task.payload])).to.deep.equal([['mail', payload]]);
    expect(await testContext({ payload }).added()).to.deep.equal([]);
    await store.close();
  });
});

describe('worker.drain', () => {
  let store: Store;
  const clock = new TestClock();

  beforeEach(async () => {
    store = await testStore({ clock });
  });
  afterEach(() => store.close());

  it('runs all that is due, and what that adds, and returns how it ended', async () => {
    const mail = new Queue<{ welcome: Welcome; follow: Welcome }>(store, 'mail');
    const handled: string[] = [];
    const worker = new Worker<{ welcome: Welcome; follow: Welcome }>(store, {
      queues: ['mail'],
      maxConcurrency: 2,
      handlers: {
        welcome: async (context) => {
          handled.push(context.payload.to);
          await mail.add('follow', context.payload);
        },
        follow: () => Promise.reject(new Error('no')),
      },
    });
    await mail.addMany(['a', 'b', 'c', 'd', 'e'].map((to) => ({ name: 'welcome' as const, payload: { to } })));
    expect(await worker.drain()).to.deep.include({ claimed: 10, succeeded: 5, retried: 5, lost: 0 });
    expect(handled.sort()).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('leaves what is not due, until the clock of the store says so', async () => {
    const mail = new Queue(store, 'mail');
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: () => 'sent' } });
    await mail.add('welcome', {}, { delayMs: 60_000 });
    expect(await worker.drain()).to.include({ claimed: 0 });
    await clock.advance(60_000);
    expect(await worker.drain()).to.include({ succeeded: 1 });
    expect((await tasksOf(store)).map(({ state, result }) => [state, result])).to.deep.equal([['succeeded', 'sent']]);
  });

  it('is refused by a worker that was started or stopped, and rejects where the store fails', async () => {
    const worker = new Worker(store, { queues: ['mail'], handlers: {} });
    await worker.start();
    const refusals = [await worker.drain().catch((error: unknown) => error)];
    await worker.stop();
    refusals.push(await worker.drain().catch((error: unknown) => error));
    const other = new Worker(store, { queues: ['mail'], handlers: {} });
    await store.close();
    refusals.push(await other.drain().catch((error: unknown) => error));
    expect(refusals.map((error) => (error as { code: string }).code)).to.deep.equal([
      'HOLDFAST_WORKER_STARTED',
      'HOLDFAST_WORKER_STOPPED',
      'HOLDFAST_STORE_CLOSED',
    ]);
  });

  it('is not joined by a start, and tells of more tasks than a page holds', async () => {
    const mail = new Queue(store, 'mail');
    await mail.addMany(Array.from({ length: 1_005 }, () => ({ name: 'welcome', payload: {} })));
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: () => 'sent' } });
    const draining = worker.drain();
    const refusal: unknown = await worker.start().catch((error: unknown) => error);
    expect(refusal).to.have.property('code', 'HOLDFAST_WORKER_STARTED');
    expect((await draining).succeeded).to.equal(1_005);
    expect(await tasksOf(store)).to.have.length(1_005);
  });

  it('ends early where the worker is stopped meanwhile', async () => {
    const mail = new Queue(store, 'mail');
    let runs = 0;
    const worker = new Worker(store, { queues: ['mail'], maxConcurrency: 1, handlers: { next: () => mail.add('next', {}).then(() => (runs += 1)) } });
    await mail.add('next', {});
    const draining = worker.drain();
    while (runs < 3) await new Promise((resolve) => setImmediate(resolve));
    await worker.stop();
    await draining;
    expect((await mail.counts()).waiting).to.equal(1);
  });
});
