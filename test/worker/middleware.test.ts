import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { HandlerMiddleware } from '../../modules/worker/handlerTypes';
import { eventually, makeGate } from '../support/eventually';
import { forEachStore } from '../support/stores';

forEachStore('Middleware that ends before its next()', (opening) => {
  let store: Store;
  let queue: Queue;
  let told: object[];

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
    told = [];
    store.events.on('next-unawaited', ({ queue, name }) => told.push({ queue, name }));
  });

  const serve = async (handler: () => unknown, middleware: HandlerMiddleware): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: handler } });
    await worker.use(middleware).start();
    return worker;
  };

  const endOf = (id: string) =>
    eventually('the task has ended', async () => {
      const task = await queue.get(id);
      return task?.finishedAt ? task : null;
    });

  it('is told once for each name, and the attempt lasts as long as the handler', async () => {
    const gate = makeGate();
    let isOver = false;
    const worker = await serve(
      () => gate.opened.then(() => (isOver = true)),
      (_context, next) => void next(),
    );
    const ids = [await queue.add('work', {}), await queue.add('work', {})].map(({ id }) => id);
    await eventually('it is told', () => told.length > 0);
    expect(worker.running).to.be.above(0);
    gate.open();
    for (const id of ids) expect(await endOf(id)).to.include({ state: 'succeeded' });
    expect(isOver).to.equal(true);
    expect(told).to.deep.equal([{ queue: 'mail', name: 'work' }]);
  });

  it('makes the attempt fail with what the handler failed with, and ends no process', async () => {
    await serve(
      () => wait(5).then(() => Promise.reject(new Error('no route'))),
      (_context, next) => void next(),
    );
    const { id } = await queue.add('work', {}, { maxRetries: 1 });
    expect((await endOf(id)).error).to.include({ message: 'no route' });
  });

  it('fails with its own error once the handler has ended', async () => {
    const ended: string[] = [];
    await serve(
      () => wait(20).then(() => ended.push('handler')),
      (_context, next) => {
        void next();
        throw new Error('mine');
      },
    );
    const { id } = await queue.add('work', {}, { maxRetries: 1 });
    expect((await endOf(id)).error).to.include({ message: 'mine' });
    expect([ended, told]).to.deep.equal([['handler'], []]);
  });

  it('is not told of what awaits or returns it, or catches its failure', async () => {
    await serve(
      () => wait(1).then(() => Promise.reject(new Error('no'))),
      (_context, next) => next().catch(() => 'instead'),
    );
    const { id } = await queue.add('work', {});
    expect(await endOf(id)).to.include({ state: 'succeeded', result: 'instead' });
    expect(told).to.deep.equal([]);
  });
});
