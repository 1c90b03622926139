import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { BrokerClient, BrokerError } from '../../classes/client/client';
import type { ConsumedMessage } from '../../classes/client/client';
import { eventually, makeGate } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { Servers } from '../server/client';
import { Proxy } from './proxy';
import type { Fate, Seen } from './proxy';

forEachStore('A loop over the messages of a queue', (opening) => {
  const servers = new Servers(opening);
  const proxies: Proxy[] = [];
  const clients: BrokerClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close({ graceMs: 0 })));
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
    await servers.close();
  });

  const made = (url: string): BrokerClient => {
    const client = new BrokerClient({ url });
    clients.push(client);
    return client;
  };

  const started = async (): Promise<BrokerClient> => made((await servers.start()).url);

  async function throughProxy(fateOf: (seen: Seen, count: number) => Fate): Promise<{ client: BrokerClient; direct: BrokerClient; proxy: Proxy }> {
    const { url } = await servers.start();
    const proxy = new Proxy(url, fateOf);
    proxies.push(proxy);
    return { client: made(await proxy.start()), direct: made(url), proxy };
  }

  const sendAll = (client: BrokerClient, count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, n) => client.send('mail', { body: n })));

  it('hands out every message once, to as many at once as it may, and acknowledges in batches', async () => {
    const { client, direct, proxy } = await throughProxy(() => 'pass');
    await sendAll(direct, 100);
    const stop = new AbortController();
    const seen: unknown[] = [];
    let atOnce = 0;
    let most = 0;
    const handle = async (message: ConsumedMessage): Promise<void> => {
      most = Math.max(most, (atOnce += 1));
      await wait(5);
      atOnce -= 1;
      await message.ack();
      seen.push(message.body);
      if (seen.length === 100) stop.abort();
    };
    for await (const message of client.consume('mail', { concurrency: 20, signal: stop.signal })) void handle(message);
    expect(new Set(seen).size).to.equal(100);
    expect(most).to.be.within(2, 20);
    expect(proxy.to('/ack').length).to.be.below(50);
    expect(await direct.stats('mail')).to.include({ waiting: 0, inFlight: 0 });
  });

  it('extends a message for as long as it is held', async () => {
    const client = await started();
    await sendAll(client, 1);
    for await (const message of client.consume('mail', { visibilityTimeoutSeconds: 1 })) {
      expect(await client.receive('mail', { waitSeconds: 3 })).to.deep.equal([]);
      expect(message.signal.aborted).to.equal(false);
      await message.ack();
      break;
    }
    expect(await client.stats('mail')).to.include({ waiting: 0, inFlight: 0 });
  });

  it('gives back at once what is not begun when its signal fires, and ends', async () => {
    const client = await started();
    await sendAll(client, 5);
    const stop = new AbortController();
    let begun: ConsumedMessage | undefined;
    for await (const message of client.consume('mail', { concurrency: 5, signal: stop.signal })) {
      expect(begun).to.equal(undefined);
      begun = message;
      stop.abort();
      await eventually('the others are given back', async () => (await client.stats('mail')).waiting === 4);
    }
    expect(await client.stats('mail')).to.include({ waiting: 4, inFlight: 1 });
    await begun?.ack();
    expect(await client.stats('mail')).to.include({ waiting: 4, inFlight: 0 });
  });

  it('gives back what is not begun when the loop is left, and when its body throws', async () => {
    const client = await started();
    await sendAll(client, 6);
    for await (const message of client.consume('mail', { concurrency: 3 })) {
      await message.ack();
      break;
    }
    expect(await client.stats('mail')).to.include({ waiting: 5, inFlight: 0 });
    const thrown = new Error('of the body');
    const loop = async (): Promise<void> => {
      for await (const message of client.consume('mail', { concurrency: 3 })) {
        await message.reject({ reason: 'no-such-order' });
        throw thrown;
      }
    };
    expect(await loop().catch((error: unknown) => error)).to.equal(thrown);
    expect(await client.stats('mail')).to.include({ waiting: 4, inFlight: 0, dead: 1 });
  });

  it('ends while it waits for a message, and does not begin once its signal has fired', async () => {
    const client = await started();
    await client.createQueue('mail');
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    for await (const _ of client.consume('mail', { signal: stop.signal })) throw new Error('there is none');
    await sendAll(client, 1);
    for await (const _ of client.consume('mail', { signal: stop.signal })) throw new Error('it has ended');
    expect(await client.stats('mail')).to.include({ waiting: 1, inFlight: 0 });
  });

  it('tells the holder of a message that it is lost', async () => {
    const { client, direct } = await throughProxy(({ path }) => (path.endsWith('/extend') ? 'hang' : 'pass'));
    await sendAll(direct, 1);
    for await (const message of client.consume('mail', { visibilityTimeoutSeconds: 1 })) {
      await eventually('its signal fires', () => message.signal.aborted);
      expect(message.signal.reason).to.be.instanceOf(BrokerError).and.include({ code: 'timed_out' });
      const [again] = await direct.receive('mail', { waitSeconds: 20, visibilityTimeoutSeconds: 60 });
      expect(again?.id).to.equal(message.id);
      expect(await message.ack().catch((error: unknown) => error)).to.include({ code: 'receipt_stale' });
      break;
    }
  });

  it('goes on when the broker was away, and tells of it', async () => {
    const { client, direct } = await throughProxy((_, count) => (count <= 2 ? 'lose' : 'pass'));
    await sendAll(direct, 1);
    const told: unknown[] = [];
    for await (const message of client.consume('mail', { visibilityTimeoutSeconds: 1, onError: (error) => told.push(error) })) {
      await message.ack();
      break;
    }
    expect(told.length).to.be.at.least(1);
    expect(told[0]).to.be.instanceOf(BrokerError);
  });

  it('ends with a fault that does not pass, and refuses what cannot be meant', async () => {
    const { url } = await servers.start({ createQueues: false });
    const client = made(url);
    const codeOf = async (options: object): Promise<unknown> => {
      try {
        for await (const _ of client.consume('mail', options)) break;
      } catch (error) {
        return (error as BrokerError).code;
      }
      return undefined;
    };
    expect(await codeOf({})).to.equal('queue_unknown');
    for (const options of [{ concurrency: 0 }, { waitSeconds: 21 }, { visibilityTimeoutSeconds: 0 }])
      expect(await codeOf(options)).to.equal('option_invalid');
  });

  it('is ended by the client, which waits for what is in hand and then gives it back', async () => {
    const client = await started();
    await sendAll(client, 3);
    const gate = makeGate();
    const messages: ConsumedMessage[] = [];
    const loop = (async () => {
      for await (const message of client.consume('mail', { concurrency: 2 })) messages.push(message);
    })();
    await eventually('two are in hand', () => messages.length === 2);
    const [first, second] = messages as [ConsumedMessage, ConsumedMessage];
    void gate.opened.then(() => first.ack());
    const closed = client.close({ graceMs: 500 });
    gate.open();
    await Promise.all([closed, loop]);
    expect([first.signal.aborted, second.signal.aborted]).to.deep.equal([false, true]);
    const viewer = await started();
    expect(await viewer.stats('mail')).to.include({ waiting: 2, inFlight: 0 });
  });
});
