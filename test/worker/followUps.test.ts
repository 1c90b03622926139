import { expect } from 'chai';
import { FOLLOW_UPS, MINUTE } from '../../constants/limits';
import { defineEvent } from '../../classes/events/declaredEvent';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { Handler, WorkerArguments } from '../../modules/worker/handlerTypes';
import type { TaskContext } from '../../modules/worker/taskContext';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

interface Mail {
  receipt: { to: string };
}

forEachStore('A follow-up', (opening) => {
  let store: Store;
  let orders: Queue;
  let mail: Queue<Mail>;

  beforeEach(async () => {
    store = await opening.open();
    orders = new Queue(store, 'orders');
    mail = new Queue<Mail>(store, 'mail');
  });

  /** Runs all due orders. */
  const drain = (handler: Handler, options: Partial<WorkerArguments<Record<string, unknown>>> = {}) =>
    new Worker(store, { queues: ['orders'], handlers: { order: handler }, ...options }).drain();

  const inMail = async () => (await mail.list()).tasks;

  it('exists once its task has succeeded, and not before', async () => {
    const gate = makeGate();
    let id = '';
    const { id: order } = await orders.add('order', {});
    const drained = drain(async ({ add }) => {
      id = add(mail, 'receipt', { to: 'a@example.org' }, { priority: 4, tags: ['paid'] });
      await gate.opened;
      return 'paid';
    });
    await eventually('the handler runs', () => id);
    expect(await inMail()).to.deep.equal([]);
    gate.open();
    await drained;
    expect(await orders.get(order)).to.deep.include({ state: 'succeeded', result: 'paid', followUps: [] });
    const [receipt] = await inMail();
    expect(receipt).to.deep.include({ id, state: 'waiting', name: 'receipt', payload: { to: 'a@example.org' }, priority: 4, tags: ['paid'] });
  });

  it('does not exist if its task fails, snoozes or is released', async () => {
    const endings: readonly ((context: TaskContext) => unknown)[] = [
      () => Promise.reject(new Error('no')),
      ({ snooze }) => snooze(MINUTE),
      ({ release }) => release(MINUTE),
    ];
    for (const end of endings) {
      await orders.add('order', {}, { maxRetries: 1 });
      await drain((context) => {
        context.add('mail', 'receipt', { to: 'a' });
        return end(context);
      });
    }
    expect(await inMail()).to.deep.equal([]);
  });

  it('does not exist if the lease of its task is lost meanwhile', async () => {
    const { id } = await orders.add('order', {});
    await drain(async ({ add }) => {
      add('mail', 'receipt', { to: 'a' });
      await orders.cancel(id);
    });
    expect(await orders.get(id)).to.include({ state: 'cancelled' });
    expect(await inMail()).to.deep.equal([]);
  });

  it('is that of the attempt that succeeds, and has the same id in every attempt', async () => {
    const ids: string[] = [];
    await orders.add('order', {}, { backoff: { type: 'fixed', delayMs: 0 } });
    await drain(({ add, attempt }) => {
      ids.push(add('mail', 'receipt', { to: `attempt ${attempt}` }));
      if (attempt < 3) throw new Error('not yet');
    });
    expect(new Set(ids)).to.have.property('size', 1);
    expect((await inMail()).map(({ id, payload }) => [id, payload])).to.deep.equal([[ids[0], { to: 'attempt 3' }]]);
  });

  it('is added beside the steps of a task once it has slept to its end', async () => {
    const { id } = await orders.add('order', {});
    const seen: number[] = [];
    await drain(async ({ add, sleepFor }) => {
      seen.push((await inMail()).length);
      add(mail, 'receipt', { to: 'a' });
      await sleepFor('a while', 50);
    });
    const worker = new Worker(store, { queues: ['orders'], handlers: { order: ({ add }) => void add(mail, 'receipt', { to: 'a' }) } });
    await worker.start();
    await eventually('it has ended', async () => (await orders.get(id))?.state === 'succeeded');
    await eventually('it has let its follow-up go', async () => (await orders.get(id))?.followUps.length === 0);
    expect(seen.every((count) => count === 0)).to.equal(true);
    expect(await inMail()).to.have.length(1);
  });

  it('is added by a task that is not kept', async () => {
    const { id } = await orders.add('order', {}, { retention: { succeededMs: 0 } });
    await drain(({ add }) => void add(mail, 'receipt', { to: 'a' }));
    await eventually('the task is removed', async () => (await orders.get(id)) === null);
    expect(await inMail()).to.have.length(1);
  });

  it('may be added to the queue of its own task, and is drained with it', async () => {
    await orders.add('order', { left: 4 }, { uniqueKey: 'chain' });
    const { succeeded } = await drain(({ payload, add }) => {
      const { left } = payload as { left: number };
      if (left > 0) add('orders', 'order', { left: left - 1 }, { uniqueKey: 'chain' });
    });
    expect(succeeded).to.equal(5);
  });

  it('is added by each task of a batch for itself', async () => {
    await orders.addMany([1, 2, 3].map((n) => ({ name: 'order', payload: n })));
    const worker = new Worker(store, { queues: ['orders'] });
    worker.handleBatch('order', ({ tasks }) =>
      tasks.map(({ id, payload, add }) => {
        add(mail, 'receipt', { to: String(payload) });
        return [id, payload === 2 ? new Error('no') : 'done'];
      }),
    );
    await worker.drain();
    expect((await inMail()).map(({ payload }) => payload.to)).to.have.members(['1', '3']);
  });

  it('is told and wakes workers as an added task does', async () => {
    const told: unknown[] = [];
    store.events.on('task-added', (added) => told.push(added));
    const woken = makeGate();
    const worker = new Worker<Mail>(store, {
      queues: ['mail'],
      handlers: { receipt: () => woken.open() },
      pollInterval: { minMs: 60_000, maxMs: 60_000 },
    });
    await worker.start();
    await orders.add('order', {});
    await drain(({ add }) => void add(mail, 'receipt', { to: 'a' }));
    await woken.opened;
    expect(told).to.deep.equal([
      { queue: 'orders', count: 1 },
      { queue: 'mail', count: 1 },
    ]);
  });

  it('is checked where it is added, so that the handler gets the error', async () => {
    const seen: string[] = [];
    await orders.add('order', {});
    await drain(async ({ add }) => {
      const calls = [
        () => add('', 'receipt', {}),
        () => add('mail', '', {}),
        () => add('mail', 'receipt', { n: 1n }),
        () => add('mail', 'receipt', {}, { delayMs: -1 }),
        () => add('mail', 'receipt', {}, { session: {} } as object),
        () => add(undefined as unknown as string, 'receipt', {}),
      ];
      for (const call of calls) seen.push((await refusalOf(call)).code);
    });
    const [invalid, unknown] = ['HOLDFAST_OPTION_INVALID', 'HOLDFAST_OPTION_UNKNOWN'];
    expect(seen).to.deep.equal([invalid, invalid, 'HOLDFAST_PAYLOAD_NOT_JSON', invalid, unknown, invalid]);
    expect(await inMail()).to.deep.equal([]);
  });

  it('is one of at most a thousand and of 3 MiB as they are stored, which may all be handed over', async () => {
    const seen: string[] = [];
    await orders.addMany(['many', 'large', 'quoted', 'late'].map((payload) => ({ name: 'order', payload })));
    let late: (() => unknown) | undefined;
    await drain(async ({ payload, add }) => {
      // A quotation mark in a payload takes two bytes there, and four where its task keeps it.
      const text = payload === 'large' ? 'x'.repeat(1_000_000) : payload === 'quoted' ? '"'.repeat(370_000) : '';
      const count = payload === 'large' ? 3 : payload === 'quoted' ? 2 : FOLLOW_UPS;
      for (let n = 0; payload !== 'late' && n < count; n += 1) add(mail, 'receipt', { to: text });
      if (payload === 'late') late = () => add(mail, 'receipt', { to: text });
      else seen.push((await refusalOf(() => add(mail, 'receipt', { to: text }))).code);
    });
    const large = 'HOLDFAST_FOLLOW_UPS_TOO_LARGE';
    expect(seen).to.have.members(['HOLDFAST_FOLLOW_UPS_TOO_MANY', large, large]);
    expect((await refusalOf(() => late?.())).code).to.equal('HOLDFAST_FOLLOW_UP_LATE');
    expect(await mail.counts()).to.include({ waiting: FOLLOW_UPS + 5 });
  });

  it('is an event where a handler emits one after itself', async () => {
    const sent: string[] = [];
    const letter = defineEvent({
      name: 'letter',
      schema: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] } as const,
      process: ({ to }: { to: string }) => void sent.push(to),
      unique: ({ to }: { to: string }) => to,
    }).on(store, { logger: null });
    const order = defineEvent({
      name: 'orders',
      schema: { type: 'object' } as const,
      process: async (_, context) => {
        await letter.emit({ to: 'a' }, { after: context });
        await letter.emitMany([{ to: 'b' }, { to: 'b' }], { after: context });
        expect((await refusalOf(() => letter.emit({} as never, { after: context }))).code).to.equal('HOLDFAST_PAYLOAD_INVALID');
        expect((await refusalOf(() => letter.emit({ to: 'c' }, { after: {} as never }))).code).to.equal('HOLDFAST_OPTION_INVALID');
        expect(await new Queue(store, 'letter').counts()).to.include({ waiting: 0 });
      },
    }).on(store, { logger: null });
    await Promise.all([letter.start(), order.start()]);
    const { id } = await order.emit({});
    await eventually('the letters are sent', () => sent.length === 2);
    expect(sent).to.have.members(['a', 'b']);
    expect(await order.get(id)).to.include({ state: 'succeeded' });
  });

  it('is handed over by another process where its own has ended before', async () => {
    const dying = opening.storeOn(withoutHandOver(await opening.database()));
    const { id } = await new Queue(dying, 'orders').add('order', {});
    await new Worker(dying, { queues: ['orders'], handlers: { order: ({ add }) => void add(mail, 'receipt', { to: 'a' }) } }).drain();
    expect((await orders.get(id))?.followUps).to.have.length(1);
    await eventually('another process hands it over', async () => (await inMail()).length === 1);
    await eventually('its task lets it go', async () => (await orders.get(id))?.followUps.length === 0);
  });

  it('is handed over before its task is removed by hand', async () => {
    const dying = opening.storeOn(withoutHandOver(await opening.database()));
    const { id } = await new Queue(dying, 'orders').add('order', {});
    await new Worker(dying, { queues: ['orders'], handlers: { order: ({ add }) => void add(mail, 'receipt', { to: 'a' }) } }).drain();
    expect(await orders.remove(id)).to.equal(true);
    expect(await inMail()).to.have.length(1);
  });
});

/** A database on which no follow-up is handed over. */
const withoutHandOver = <T extends { readonly followUps: { kept: unknown; handOver: unknown } }>(database: T): T => ({
  ...database,
  followUps: { kept: () => Promise.resolve([]), handOver: (given: readonly unknown[]) => Promise.resolve(given.map(() => null)) },
});
