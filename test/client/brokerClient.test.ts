import { expect } from 'chai';
import { BrokerClient, BrokerError } from '../../classes/client/client';
import type { BrokerErrorCode, ClientReceived } from '../../classes/client/client';
import { newToken } from '../../classes/server/server';
import { forEachStore } from '../support/stores';
import { Servers } from '../server/client';
import { Proxy } from './proxy';
import type { Fate, Seen } from './proxy';

/** Returns the BrokerError that a call ends with. */
export async function faultOf(call: () => Promise<unknown>): Promise<BrokerError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof BrokerError) return error;
    throw error;
  }
  throw new Error('no error came');
}

const codeOf = async (call: () => Promise<unknown>): Promise<BrokerErrorCode> => (await faultOf(call)).code;

const only = ([message]: readonly ClientReceived[]): ClientReceived => {
  if (!message) throw new Error('no message was received');
  return message;
};

forEachStore('The client of the broker', (opening) => {
  const servers = new Servers(opening);
  const proxies: Proxy[] = [];
  afterEach(async () => {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
    await servers.close();
  });

  async function throughProxy(fateOf?: (seen: Seen, count: number) => Fate): Promise<{ client: BrokerClient; direct: BrokerClient; proxy: Proxy }> {
    const { url } = await servers.start();
    const proxy = new Proxy(url, fateOf);
    proxies.push(proxy);
    return { client: new BrokerClient({ url: await proxy.start(), retryForMs: 10_000 }), direct: new BrokerClient({ url }), proxy };
  }

  it('sends JSON, texts and bytes, and receives them as they were, with their times', async () => {
    const { url } = await servers.start();
    const client = new BrokerClient({ url: `${url}/` });
    const { id } = await client.send('orders', { body: { order: 17, none: null }, attributes: { trace: 'a' } });
    await client.send('orders', { body: 'grüße', contentType: 'text/plain' });
    await client.send('orders', { body: new Uint8Array([0, 255]), contentType: 'image/png' });
    const all = await client.receive('orders', { max: 10, visibilityTimeoutSeconds: 60 });
    expect(all.map(({ body, contentType }) => [contentType, body])).to.have.deep.members([
      ['application/json', { order: 17, none: null }],
      ['text/plain', 'grüße'],
      ['image/png', new Uint8Array([0, 255])],
    ]);
    const message = only(all.filter((each) => each.id === id));
    expect(message).to.deep.include({ queue: 'orders', attributes: { trace: 'a' }, receiveCount: 1 });
    expect(message.visibleAt.getTime() - message.receivedAt.getTime()).to.equal(60_000);
    expect([message.sentAt, message.firstReceivedAt].every((at) => at instanceof Date)).to.equal(true);
    await Promise.all(all.map((each) => client.ack(each)));
    expect(await client.stats('orders')).to.include({ waiting: 0, inFlight: 0 });
  });

  it('extends, gives back and moves to the dead letters', async () => {
    const { url } = await servers.start();
    const client = new BrokerClient({ url });
    await client.createQueue('orders', { attributes: { maxReceiveCount: 9 }, tags: { team: 'shop' } });
    await client.send('orders', { body: 1 });
    const first = only(await client.receive('orders'));
    const { visibleAt } = await client.extend(first, 600);
    expect(visibleAt.getTime()).to.be.within(first.visibleAt.getTime() + 500_000, first.visibleAt.getTime() + 600_000);
    await client.release(first);
    const second = only(await client.receive('orders', { waitSeconds: 20 }));
    expect(second).to.include({ id: first.id, receiveCount: 2 });
    await client.deadLetter(second, { reason: 'no-such-order' });
    expect(await client.stats('orders')).to.include({ waiting: 0, dead: 1 });
    expect(only(await client.receive('orders.dlq')).deadLetter).to.include({ from: 'orders', reason: 'no-such-order' }).and.has.property('at').that.is.instanceOf(Date); // prettier-ignore
  });

  it('makes few requests of many calls at once, and keeps their order', async () => {
    const { client, proxy } = await throughProxy();
    const sent = await Promise.all(Array.from({ length: 250 }, (_, n) => client.send('orders', { body: n })));
    expect(new Set(sent.map(({ id }) => id)).size).to.equal(250);
    expect(proxy.to('/messages').map(({ body }) => (JSON.parse(body) as { messages: unknown[] }).messages.length)).to.deep.equal([100, 100, 50]);
    const received = [...(await client.receive('orders', { max: 100 })), ...(await client.receive('orders', { max: 100 }))];
    expect(received.map(({ body }) => body)).to.deep.equal(Array.from({ length: 200 }, (_, n) => n));
    await Promise.all(received.map((message) => client.ack(message)));
    expect(proxy.to('/ack')).to.have.lengthOf(2);
  });

  it('answers a call that is refused without its neighbours', async () => {
    const { url } = await servers.start();
    const client = new BrokerClient({ url });
    await client.createQueue('small', { attributes: { maxMessageBytes: 100 } });
    const bad = [{ body: 'x'.repeat(200) }, { body: 1, contentType: '' }, { body: undefined }];
    const outcomes = await Promise.allSettled([{ body: 1 }, ...bad, { body: 2 }].map((message) => client.send('small', message)));
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'sent' : (outcome.reason as BrokerError).code))).to.deep.equal([
      ...['sent', 'message_too_large', 'invalid_request', 'invalid_request', 'sent'],
    ]);
    expect(await client.stats('small')).to.include({ waiting: 2 });
    const [message] = await client.receive('small');
    const acks = await Promise.allSettled([client.ack({ queue: 'small', receipt: 'garbage' }), client.ack(only(message ? [message] : []))]);
    expect(acks.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled']);
  });

  it('repeats a send whose answer was lost, and adds nothing twice', async () => {
    const { client, direct, proxy } = await throughProxy((_, count) => (count <= 2 ? 'lose' : 'pass'));
    const sent = await Promise.all([client.send('orders', { body: 1 }), client.send('orders', { body: 2 })]);
    expect(proxy.to('/messages')).to.have.lengthOf(3);
    expect(new Set(proxy.seen.map(({ key }) => key)).size).to.equal(1);
    const received = await direct.receive('orders', { max: 10 });
    expect(received.map(({ id }) => id)).to.have.members(sent.map(({ id }) => id));
  });

  it('repeats what settles a message, and knows that the first time was enough', async () => {
    const lost = new Set<string>();
    const { client } = await throughProxy(({ path }) => {
      const isFirst = /(ack|release|extend|dead-letter)$/.test(path) && !lost.has(path);
      if (isFirst) lost.add(path);
      return isFirst ? 'lose' : 'pass';
    });
    await Promise.all([1, 2, 3, 4].map((body) => client.send('orders', { body })));
    const [first, second, third, fourth] = (await client.receive('orders', { max: 4 })) as [ClientReceived, ClientReceived, ClientReceived, ClientReceived]; // prettier-ignore
    await Promise.all([client.ack(first), client.extend(second, 60), client.release(third, { delaySeconds: 60 }), client.deadLetter(fourth)]);
    expect(lost.size).to.equal(4);
    expect(await client.stats('orders')).to.include({ waiting: 0, delayed: 1, inFlight: 1, dead: 1 });
    expect(await codeOf(() => client.ack(first))).to.equal('message_gone');
  });

  it('does not repeat a receive, whose messages may be on their way', async () => {
    const { client, proxy } = await throughProxy(({ path }) => (path.endsWith('/receive') ? 'lose' : 'pass'));
    await client.send('orders', { body: 1 });
    const fault = await faultOf(() => client.receive('orders'));
    expect([fault.code, fault.isTransient, fault.isUnsent]).to.deep.equal(['unreachable', true, false]);
    expect(proxy.to('/receive')).to.have.lengthOf(1);
  });

  it('waits for a store that is away, as long as the server asks', async () => {
    const away = { status: 503, headers: { 'content-type': 'application/problem+json', 'retry-after': '1' }, body: JSON.stringify({ code: 'store_unavailable', detail: 'x', status: 503 }) }; // prettier-ignore
    const { client, proxy } = await throughProxy((_, count) => (count === 1 ? away : 'pass'));
    const began = performance.now();
    await client.send('orders', { body: 1 });
    expect(performance.now() - began).to.be.at.least(990);
    expect(proxy.seen).to.have.lengthOf(2);
  });

  it('tells faults by the codes of the server, and its own', async () => {
    const { token, hash } = newToken();
    const { url } = await servers.start({ tokens: [{ name: 'shop', hash, actions: ['produce'], queues: 'orders' }], createQueues: false });
    const client = new BrokerClient({ url, token, retryForMs: 0 });
    const unknown = await faultOf(() => client.send('orders', { body: 1 }));
    expect(unknown).to.include({ code: 'queue_unknown', status: 404, isTransient: false });
    expect(unknown.problem).to.include({ code: 'queue_unknown' });
    expect(await codeOf(() => client.receive('orders'))).to.equal('not_allowed');
    expect(await codeOf(() => new BrokerClient({ url }).stats('orders'))).to.equal('token_missing');
    expect(await codeOf(() => new BrokerClient({ url, token: 'x' }).stats('orders'))).to.equal('token_unknown');
    const gone = await servers.start();
    await gone.server.close();
    const away = await faultOf(() => new BrokerClient({ url: gone.url, retryForMs: 0 }).send('orders', { body: 1 }));
    expect([away.code, away.isUnsent]).to.deep.equal(['unreachable', true]);
    expect(away.message).to.equal(`The broker at ${gone.url} gave no answer: nothing listens at this address (ECONNREFUSED)`);
    const blocked = await faultOf(() => new BrokerClient({ url: 'http://127.0.0.1:6000', retryForMs: 0 }).send('orders', { body: 1 }));
    expect(blocked.message).to.match(/^The broker at http:\/\/127\.0\.0\.1:6000 gave no answer: fetch connects to no such port/);
  });

  it('tells an answer that is not of a broker, one that is late, and a wait that was ended', async () => {
    const answers: readonly Fate[] = [
      { status: 200, body: '<html>' },
      { status: 200, body: '{}' },
      { status: 404, body: 'nothing here' },
    ];
    const { client, direct, proxy } = await throughProxy((_, count) => answers[count - 1] ?? 'hang');
    for (const _ of answers) expect(await codeOf(() => client.send('orders', { body: 1 }))).to.equal('answer_invalid');
    await direct.createQueue('orders');
    const hasty = new BrokerClient({ url: proxy.url, timeoutMs: 50, retryForMs: 0 });
    expect(await codeOf(() => hasty.stats('orders'))).to.equal('timed_out');
    const reason = new Error('enough');
    const left = new AbortController();
    setTimeout(() => left.abort(reason), 50);
    expect(await direct.receive('orders', { waitSeconds: 20, signal: left.signal }).catch((error: unknown) => error)).to.equal(reason);
  });

  it('refuses options that cannot be meant, and calls after its end', async () => {
    const invalid = [{ url: 'ftp://a' }, { url: 'http://a:b@c' }, { url: 'http://a/?x=1' }, { timeoutMs: 0 }, { retryForMs: -1 }, { token: 'a b' }];
    for (const options of invalid) expect(() => new BrokerClient(options), JSON.stringify(options)).to.throw(BrokerError, 'must be');
    const client = new BrokerClient();
    await client.close();
    expect(await codeOf(() => client.send('orders', { body: 1 }))).to.equal('client_closed');
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(await codeOf(() => new BrokerClient().send('orders', { body: circle }))).to.equal('option_invalid');
  });
});
