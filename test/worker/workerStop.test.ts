import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { Handler, WorkerArguments } from '../../modules/worker/handlerTypes';
import { HOUR } from '../../constants/limits';
import { endChildren, endOf, startFixture } from '../fixtures/children';
import { codeOfAbort, eventually, makeGate, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

type Tasks = Record<string, unknown>;

forEachStore('Stopping a worker', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  const serve = async (handler: Handler<unknown>, options: Partial<WorkerArguments<Tasks>> = {}, on = store): Promise<Worker> => {
    const worker = new Worker(on, { queues: ['mail'], handlers: { work: handler }, ...options });
    await worker.start();
    return worker;
  };

  const add = async (): Promise<string> => (await queue.add('work', {})).id;

  const settled = (promise: Promise<unknown>): { done: boolean } => {
    const state = { done: false };
    void promise.then(() => (state.done = true));
    return state;
  };

  it('twice is stopping once, and starting twice is starting once', async () => {
    const told: string[] = [];
    for (const name of ['worker-started', 'worker-stopping', 'worker-stopped'] as const) store.events.on(name, () => told.push(name));
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: () => 'ran' } });
    await Promise.all([worker.start(), worker.start()]);
    await worker.start();
    const id = await add();
    await eventually('it ran', async () => (await queue.get(id))?.state === 'succeeded');
    await Promise.all([worker.stop(), worker.stop()]);
    await worker.stop();
    expect(told).to.deep.equal(['worker-started', 'worker-stopping', 'worker-stopped']);
    expect((await queue.get(id))?.attempt).to.equal(1);
  });

  it('is for good: it cannot be started again, nor after a stop before the start', async () => {
    const stopped = await serve(() => 'ran');
    await stopped.stop();
    const never = new Worker(store, { queues: ['mail'] });
    await never.stop();
    for (const worker of [stopped, never]) expect((await refusalOf(() => worker.start())).code).to.equal('HOLDFAST_WORKER_STOPPED');
    const id = await add();
    await wait(200);
    expect((await queue.get(id))?.state).to.equal('waiting');
  });

  it('lets what runs end, and begins nothing more', async () => {
    const gate = makeGate();
    const ran: string[] = [];
    const worker = await serve(
      async ({ id }) => {
        ran.push(id);
        await gate.opened;
        return 'drained';
      },
      { maxConcurrency: 1 },
    );
    const [first, second] = [await add(), await add()];
    await eventually('the first runs', () => ran.length === 1);
    const stop = worker.stop();
    const state = settled(stop);
    await add();
    await wait(200);
    expect(state.done).to.equal(false);
    gate.open();
    await stop;
    expect(ran).to.deep.equal([first]);
    expect(await queue.get(first)).to.deep.include({ state: 'succeeded', result: 'drained' });
    expect(await queue.get(second)).to.deep.include({ state: 'waiting', attempt: 0 });
  });

  it('keeps the leases of what still runs', async () => {
    const gate = makeGate();
    const other = await opening.open();
    let runs = 0;
    const worker = await serve(() => ((runs += 1), gate.opened), { leaseMs: 600 });
    const id = await add();
    await eventually('it runs', () => runs === 1);
    const stop = worker.stop();
    await serve(() => (runs += 1), {}, other);
    await wait(2_000);
    expect(runs).to.equal(1);
    gate.open();
    await stop;
    expect(await queue.get(id)).to.deep.include({ state: 'succeeded', attempt: 1, failures: 0 });
  });

  const obedient: readonly [string, () => unknown, object][] = [
    ['one that then throws is released', () => Promise.reject(new Error('told to end')), { state: 'waiting', error: null }],
    ['one that then returns has succeeded', () => 'just in time', { state: 'succeeded', result: 'just in time' }],
  ];
  for (const [title, end, kept] of obedient) {
    it(`tells handlers to end after the grace period: ${title}, without a failure`, async () => {
      let code = '';
      const began = makeGate();
      const worker = await serve(
        async ({ signal }) => {
          began.open();
          code = await codeOfAbort(signal);
          return end();
        },
        { gracePeriodMs: 100 },
      );
      const id = await add();
      await began.opened;
      await worker.stop();
      expect(code).to.equal('HOLDFAST_STOPPING');
      expect(await queue.get(id)).to.deep.include({ ...kept, attempt: 1, failures: 0, lease: null });
    });
  }

  it('tells how many it gave back, those included whose handlers ended when they were told to', async () => {
    const released: number[] = [];
    store.events.on('worker-stopped', (event) => released.push(event.released));
    const began = makeGate();
    const worker = await serve(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('told to end')));
          began.open();
        }),
      { gracePeriodMs: 50 },
    );
    await add();
    await began.opened;
    await worker.stop();
    expect(released).to.deep.equal([1]);
  });

  it('gives back what ignores its signal, so that another worker gets it without a failure', async () => {
    const gate = makeGate();
    const released: number[] = [];
    store.events.on('worker-stopped', (event) => released.push(event.released));
    const stubborn = makeGate();
    const worker = await serve(
      async () => {
        stubborn.open();
        await gate.opened;
        return 'too late';
      },
      { gracePeriodMs: 50 },
    );
    const id = await add();
    await stubborn.opened;
    await worker.stop();
    expect(released).to.deep.equal([1]);
    const other = await opening.open();
    await serve(({ attempt, failures }) => `attempt ${attempt}, failures ${failures}`, {}, other);
    await eventually('another worker ran it', async () => (await queue.get(id))?.state === 'succeeded');
    gate.open();
    await wait(100);
    expect(await queue.get(id)).to.deep.include({ state: 'succeeded', result: 'attempt 2, failures 0', failures: 0, attempt: 2 });
  });

  it('gives back what a claim brings that is answered only afterwards', async () => {
    const ran: string[] = [];
    const asked = makeGate();
    const answer = makeGate();
    const claim = store.parts.tasks.claim.bind(store.parts.tasks);
    store.parts.tasks.claim = async (request) => {
      const claimed = await claim(request);
      asked.open();
      await answer.opened;
      return claimed;
    };
    const ids = [await add(), await add()];
    const worker = await serve(({ id }) => void ran.push(id));
    await asked.opened;
    const stop = worker.stop();
    answer.open();
    await stop;
    expect(ran).to.deep.equal([]);
    for (const id of ids) expect(await queue.get(id)).to.deep.include({ state: 'waiting', failures: 0, lease: null, error: null });
  });

  it('does not wait for the next poll of a worker that has just looked when a task is due', async () => {
    const asked = makeGate();
    const answer = makeGate();
    const nextDueMs = store.parts.tasks.nextDueMs.bind(store.parts.tasks);
    store.parts.tasks.nextDueMs = async (queues) => {
      asked.open();
      await answer.opened;
      return nextDueMs(queues);
    };
    const worker = await serve(() => 'ran', { gracePeriodMs: HOUR, pollInterval: { minMs: HOUR, maxMs: HOUR } });
    await asked.opened;
    const state = settled(worker.stop());
    answer.open();
    await eventually('it has stopped', () => state.done, 10_000);
  });

  it('ends the waiting of an idle worker', async () => {
    const worker = await serve(() => 'ran', { gracePeriodMs: HOUR, pollInterval: { minMs: HOUR, maxMs: HOUR } });
    await wait(200);
    const state = settled(worker.stop());
    await eventually('it has stopped', () => state.done, 10_000);
  });

  it('is a part of closing the store', async () => {
    const gate = makeGate();
    const told: string[] = [];
    store.events.on('worker-stopped', () => told.push('worker-stopped'));
    store.events.on('store-closed', () => told.push('store-closed'));
    const began = makeGate();
    const worker = await serve(async () => {
      began.open();
      await gate.opened;
      return 'drained';
    });
    const id = await add();
    await began.opened;
    const closing = store.close();
    gate.open();
    await Promise.all([closing, store.close()]);
    expect(told).to.deep.equal(['worker-stopped', 'store-closed']);
    expect((await refusalOf(() => worker.start())).code).to.equal('HOLDFAST_WORKER_STOPPED');
    expect(await new Queue(await opening.open(), 'mail').get(id)).to.deep.include({ state: 'succeeded', result: 'drained' });
  });

  it('is waited for by a close of the store that comes while it is under way', async () => {
    const gate = makeGate();
    const began = makeGate();
    const worker = await serve(async () => {
      began.open();
      await gate.opened;
      return 'drained';
    });
    const id = await add();
    await began.opened;
    const stop = worker.stop();
    const closing = store.close();
    await wait(200);
    gate.open();
    await Promise.all([stop, closing]);
    expect(await new Queue(await opening.open(), 'mail').get(id)).to.deep.include({ state: 'succeeded', result: 'drained' });
  });

  describe('and closing the store', () => {
    afterEach(endChildren);

    for (const ending of ['stop', 'close', 'unused', 'stubborn', 'timed'] as const) {
      it(`leaves nothing that keeps the process alive (${ending})`, async () => {
        // A leftover timer of ten minutes would exceed the deadline of this test.
        const child = startFixture('opensAndCloses', { url: opening.url, callTimeoutMs: 600_000, ending });
        expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
        expect([child.out, child.err]).to.deep.equal(['closed\n', '']);
      });
    }
  });
});
