import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openMongoDatabase } from '../../classes/mongo/mongoDatabase';
import { openStore } from '../../classes/store/openStore';
import { Worker } from '../../classes/worker/worker';
import { storeOptions } from '../../config/options';
import { resolveOptions } from '../../modules/options/resolveOptions';
import type { Database } from '../../modules/ports/database';
import { newTask } from '../../modules/task/newTask';
import { systemClock } from '../../modules/time/clock';
import { Proxy } from '../failover/proxy';
import { eventually, refusalOf } from '../support/eventually';
import { commandsDuring } from '../support/mongoCommands';
import { forMongo } from '../support/stores';
import type { MongoOpening } from '../support/stores';

const QUEUES = Array.from({ length: 100 }, (_, index) => `queue-${index}`);

const CLAIM = { limit: 10, token: 'token', workerId: 'w', leaseMs: 30_000, alone: true, beside: false, except: [] };

/** Time in one direction: a question and its answer take more than a quarter of a second. */
const ONE_WAY_MS = 130;

const proxyTo = (opening: MongoOpening): Promise<Proxy> => Proxy.to(Number(new URL(opening.url).port));

const nameOf = (opening: MongoOpening): string => new URL(opening.url).pathname.slice(1);

/** Opens the ports behind a network, with a task in the first queue. */
async function behind(opening: MongoOpening, use: (database: Database, proxy: Proxy, id: string) => Promise<void>): Promise<void> {
  const proxy = await proxyTo(opening);
  const options = resolveOptions(storeOptions, { url: proxy.uri(nameOf(opening)) }, 'store');
  const database = await openMongoDatabase(options.url, options, systemClock, Math.random);
  try {
    const task = newTask(QUEUES[0] as string, 'work', 1, { maxRetries: 1 }, Date.now());
    await database.tasks.insert([task]);
    await use(database, proxy, task.id);
  } finally {
    await database.close();
    await proxy.close();
  }
}

forMongo('A claim behind a slow network', (opening) => {
  it('sends no command once its time is over, whatever the number of queues', () =>
    behind(opening, async ({ tasks }, proxy, id) => {
      proxy.slowBy(ONE_WAY_MS);
      const sent = await commandsDuring(nameOf(opening), async () => {
        const error = await refusalOf(() => tasks.claim({ ...CLAIM, queues: QUEUES, deadlineMs: ONE_WAY_MS }));
        expect(error.code).to.equal('HOLDFAST_STORE_TIMEOUT');
        await tasks.find(null, id);
      });
      expect(sent.map(({ name }) => name)).to.not.include('update');
      expect(await tasks.find(null, id)).to.include({ state: 'waiting', attempt: 0 });
    }));

  for (const queues of [QUEUES.slice(0, 1), QUEUES]) {
    for (const limit of [1, 10]) {
      it(`of ${limit} from ${queues.length} that arrives after its time claims nothing`, () =>
        behind(opening, async ({ tasks }, proxy, id) => {
          proxy.breakAt('claim', 'late');
          await refusalOf(() => tasks.claim({ ...CLAIM, limit, queues, deadlineMs: 1_000 }));
          await eventually('it has arrived', () => proxy.arrivedLate === 1);
          expect(await tasks.find(null, id)).to.include({ state: 'waiting', attempt: 0 });
        }));
    }
  }

  it('runs a task of one try exactly once', async () => {
    const proxy = await proxyTo(opening);
    const store = await openStore({ url: proxy.uri(nameOf(opening)) });
    try {
      const queue = new Queue(store, QUEUES[7] as string);
      let ran = 0;
      const worker = new Worker(store, { queues: QUEUES, handlers: { work: () => void (ran += 1) }, leaseMs: 3_000 });
      proxy.slowBy(ONE_WAY_MS);
      await worker.start();
      const { id } = await queue.add('work', 1, { maxRetries: 1 });
      await eventually('it succeeded', async () => (await queue.get(id))?.state === 'succeeded');
      expect([ran, (await queue.get(id))?.attempt]).to.deep.equal([1, 1]);
    } finally {
      proxy.slowBy(0);
      await store.close();
      await proxy.close();
    }
  });
});
