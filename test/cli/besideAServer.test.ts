import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import { Queue } from '../../classes/queue/queue';
import { startServer } from '../../classes/server/brokerServer';
import type { BrokerServer } from '../../classes/server/brokerServer';
import type { Store } from '../../classes/store/store';
import { runToEnd } from '../fixtures/children';
import { forEachStore, forSqlite } from '../support/stores';

/** Fills a store with tasks, with messages of both kinds of queues, and with a queue that is paused and empty. */
async function fill(store: Store): Promise<void> {
  await new Queue(store, 'mail').addMany([
    { name: 'welcome', payload: 1 },
    { name: 'welcome', payload: 2, options: { delayMs: 3_600_000 } },
  ]);
  await new Queue(store, 'empty').pause();
  const broker = new Broker(store);
  await broker.createQueue('orders');
  await broker.createQueue('ordered.fifo', { fifo: true });
  await broker.send('orders', { body: 'hello' });
  await broker.send('orders', { body: Buffer.from([1, 2, 255]), contentType: 'application/octet-stream', delaySeconds: 600 });
  await broker.send('ordered.fifo', { body: { n: 1 }, group: 'a' });
  await broker.close();
}

/** Seconds go on between two calls. JSON may be in another order. */
const shown = (out: string): unknown => (out.startsWith('{') || out.startsWith('[') ? JSON.parse(withoutTimes(out)) : withoutTimes(out));

const withoutTimes = (out: string): string => out.replace(/"oldestSeconds":[\d.]+/g, '"oldestSeconds":0').replace(/ *[\d.]+ m?s\b/g, ' 0 s');

forEachStore('holdfast beside a server', (opening) => {
  let server: BrokerServer;
  beforeEach(async () => {
    const store = await opening.open();
    await fill(store);
    server = await startServer({ store, port: 0 });
  });
  afterEach(() => server.close());

  for (const words of [
    ['stats'],
    ['stats', '--json'],
    ['queues'],
    ['queues', '--json'],
    ['queues', 'orders'],
    ['queues', 'orders', '--json'],
    ['queues', 'ordered.fifo', '--json'],
  ]) {
    it(`prints for ${words.join(' ')} from the server what it prints from the store`, async () => {
      const ofStore = await runToEnd([...words, '--url', opening.url]);
      expect([ofStore.code, ofStore.err]).to.deep.equal([0, '']);
      const ofFlag = await runToEnd([...words, '--server', server.url]);
      expect([ofFlag.code, ofFlag.err, shown(ofFlag.out)]).to.deep.equal([0, '', shown(ofStore.out)]);
      const ofVariable = await runToEnd(words, { env: { HOLDFAST_SERVER: server.url } });
      expect([ofVariable.code, ofVariable.err, shown(ofVariable.out)]).to.deep.equal([0, '', shown(ofStore.out)]);
    });
  }

  for (const words of [['stats'], ['queues'], ['queues', 'orders'], ['queue', 'list'], ['process', 'list'], ['schedule', 'list'], ['doctor']]) {
    it(`draws one kind of table, with a title for each column: ${words.join(' ')}`, async () => {
      const { out } = await runToEnd([...words, '--url', opening.url]);
      const [, heads = ''] = out.split('\n');
      expect(
        heads
          .split('│')
          .slice(1, -1)
          .filter((head) => head.trim() === ''),
      ).to.deep.equal([]);
      expect(out).to.not.include('├');
    });
  }
});

forSqlite('holdfast beside a server', (opening) => {
  const NOWHERE = 'http://127.0.0.1:1';
  const run = (words: readonly string[], env = {}) => runToEnd(words, { cwd: opening.folder, env });

  const ON_STORES: readonly (readonly string[])[] = [
    ['seed', '--count', '1', '--kinds', 'slow'],
    ['backup', 'copy.db'],
    ['doctor'],
    ['db', 'check'],
    ['worker', '--require', './none.js'],
    ['--drain'],
  ];

  for (const words of ON_STORES) {
    it(`refuses ${words[0] ?? ''} on a server that a flag or a variable names, and opens no file`, async () => {
      for (const [given, env, name] of [
        [[...words, '--server', NOWHERE], {}, '--server'],
        [words, { HOLDFAST_SERVER: NOWHERE }, 'HOLDFAST_SERVER'],
      ] as const) {
        const { code, out, err } = await run(given, env);
        expect([code, out]).to.deep.equal([2, '']);
        expect(err).to.include(`${name} (${NOWHERE})`).and.to.include('HOLDFAST_NOT_ON_SERVER');
      }
      expect(readdirSync(opening.folder)).to.deep.equal([]);
    });
  }

  it('copies between stores that flags name whatever the variable of a server says, and refuses its flag', async () => {
    await (await opening.open()).close();
    const words = ['copy', '--from', opening.url, '--to', `sqlite:${join(opening.folder, 'other.db')}`];
    expect((await run(words, { HOLDFAST_SERVER: NOWHERE })).code).to.equal(0);
    expect((await run([...words, '--server', NOWHERE])).err).to.include('HOLDFAST_NOT_ON_SERVER');
  });

  it('uses the store of --url although a variable names a server', async () => {
    await (await opening.open()).close();
    const env = { HOLDFAST_SERVER: NOWHERE };
    for (const words of [['stats'], ['queues'], ['seed', '--count', '1', '--kinds', 'slow'], ['backup', 'copy.db'], ['--drain']]) {
      const { code, err } = await run([...words, '--url', opening.url], env);
      expect([words[0], code, err.replace(/^.*ExperimentalWarning.*$/gm, '')]).to.deep.equal([words[0], 0, '']);
    }
  });
});
