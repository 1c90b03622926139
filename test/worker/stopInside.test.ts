import { expect } from 'chai';
import { EventHub } from '../../classes/events/eventHub';
import { defineEvent } from '../../classes/events/declaredEvent';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import { Worker } from '../../classes/worker/worker';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

/** A promise, and the function that resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

forEachStore('A handler that stops its own worker or store', (opening) => {
  const WAYS: Readonly<Record<string, (worker: Worker, store: { close(): Promise<void> }) => Promise<void>>> = {
    'worker.stop()': (worker) => worker.stop(),
    'store.close()': (_, store) => store.close(),
    'both, one after the other': async (worker, store) => {
      await worker.stop();
      await store.close();
    },
  };

  for (const [what, end] of Object.entries(WAYS))
    it(`goes on after ${what} when the others have ended, and its outcome is recorded`, async () => {
      const store = await opening.open();
      const queue = new Queue(store, 'q');
      const began = gate();
      const order: string[] = [];
      const worker = new Worker(store, {
        queues: ['q'],
        handlers: {
          other: async () => {
            await began.opened;
            await new Promise((resolve) => setTimeout(resolve, 50));
            order.push('other');
          },
          last: async () => {
            await eventually('the other runs', () => worker.running === 2);
            began.open();
            await end(worker, store);
            order.push('last');
            return 'done';
          },
        },
      });
      const [one, other] = await queue.addMany([
        { name: 'last', payload: {} },
        { name: 'other', payload: {} },
      ]);
      const closed = new Promise((resolve) => store.events.on('worker-stopped', resolve));
      await worker.start();
      await closed;
      await store.close();
      expect(order).to.deep.equal(['other', 'last']);
      const after = new Queue(await opening.open(), 'q');
      const tasks = await Promise.all([one?.id, other?.id].map((id) => after.get(id ?? '')));
      expect(tasks.map((task) => [task?.state, task?.attempt, task?.failures])).to.deep.equal([
        ['succeeded', 1, 0],
        ['succeeded', 1, 0],
      ]);
      expect(tasks[0]?.result).to.equal('done');
    });

  it('may stop the worker of a batch', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'q');
    const worker = new Worker(store, { queues: ['q'] });
    worker.handleBatch('work', async ({ tasks }) => {
      await worker.stop();
      return tasks.map(({ id }) => [id, 'done'] as const);
    });
    const added = await queue.addMany([1, 2, 3].map((payload) => ({ name: 'work', payload })));
    await worker.start();
    await eventually('all three are recorded', async () =>
      (await Promise.all(added.map(({ id }) => queue.get(id)))).every((task) => task?.state === 'succeeded'),
    );
    await worker.stop();
  });

  it('may stop the hub of its event', async () => {
    const store = await opening.open();
    const event = defineEvent({
      name: 'once',
      schema: { type: 'object' },
      process: async () => {
        await hub.stop();
        return 'done';
      },
    });
    const hub = new EventHub(store, [event], { signals: false, logger: null });
    await hub.start();
    const { id } = await event.emit({});
    await eventually('it is recorded', async () => (await event.get(id))?.state === 'succeeded');
  });

  it('may add tasks, emit and run schedules until it ends, also while the store closes', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'csv');
    const began = gate();
    const scheduler = new Scheduler(store);
    await scheduler.upsert('nightly', { queue: 'elsewhere', name: 'x', cron: '0 3 * * *' });
    const worker = new Worker(store, {
      queues: ['csv'],
      handlers: {
        file: async () => {
          began.open();
          await eventually('the store closes', () => worker.running === 1 && isClosing);
          await queue.add('row', { n: 1 });
          await scheduler.runNow('nightly');
          return 'ok';
        },
      },
    });
    let isClosing = false;
    store.events.on('worker-stopping', () => (isClosing = true));
    await worker.start();
    const { id } = await queue.add('file', {}, { maxRetries: 1 });
    await began.opened;
    await store.close();
    const again = await opening.open();
    expect(await new Queue(again, 'csv').get(id)).to.include({ state: 'succeeded', failures: 0 });
    expect([(await new Queue(again, 'csv').counts()).waiting, (await new Queue(again, 'elsewhere').counts()).waiting]).to.deep.equal([1, 1]);
  });
});
