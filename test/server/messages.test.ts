import { expect } from 'chai';
import { setTimeout as wait } from 'node:timers/promises';
import { MESSAGE_BODY_BYTES } from '../../constants/brokerLimits';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { Servers } from './client';
import type { Answer, Client } from './client';

const QUEUE = '/v1/queues/orders';

interface Shown {
  readonly id: string;
  readonly receipt: string;
  readonly body?: unknown;
  readonly bodyBase64?: string;
  readonly contentType: string;
  readonly receiveCount: number;
  readonly state?: string;
}

const messagesOf = ({ body }: Answer): readonly Shown[] => body['messages'] as unknown as Shown[];

const receive = async (client: Client, wish: object = {}): Promise<readonly Shown[]> => messagesOf(await client.post(`${QUEUE}/receive`, wish));

const receiveOne = async (client: Client, wish: object = {}): Promise<Shown> => {
  const [message] = await receive(client, wish);
  if (!message) throw new Error('no message was received');
  return message;
};

forEachStore('The broker over HTTP', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  it('answers a send with an id, hands the message out once and removes it when it is acknowledged', async () => {
    const client = await servers.start();
    const sent = await client.post(`${QUEUE}/messages`, { body: { order: 1 }, attributes: { trace: 'a' } });
    expect(sent.status).to.equal(201);
    const message = await receiveOne(client);
    expect(message)
      .to.include({ id: sent.body['id'], contentType: 'application/json', receiveCount: 1 })
      .and.deep.include({ body: { order: 1 }, attributes: { trace: 'a' } });
    expect(await receive(client)).to.deep.equal([]);
    expect((await client.post(`${QUEUE}/ack`, { receipt: message.receipt })).status).to.equal(204);
    const again = await client.post(`${QUEUE}/ack`, { receipt: message.receipt });
    expect([again.status, again.body['code']]).to.deep.equal([404, 'message_gone']);
  });

  it('hands a message out again after its visibility timeout, and the old receipt is stale', async () => {
    const client = await servers.start();
    await client.post(`${QUEUE}/messages`, { body: 1 });
    const first = await receiveOne(client, { visibilityTimeoutSeconds: 1 });
    const second = await receiveOne(client, { waitSeconds: 20 });
    expect(second).to.include({ id: first.id, receiveCount: 2 });
    const stale = await client.post(`${QUEUE}/ack`, { receipt: first.receipt });
    expect([stale.status, stale.body['code']]).to.deep.equal([410, 'receipt_stale']);
    expect((await client.post(`${QUEUE}/ack`, { receipt: second.receipt })).status).to.equal(204);
  });

  it('takes a text, bytes and a form as the body of one message, with their content type', async () => {
    const client = await servers.start();
    const send = (type: string, body: string | Buffer) => client.call('POST', `${QUEUE}/messages`, { body, headers: { 'content-type': type } });
    for (const [type, body] of [
      ['text/plain', 'grüße'],
      ['application/octet-stream', Buffer.from([0, 255])],
      ['text/csv; charset=latin1', Buffer.from([228])],
    ] as const) {
      expect((await send(type, body)).status).to.equal(201);
    }
    const all = await receive(client, { max: 10 });
    expect(all.map(({ contentType, body, bodyBase64 }) => [contentType, body ?? bodyBase64])).to.have.deep.members([
      ['text/plain', 'grüße'],
      ['application/octet-stream', 'AP8='],
      ['text/csv; charset=latin1', '5A=='],
    ]);
  });

  it('keeps bytes that JSON carries as base64', async () => {
    const client = await servers.start();
    await client.post(`${QUEUE}/messages`, { bodyBase64: 'AP8=', contentType: 'image/png' });
    expect(await receiveOne(client))
      .to.include({ bodyBase64: 'AP8=', contentType: 'image/png' })
      .and.not.have.property('body');
  });

  it('counts 1 MiB in the bytes of the body, and not in the characters in which JSON escapes it', async () => {
    const client = await servers.start();
    const largest = '\u0001'.repeat(MESSAGE_BODY_BYTES);
    expect((await client.post(`${QUEUE}/messages`, { body: largest, contentType: 'text/plain' })).status).to.equal(201);
    expect((await receiveOne(client)).body).to.equal(largest);
    const larger = await client.post(`${QUEUE}/messages`, { body: `${largest}a`, contentType: 'text/plain' });
    expect([larger.status, larger.body['code']]).to.deep.equal([413, 'message_too_large']);
    const raw = await client.call('POST', `${QUEUE}/messages`, { body: `${largest}a`, headers: { 'content-type': 'text/plain' } });
    expect(raw.status).to.equal(413);
  });

  it('answers for each message and each receipt of several', async () => {
    const client = await servers.start();
    const tooLarge = { body: 'a'.repeat(MESSAGE_BODY_BYTES + 1), contentType: 'text/plain' };
    const sent = await client.post(`${QUEUE}/messages`, { messages: [{ body: 1 }, tooLarge, { body: 3 }] });
    const answers = sent.body['messages'] as unknown as { readonly id?: string; readonly error?: { readonly code: string } }[];
    expect(answers.map(({ id, error }) => error?.code ?? typeof id)).to.deep.equal(['string', 'message_too_large', 'string']);
    const [first, second] = await receive(client, { max: 10 });
    const entries = [{ receipt: first?.receipt }, { receipt: 'never-a-receipt' }, { receipt: second?.receipt }];
    const acked = await client.post(`${QUEUE}/ack`, { entries });
    expect(acked.status).to.equal(200);
    const results = acked.body['results'] as unknown as { readonly ok?: boolean; readonly error?: { readonly code: string } }[];
    expect(results.map(({ ok, error }) => error?.code ?? ok)).to.deep.equal([true, 'receipt_invalid', true]);
  });

  it('gives a second send with the same key the first answer', async () => {
    const client = await servers.start();
    const headers = { 'idempotency-key': 'order-1' };
    const first = await client.post(`${QUEUE}/messages`, { body: 1 }, { headers });
    const second = await client.post(`${QUEUE}/messages`, { body: 1 }, { headers });
    expect(second.body['id']).to.equal(first.body['id']);
    expect(await receive(client, { max: 10 })).to.have.length(1);
    const other = await client.post(`${QUEUE}/messages`, { body: 2 }, { headers });
    expect([other.status, other.body['code']]).to.deep.equal([422, 'idempotency_mismatch']);
  });

  it('extends, releases and dead-letters a message by its receipt, and redrives it', async () => {
    const client = await servers.start();
    const sent = await client.post(`${QUEUE}/messages`, { body: 1 });
    const first = await receiveOne(client);
    const extended = await client.post(`${QUEUE}/extend`, { receipt: first.receipt, visibilityTimeoutSeconds: 600 });
    expect(Date.parse(String(extended.body['visibleAt']))).to.be.greaterThan(Date.now() + 500_000);
    expect((await client.post(`${QUEUE}/release`, { receipt: first.receipt })).status).to.equal(204);
    const second = await receiveOne(client, { waitSeconds: 5 });
    expect((await client.post(`${QUEUE}/dead-letter`, { receipt: second.receipt, reason: 'bad', description: 'no address' })).status).to.equal(204);
    const dead = await client.get(`${QUEUE}/dead-letters`);
    expect(dead.body['messages']?.[0]).to.deep.include({ id: sent.body['id'], queue: 'orders.dlq' });
    expect((dead.body['messages']?.[0] as unknown as { deadLetter: object }).deadLetter).to.include({
      from: 'orders',
      reason: 'bad',
      description: 'no address',
    });
    expect((await client.post(`${QUEUE}/dead-letters/redrive`)).body).to.deep.equal({ moved: 1 });
    expect(await receiveOne(client, { waitSeconds: 5 })).to.include({ id: sent.body['id'] });
  });

  it('shows messages without receiving them', async () => {
    const client = await servers.start();
    await client.post(`${QUEUE}/messages`, { messages: [{ body: 1 }, { body: 2, delaySeconds: 600 }] });
    await receiveOne(client);
    await client.post(`${QUEUE}/messages`, { body: 3 });
    const states = async (query: string) =>
      messagesOf(await client.get(`${QUEUE}/messages${query}`)).map(({ state, receiveCount }) => `${state} ${receiveCount}`);
    expect(await states('')).to.have.members(['waiting 0', 'delayed 0', 'in-flight 1']);
    expect(await states('?state=in-flight')).to.deep.equal(['in-flight 1']);
    expect((await client.get(`${QUEUE}/stats`)).body).to.include({ waiting: 1, delayed: 1, inFlight: 1, dead: 0 });
  });

  it('creates, changes, lists, pauses, purges and deletes queues', async () => {
    const client = await servers.start({ createQueues: false });
    expect((await client.post(`${QUEUE}/messages`, { body: 1 })).body['code']).to.equal('queue_unknown');
    const attributes = { visibilityTimeoutSeconds: 60 };
    expect((await client.put(QUEUE, { attributes, tags: { team: 'shop' } })).status).to.equal(201);
    expect((await client.put(QUEUE, { attributes, tags: { team: 'shop' } })).status).to.equal(200);
    expect((await client.put(QUEUE, { attributes: { visibilityTimeoutSeconds: 61 } })).body['code']).to.equal('queue_exists');
    const changed = await client.call('PATCH', QUEUE, { json: { attributes: { visibilityTimeoutSeconds: 62 } } });
    expect(changed.body).to.deep.include({ name: 'orders', tags: { team: 'shop' } });
    expect((await client.get('/v1/queues?prefix=ord')).body['queues']).to.have.length(1);
    await client.post(`${QUEUE}/pause`);
    await client.post(`${QUEUE}/messages`, { body: 1 });
    expect(await receive(client)).to.deep.equal([]);
    await client.post(`${QUEUE}/resume`);
    expect((await client.post(`${QUEUE}/purge`)).body).to.deep.equal({ removed: 1 });
    expect((await client.call('DELETE', QUEUE)).status).to.equal(204);
    expect((await client.get(QUEUE)).status).to.equal(404);
  });

  it('refuses a receipt of another queue than that of the path', async () => {
    const client = await servers.start();
    await client.post(`${QUEUE}/messages`, { body: 1 });
    await client.put('/v1/queues/other');
    const { receipt } = await receiveOne(client);
    expect((await client.post('/v1/queues/other/ack', { receipt })).body['code']).to.equal('receipt_invalid');
    expect((await client.post(`${QUEUE}/ack`, { receipt })).status).to.equal(204);
  });

  describe('a long poll', () => {
    it('answers as soon as a message is sent', async () => {
      const client = await servers.start();
      await client.put(QUEUE);
      const received = receive(client, { waitSeconds: 20 });
      await wait(100);
      await client.post(`${QUEUE}/messages`, { body: 1 });
      expect(await received).to.have.length(1);
    });

    it('answers without messages at its end', async () => {
      const client = await servers.start();
      await client.put(QUEUE);
      expect(await receive(client, { waitSeconds: 1 })).to.deep.equal([]);
    });

    it('takes no message with it when its client has left', async () => {
      const client = await servers.start();
      await client.put(QUEUE);
      const left = client.begin('POST', `${QUEUE}/receive`, { json: { waitSeconds: 20, visibilityTimeoutSeconds: 3_600 } });
      left.on('error', () => undefined);
      await wait(200);
      left.destroy();
      await wait(50);
      await client.post(`${QUEUE}/messages`, { body: 1 });
      const message = await eventually('the message is there for another client', async () => (await receive(client, { waitSeconds: 1 }))[0]);
      expect(message.body).to.equal(1);
    });

    it('answers without messages when the server closes', async () => {
      const client = await servers.start();
      await client.put(QUEUE);
      const received = receive(client, { waitSeconds: 20 });
      await wait(200);
      await client.server.close();
      expect(await received).to.deep.equal([]);
    });
  });

  it('tells probes that the process lives and that the store answers', async () => {
    const client = await servers.start();
    expect((await client.get('/livez')).body).to.deep.equal({ status: 'alive' });
    expect((await client.get('/readyz')).body).to.deep.equal({ status: 'ready' });
  });
});
