import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import type { ReceivedMessage } from '../../modules/broker/brokerTypes';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (isHoldfastError(error) ? error.code : String(error)),
  );

const bodies = (messages: readonly { readonly body: unknown }[]): unknown[] => messages.map(({ body }) => body);

forEachStore('a broker', (opening) => {
  let store: Store;
  let broker: Broker;
  beforeEach(async () => {
    store = await opening.open();
    broker = new Broker(store);
    await broker.createQueue('orders', { maxReceiveCount: 3 });
  });

  const send = async (body: unknown = { order: 17 }): Promise<string> => (await broker.send('orders', { body })).id;
  const receive = async (options = {}): Promise<ReceivedMessage> => {
    const [message] = await broker.receive('orders', { waitSeconds: 20, ...options });
    if (!message) throw new Error('nothing was received');
    return message;
  };

  it('hands out what was sent, once, and forgets what was acknowledged', async () => {
    const id = await send();
    const message = await receive();
    expect(message).to.deep.include({ id, queue: 'orders', body: { order: 17 }, contentType: 'application/json', attributes: {}, receiveCount: 1 });
    expect(message.visibleAt.getTime() - message.receivedAt.getTime()).to.equal(30_000);
    expect(await broker.receive('orders')).to.deep.equal([]);
    await broker.ack(message.receipt);
    expect((await broker.peek('orders')).messages).to.deep.equal([]);
    expect(await codeOf(broker.ack(message.receipt))).to.equal('HOLDFAST_MESSAGE_GONE');
  });

  it('carries JSON, text and bytes, with attributes', async () => {
    const sent = [
      { body: { a: [1, null, 'ü€😀'] } },
      { body: 'line\n\u0001', contentType: 'text/plain; charset=utf-8' },
      { body: Buffer.from([0, 255, 128]), contentType: 'image/png', attributes: { trace: 'x-1' } },
      { body: 'text' },
    ];
    await broker.sendMany('orders', sent);
    const received = await broker.receive('orders', { max: 10, waitSeconds: 20 });
    expect(bodies(received)).to.have.deep.members(bodies(sent));
    const image = received.find(({ contentType }) => contentType === 'image/png');
    expect(image?.attributes).to.deep.equal({ trace: 'x-1' });
  });

  it('hands a message out again after its visibility, and the receipt of before is stale from then on', async () => {
    await send();
    const first = await receive({ visibilityTimeoutSeconds: 1 });
    const second = await receive();
    expect([second.id, second.receiveCount]).to.deep.equal([first.id, 2]);
    const { receipt } = first;
    const late = [broker.ack(receipt), broker.extend(receipt, 5), broker.release(receipt), broker.deadLetter(receipt)];
    expect(new Set(await Promise.all(late.map(codeOf)))).to.deep.equal(new Set(['HOLDFAST_RECEIPT_STALE']));
    await broker.ack(second.receipt);
  });

  it('takes an acknowledgement after the visibility has ended, until somebody else has the message', async () => {
    await send();
    const message = await receive({ visibilityTimeoutSeconds: 0 });
    await eventually('it waits again', async () => (await broker.stats('orders')).waiting === 1);
    expect(await codeOf(broker.extend(message.receipt, 5))).to.equal('HOLDFAST_MESSAGE_NOT_IN_FLIGHT');
    await broker.ack(message.receipt);
    expect(await broker.receive('orders')).to.deep.equal([]);
  });

  it('sets the end of a visibility sooner and later', async () => {
    await send();
    const message = await receive();
    const { visibleAt } = await broker.extend(message.receipt, 3_600);
    expect(visibleAt.getTime()).to.be.greaterThan(message.visibleAt.getTime());
    expect(await codeOf(broker.extend(message.receipt, 43_201))).to.equal('HOLDFAST_OPTION_INVALID');
    await broker.extend(message.receipt, 0);
    expect((await receive()).id).to.equal(message.id);
  });

  it('takes back what a consumer releases, at once or after a delay', async () => {
    await send();
    const message = await receive();
    await broker.release(message.receipt);
    const again = await receive();
    expect([again.id, again.receiveCount]).to.deep.equal([message.id, 2]);
    await broker.release(again.receipt, { delaySeconds: 1 });
    expect(await broker.receive('orders')).to.deep.equal([]);
    expect((await broker.peek('orders')).messages[0]?.state).to.equal('delayed');
    expect((await receive()).receiveCount).to.equal(3);
  });

  it('answers a receipt that is not one of it', async () => {
    await send();
    const { receipt } = await receive();
    const forged = receipt.slice(0, -1) + (receipt.endsWith('A') ? 'B' : 'A');
    for (const wrong of ['', 'x', forged, `${receipt}=`, 7 as never]) expect(await codeOf(broker.ack(wrong))).to.equal('HOLDFAST_RECEIPT_INVALID');
    const other = new Broker(await opening.open());
    await other.ack(receipt);
  });

  it('moves a message to the dead-letter queue at the receive after the last allowed one, with its id, time and count', async () => {
    const id = await send();
    const told: unknown[] = [];
    store.events.on('message-dead', (event) => void told.push(event));
    for (let count = 1; count <= 3; count += 1) {
      const message = await receive();
      expect(message.receiveCount).to.equal(count);
      await broker.release(message.receipt);
    }
    expect(await broker.receive('orders')).to.deep.equal([]);
    expect(told).to.deep.equal([{ queue: 'orders', id, to: 'orders.dlq', reason: 'max-receive-count' }]);
    expect((await broker.stats('orders')).dead).to.equal(1);
    const [dead] = (await broker.peek('orders.dlq')).messages;
    expect(dead).to.deep.include({ id, receiveCount: 3, state: 'waiting' });
    expect(dead?.deadLetter).to.deep.include({ from: 'orders', reason: 'max-receive-count' });
    const [received] = await broker.receive('orders.dlq', { waitSeconds: 20 });
    expect(received).to.deep.include({ id, receiveCount: 4, sentAt: dead?.sentAt });
  });

  it('moves a rejected message with its reason, and redrives dead letters to their queue', async () => {
    const ids = [await send(1), await send(2)];
    for (const { receipt } of await broker.receive('orders', { max: 2, waitSeconds: 20 }))
      await broker.deadLetter(receipt, { reason: 'no-such-order', description: '17' });
    const [dead] = (await broker.peek('orders.dlq')).messages;
    expect(dead?.deadLetter).to.deep.include({ from: 'orders', reason: 'no-such-order', description: '17' });
    expect(await broker.redrive('orders', { reason: 'another' })).to.deep.equal({ moved: 0 });
    expect(await broker.redrive('orders', { limit: 1 })).to.deep.equal({ moved: 1 });
    expect(await broker.redrive('orders')).to.deep.equal({ moved: 1 });
    const back = await broker.receive('orders', { max: 2, waitSeconds: 20 });
    expect(back.map(({ id }) => id)).to.have.members(ids);
    expect(back.every(({ receiveCount, deadLetter }) => receiveCount === 2 && !deadLetter)).to.equal(true);
    for (const { receipt } of back) await broker.release(receipt);
    expect(await broker.receive('orders', { max: 2, waitSeconds: 20 })).to.have.lengthOf(2);
  });

  it('gives each message to one of many consumers', async () => {
    const sent = await broker.sendMany(
      'orders',
      Array.from({ length: 100 }, (_, at) => ({ body: at })),
    );
    const other = new Broker(await opening.open());
    const got: ReceivedMessage[] = [];
    const consume = async (from: Broker): Promise<void> => {
      while (got.length < sent.length) got.push(...(await from.receive('orders', { max: 4, waitSeconds: 1 })));
    };
    await Promise.all(Array.from({ length: 30 }, (_, at) => consume(at % 2 ? broker : other)));
    expect(bodies(got).sort((a, b) => Number(a) - Number(b))).to.deep.equal(sent.map((_, at) => at));
  });

  it('answers for each of several messages and receipts', async () => {
    const answers = await broker.sendMany('orders', [{ body: 1 }, { body: 'x', contentType: 'none' }, { body: undefined }]);
    expect(answers.map(({ ok }) => ok)).to.deep.equal([true, false, false]);
    const { receipt } = await receive();
    const acks = await broker.ackMany([receipt, 'x', receipt]);
    expect(acks.map((answer) => (answer.ok ? 'ok' : (answer.error as { code?: string }).code))).to.deep.equal([
      'ok',
      'HOLDFAST_RECEIPT_INVALID',
      'ok',
    ]);
    expect(await codeOf(broker.sendMany('orders', []))).to.equal('HOLDFAST_OPTION_INVALID');
  });

  it('gives the first answer again to a call with the same idempotency key, also after the message was processed', async () => {
    const once = (body: unknown) => broker.send('orders', { body }, { idempotencyKey: 'k' });
    const { id } = await once(1);
    await broker.ack((await receive()).receipt);
    expect(await Promise.all([once(1), once(1)])).to.deep.equal([{ id }, { id }]);
    expect(await broker.receive('orders')).to.deep.equal([]);
    expect(await codeOf(once(2))).to.equal('HOLDFAST_IDEMPOTENCY_MISMATCH');
  });

  it('wakes a waiting receive, of another process too, and leaves nothing with one that has left', async () => {
    const other = new Broker(await opening.open());
    const waiting = other.receive('orders', { waitSeconds: 20 });
    const id = await send();
    expect((await waiting).map((message) => message.id)).to.deep.equal([id]);
    const leaving = new AbortController();
    const left = other.receive('orders', { waitSeconds: 20, signal: leaving.signal });
    leaving.abort();
    expect(await left).to.deep.equal([]);
    await send();
    expect((await receive()).receiveCount).to.equal(1);
  });

  it('gives each of many waiting receives the message of its queue, those that came when others waited too', async () => {
    const queues = Array.from({ length: 60 }, (_, index) => `many-${index}`);
    await Promise.all(queues.map((queue) => broker.createQueue(queue)));
    await Promise.all(queues.slice(0, 30).map((queue) => broker.send(queue, { body: `${queue} before` })));
    const polls = queues.flatMap((queue) => [1, 2].map(() => broker.receive(queue, { waitSeconds: 20 })));
    await Promise.all(queues.slice(0, 30).map((queue) => broker.send(queue, { body: `${queue} after` })));
    await Promise.all(queues.slice(30).map((queue) => broker.sendMany(queue, [{ body: `${queue} before` }, { body: `${queue} after` }])));
    const received = (await Promise.all(polls)).map(bodies).flat();
    expect(received).to.have.members(queues.flatMap((queue) => [`${queue} before`, `${queue} after`]));
  });

  it('keeps a delayed message back for its time', async () => {
    await broker.send('orders', { body: 1, delaySeconds: 1 });
    expect(await broker.receive('orders')).to.deep.equal([]);
    expect(await broker.stats('orders')).to.deep.include({ waiting: 0, delayed: 1, inFlight: 0 });
    expect(bodies([await receive()])).to.deep.equal([1]);
    expect(await broker.stats('orders')).to.deep.include({ waiting: 0, delayed: 0, inFlight: 1 });
  });

  it('refuses what is too large or of no queue', async () => {
    await broker.configureQueue('orders', { maxMessageBytes: 10 });
    expect(await codeOf(send('12345678'))).to.equal('none');
    expect(await codeOf(send('123456789'))).to.equal('HOLDFAST_MESSAGE_TOO_LARGE');
    expect(await codeOf(broker.send('nowhere', { body: 1 }))).to.equal('HOLDFAST_QUEUE_UNKNOWN');
    expect(await codeOf(broker.receive('../x', {}))).to.equal('HOLDFAST_OPTION_INVALID');
    expect(await codeOf(broker.send('orders', { body: 1, priority: 1 } as never))).to.equal('HOLDFAST_OPTION_UNKNOWN');
  });

  it('carries a body of 1 MiB, however JSON escapes it', async () => {
    const body = '\u0001'.repeat(1024 * 1024);
    await broker.send('orders', { body, contentType: 'text/plain' });
    expect((await receive()).body === body).to.equal(true);
  });

  it('keeps a paused queue from being received, and takes sends', async () => {
    await broker.pause('orders');
    await send();
    expect(await broker.receive('orders', { waitSeconds: 1 })).to.deep.equal([]);
    expect((await broker.getQueue('orders')).isPaused).to.equal(true);
    await broker.resume('orders');
    await receive();
  });

  it('makes, changes, lists and removes queues', async () => {
    expect((await broker.createQueue('orders', { maxReceiveCount: 3 })).created).to.equal(false);
    expect(await codeOf(broker.createQueue('orders', { maxReceiveCount: 4 }))).to.equal('HOLDFAST_QUEUE_EXISTS');
    await broker.createQueue('mail.in', {}, { team: 'a' });
    await broker.createQueue('mail.out');
    const names = async (options = {}): Promise<string[]> => (await broker.listQueues(options)).queues.map(({ name }) => name);
    expect([await names(), await names({ prefix: 'mail.' })]).to.deep.equal([
      ['mail.in', 'mail.out', 'orders'],
      ['mail.in', 'mail.out'],
    ]);
    const first = await broker.listQueues({ limit: 1 });
    expect([first.next, await names({ limit: 1, after: first.next })]).to.deep.equal(['mail.in', ['mail.out']]);
    expect((await broker.getQueue('mail.in')).tags).to.deep.equal({ team: 'a' });
    await send();
    await broker.deleteQueue('orders');
    expect(await names()).to.deep.equal(['mail.in', 'mail.out']);
    await broker.createQueue('orders');
    expect((await broker.peek('orders')).messages).to.deep.equal([]);
  });

  it('makes queues on first use where it is told to', async () => {
    const making = new Broker(store, { createsQueues: true });
    await making.send('new', { body: 1 });
    expect(bodies(await making.receive('new', { waitSeconds: 20 }))).to.deep.equal([1]);
  });

  it('purges what waits and what is in flight', async () => {
    await Promise.all([send(), send(), send()]);
    const { receipt } = await receive();
    expect(await broker.purge('orders')).to.deep.equal({ removed: 3 });
    expect(await codeOf(broker.ack(receipt))).to.equal('HOLDFAST_MESSAGE_GONE');
  });

  it('shares its queue with a worker', async () => {
    await send();
    const seen: unknown[] = [];
    const worker = new Worker(store, { queues: ['orders'], handlers: { message: ({ payload }) => void seen.push(payload) } });
    await worker.drain();
    expect(seen).to.deep.equal([{ contentType: 'application/json', body: { order: 17 } }]);
  });

  it('ends every wait when its store closes', async () => {
    const waiting = broker.receive('orders', { waitSeconds: 20 });
    await store.close();
    expect(await waiting).to.deep.equal([]);
  });
});
