import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { BrokerClient } from '../../classes/client/client';
import type { ConsumedMessage } from '../../classes/client/client';
import { endChildren, RUNNER, startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const COUNT = 300;

/** Returns a port that nobody listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

forEachStore('The client beside a broker that is killed', (opening) => {
  afterEach(endChildren);

  it('loses no message, and sends none twice', async function () {
    this.timeout(90_000);
    const port = await freePort();
    const serve = (): Child => startNode(RUNNER, ['server', '--url', opening.url, '--port', String(port), '--create-queues']);
    let broker = serve();
    const client = new BrokerClient({ url: `http://127.0.0.1:${port}`, timeoutMs: 5_000, retryForMs: 60_000 });
    const sent = new Map<string, number>();
    const done = new Map<string, number>();
    const stop = new AbortController();

    const produce = async (): Promise<void> => {
      for (let n = 0; n < COUNT; n += 10) {
        const numbers = Array.from({ length: 10 }, (_, index) => n + index);
        await Promise.all(numbers.map(async (body) => sent.set((await client.send('mail', { body })).id, body)));
      }
    };
    const handle = async (message: ConsumedMessage): Promise<void> => {
      await message.ack().catch(() => undefined);
      done.set(message.id, message.body as number);
    };
    const consume = async (): Promise<void> => {
      const loop = client.consume('mail', { concurrency: 20, visibilityTimeoutSeconds: 2, waitSeconds: 1, signal: stop.signal });
      for await (const message of loop) void handle(message);
    };
    const killing = (async () => {
      for (const count of [60, 160]) {
        await eventually(`${count} are done`, () => done.size >= count, 60_000);
        broker.kill('SIGKILL');
        await broker.ended;
        broker = serve();
      }
    })();

    await eventually('the broker listens', () => broker.out.includes('listens') || broker.err.includes('listens'), 60_000);
    await client.createQueue('mail');
    const consuming = consume();
    await Promise.all([produce(), killing]);
    await eventually('all are done', () => done.size >= COUNT, 60_000);
    stop.abort();
    await consuming;
    expect(sent.size).to.equal(COUNT);
    expect(new Map([...done].sort())).to.deep.equal(new Map([...sent].sort()));
    expect(await client.stats('mail')).to.include({ waiting: 0, delayed: 0, inFlight: 0, dead: 0 });
    await client.close();
  });
});
