import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { startServer } from '../../classes/server/brokerServer';
import type { BrokerServer } from '../../classes/server/brokerServer';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { batchOf } from '../../modules/bulk/batchRow';
import type { Database } from '../../modules/ports/database';
import type { RecordWrite } from '../../modules/ports/recordStore';
import { endChildren, endOf, startNode } from '../fixtures/children';
import { HOLDFAST, holdfast } from '../fixtures/commandLine';
import { eventually, makeGate } from '../support/eventually';
import { forEachStore } from '../support/stores';

const COUNT = 1_500;

const ACTIONS = [
  { action: 'purge', state: 'waiting', told: /^Removed (\d+) tasks? of the queue mail; it was stopped\n$/ },
  { action: 'redrive', state: 'dead', told: /^(\d+) tasks? of the queue mail waits? again; it was stopped\n$/ },
] as const;

/** Fills a queue with what an action changes. */
async function fill(store: Store, state: 'waiting' | 'dead'): Promise<void> {
  const queue = new Queue(store, 'mail');
  await queue.addMany(Array.from({ length: COUNT }, () => ({ name: 'welcome', payload: null, options: { maxRetries: 1 } })));
  if (state === 'waiting') return;
  const handlers = { welcome: () => Promise.reject(new Error('full')) };
  const worker = new Worker(store, { queues: ['mail'], handlers, maxConcurrency: 500 });
  await worker.drain();
}

/** Wraps the records of a database: a batch that has done a part goes on when somebody has asked for its end. */
function heldAfterAPart(database: Database, onPart: () => void): Database {
  const { records } = database;
  const stopping = makeGate();
  const write = async (given: RecordWrite): Promise<boolean> => {
    if (given.kind !== 'batch') return records.write(given);
    const { seen, isStopping } = batchOf({ ...given, createdAt: new Date(), changedAt: new Date() });
    if (!isStopping && seen > 0) {
      onPart();
      await stopping.opened;
    }
    return records.write(given).finally(() => isStopping && stopping.open());
  };
  const held = { read: records.read.bind(records), list: records.list.bind(records), remove: records.remove.bind(records), write };
  return new Proxy(database, {
    get(target, key) {
      if (key === 'records') return held;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

forEachStore('An action on a whole queue that Ctrl-C stops', (opening) => {
  let server: BrokerServer | undefined;
  afterEach(async () => {
    await endChildren();
    await server?.close();
    server = undefined;
  });

  for (const { action, state, told } of ACTIONS) {
    it(`ends after the part under way on a store, with 130 and what was done: ${action}`, async () => {
      const store = await opening.open();
      const queue = new Queue(store, 'mail');
      await fill(store, state);
      const env = {
        HOLDFAST_URL: opening.url,
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --require ${join(__dirname, '../fixtures/interruptsItself.js')}`,
      };
      const { code, out, err } = await holdfast(['queue', action, 'mail', '--yes'], { env });
      expect([code, err, out]).to.deep.equal([130, '', told.exec(out)?.[0]]);
      const done = Number(told.exec(out)?.[1]);
      expect(done).to.be.within(1, COUNT - 1);
      expect((await queue.counts())[state]).to.equal(COUNT - done);
    });

    it(`ends after the part under way on a server, with 130 and what was done: ${action}`, async () => {
      const parts = makeGate();
      const store = opening.storeOn(heldAfterAPart(await opening.database(), () => parts.open()));
      const queue = new Queue(store, 'mail');
      await fill(store, state);
      server = await startServer({ store, port: 0, allowWrites: true });
      const child = startNode(HOLDFAST, ['queue', action, 'mail', '--yes', '--server', server.url]);
      await parts.opened;
      child.kill('SIGINT');
      expect(await endOf(child)).to.deep.equal({ code: 130, signal: null });
      expect([child.err, child.out]).to.deep.equal(['', told.exec(child.out)?.[0]]);
      const done = Number(told.exec(child.out)?.[1]);
      expect(done).to.be.within(1, COUNT - 1);
      expect((await queue.counts())[state]).to.equal(COUNT - done);
      await eventually('the batch has ended', async () => (await store.batches.list()).every((batch) => batch.state === 'stopped'));
    });
  }

  it('takes running tasks from their workers on a server too, where purge names that state', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'mail');
    const gate = makeGate();
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: () => gate.opened } });
    await queue.add('welcome', null);
    await worker.start();
    await eventually('it runs', () => worker.running === 1);
    await queue.add('welcome', null, { delayMs: 3_600_000 });
    server = await startServer({ store, port: 0, allowWrites: true });
    const { code, out } = await holdfast(['queue', 'purge', 'mail', '--state', 'waiting,running', '--yes', '--server', server.url]);
    expect([code, out]).to.deep.equal([0, 'Removed 2 tasks of the queue mail\n']);
    gate.open();
    await worker.stop();
  });
});
