import { expect } from 'chai';
import { mongo } from 'mongoose';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import { openStore } from '../../classes/store/openStore';
import { Proxy } from '../failover/proxy';
import { forMongo } from '../support/stores';

interface Parts {
  readonly queue: Queue;
  readonly scheduler: Scheduler;
  readonly id: string;
}

/** Each call that may be carried out twice, with its answer. */
const CALLS: readonly (readonly [string, (parts: Parts) => Promise<unknown>, unknown])[] = [
  ['add', async ({ queue }) => typeof (await queue.add('work', 1)).id, 'string'],
  ['get', async ({ queue, id }) => (await queue.get(id))?.id !== undefined, true],
  ['list', async ({ queue }) => (await queue.list()).tasks.length, 1],
  ['counts', async ({ queue }) => (await queue.counts()).waiting, 1],
  ['retry', ({ queue, id }) => queue.retry(id), true],
  ['cancel', ({ queue, id }) => queue.cancel(id), true],
  ['remove', ({ queue, id }) => queue.remove(id), true],
  ['purge', ({ queue }) => queue.purge(), 1],
  ['pause', ({ queue }) => queue.pause(), undefined],
  ['resume', ({ queue }) => queue.resume(), undefined],
  ['list of schedules', async ({ scheduler }) => (await scheduler.list()).length, 1],
  ['get of a schedule', async ({ scheduler }) => (await scheduler.get('nightly'))?.id, 'nightly'],
  ['pause of a schedule', ({ scheduler }) => scheduler.pause('nightly'), true],
  ['resume of a schedule', ({ scheduler }) => scheduler.resume('nightly'), true],
];

forMongo('Where the network resets connections while this process is busy, a store', (opening) => {
  for (const isCallers of [false, true]) {
    for (const [name, call, answer] of CALLS) {
      it(`answers ${name}, on a ${isCallers ? 'client of the caller' : 'URL'}`, async () => {
        const url = new URL(opening.url);
        const proxy = await Proxy.to(Number(url.port));
        const uri = proxy.uri(url.pathname.slice(1));
        const client = isCallers ? new mongo.MongoClient(uri, { retryReads: false, retryWrites: false }) : undefined;
        const store = await openStore(client ? { connection: client } : { url: uri });
        try {
          const parts = { queue: new Queue(store, 'mail'), scheduler: new Scheduler(store) };
          const { id } = await parts.queue.add('work', 1, { delayMs: 3_600_000 });
          await parts.scheduler.upsert('nightly', { queue: 'mail', everyMs: 3_600_000 });
          proxy.reset();
          expect(await call({ ...parts, id })).to.equal(answer);
        } finally {
          await store.close();
          await client?.close();
          await proxy.close();
        }
      });
    }
  }
});
