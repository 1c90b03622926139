import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { Proxy } from '../failover/proxy';
import { eventually, refusalOf } from '../support/eventually';
import { forMongo } from '../support/stores';

const LIMIT_MS = 300;

/** What a call is made with. */
interface Parts {
  readonly store: Store;
  readonly queue: Queue;
  readonly scheduler: Scheduler;
  readonly client: mongo.MongoClient;
  readonly id: string;
}

/** The end of a transaction that failed is left to the client: its limit is the caller's. */
const inSession = async (client: mongo.MongoClient, add: (session: mongo.ClientSession) => Promise<unknown>): Promise<void> => {
  const session = client.startSession();
  session.startTransaction();
  await add(session);
  await session.abortTransaction();
};

/** Every call that reaches the database. */
const CALLS: Readonly<Record<string, (parts: Parts) => Promise<unknown>>> = {
  add: ({ queue }) => queue.add('work', 1),
  addMany: ({ queue }) => queue.addMany([{ name: 'work', payload: 1 }]),
  'add in a session': ({ queue, client }) => inSession(client, (session) => queue.add('work', 1, { session })),
  'addMany in a session': ({ queue, client }) => inSession(client, (session) => queue.addMany([{ name: 'work', payload: 1 }], { session })),
  get: ({ queue, id }) => queue.get(id),
  list: ({ queue }) => queue.list(),
  counts: ({ queue }) => queue.counts(),
  cancel: ({ queue, id }) => queue.cancel(id),
  retry: ({ queue, id }) => queue.retry(id),
  redrive: ({ queue }) => queue.redrive(),
  remove: ({ queue, id }) => queue.remove(id),
  purge: ({ queue }) => queue.purge(),
  pause: ({ queue }) => queue.pause(),
  resume: ({ queue }) => queue.resume(),
  'upsert of a schedule': ({ scheduler }) => scheduler.upsert('nightly', { queue: 'mail', everyMs: 3_600_000 }),
  'list of schedules': ({ scheduler }) => scheduler.list(),
  'get of a schedule': ({ scheduler }) => scheduler.get('nightly'),
  'pause of a schedule': ({ scheduler }) => scheduler.pause('nightly'),
  'resume of a schedule': ({ scheduler }) => scheduler.resume('nightly'),
  'runNow of a schedule': ({ scheduler }) => scheduler.runNow('nightly'),
  'next of a schedule': ({ scheduler }) => scheduler.next('nightly'),
  'remove of a schedule': ({ scheduler }) => scheduler.remove('nightly'),
  'the opening of a second store': ({ client }) => openStore({ connection: client, callTimeoutMs: LIMIT_MS }).then((store) => store.close()),
};

forMongo('Behind a network that goes silent, a store on a client of the caller without limits', (opening) => {
  /** Opens a store behind the network, with as many connections as that. Transactions are over before the database of the test is dropped. */
  const behind = async (maxPoolSize: number, use: (parts: Parts, proxy: Proxy) => Promise<void>): Promise<void> => {
    const url = new URL(opening.url);
    const proxy = await Proxy.to(Number(url.port));
    const client = new mongo.MongoClient(proxy.uri(url.pathname.slice(1)), { maxPoolSize });
    const store = await openStore({ connection: client, callTimeoutMs: LIMIT_MS });
    const queue = new Queue(store, 'mail');
    try {
      const { id } = await queue.add('work', 1, { delayMs: 3_600_000 });
      await use({ store, queue, scheduler: new Scheduler(store), client, id }, proxy);
    } finally {
      proxy.unblock();
      await store.close();
      await client.close();
      await proxy.close();
    }
  };

  for (const [name, call] of Object.entries(CALLS)) {
    it(`refuses ${name} with a code, and answers it when the network carries again`, () =>
      behind(3, async (parts, proxy) => {
        proxy.block();
        const { code } = await refusalOf(() => call(parts));
        expect(code).to.be.oneOf(['HOLDFAST_STORE_TIMEOUT', 'HOLDFAST_STORE_UNREACHABLE']);
        proxy.unblock();
        await call(parts);
      }));

    it(`answers ${name} over a new connection when its only one is silent for good`, () =>
      behind(1, async (parts, proxy) => {
        proxy.block();
        proxy.unblockNewOnes();
        await refusalOf(() => parts.queue.get(parts.id));
        await eventually('an answer', () => call(parts).then(() => true));
      }));
  }

  it('runs tasks again over new connections', () =>
    behind(4, async ({ store, queue }, proxy) => {
      const worker = new Worker(store, { queues: ['mail'], handlers: { work: () => undefined } });
      await worker.start();
      await queue.add('work', 1);
      await eventually('one task ran', async () => (await queue.counts()).succeeded === 1);
      proxy.block();
      proxy.unblockNewOnes();
      await eventually('another one was added', () => queue.add('work', 2).then(() => true));
      await eventually('it ran', async () => (await queue.counts()).succeeded === 2);
    }));

  it('closes while it carries nothing', () =>
    behind(2, async ({ store }, proxy) => {
      proxy.block();
      await store.close();
    }));
});
