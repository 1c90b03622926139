import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import type { EntryAnswer, ReceivedMessage, Sent } from '../../modules/broker/brokerTypes';
import type { ReceiveOptions } from '../../config/brokerOptions';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (isHoldfastError(error) ? error.code : String(error)),
  );

const bodies = (messages: readonly { readonly body: unknown }[]): string => messages.map(({ body }) => String(body)).join(' ');

forEachStore('a FIFO queue of the broker', (opening) => {
  let broker: Broker;
  beforeEach(async () => {
    broker = new Broker(await opening.open());
    await broker.createQueue('orders', { fifo: true, maxReceiveCount: 2 });
  });

  /** Sends messages named by their groups and numbers. */
  const send = (names: string): Promise<EntryAnswer<Sent>[]> =>
    broker.sendMany('orders', names.split(' ').map((body) => ({ body, group: body.slice(0, 1) }))); // prettier-ignore
  const receive = (options: Partial<ReceiveOptions> = {}): Promise<ReceivedMessage[]> => broker.receive('orders', { max: 10, ...options });
  const ackAll = (messages: readonly ReceivedMessage[]) => broker.ackMany(messages.map(({ receipt }) => receipt));

  it('hands out a group in order to one consumer at a time', async () => {
    const [sent] = await send('a1 b1 a2 a3');
    const first = await receive({ max: 3 });
    expect(bodies(first)).to.equal('a1 a2 a3');
    expect(first[0]).to.deep.include({ id: sent?.ok === true ? sent.id : '', group: 'a', receiveCount: 1 });
    expect(first[0]?.sequence).to.match(/^\d{20}$/);
    expect(first[0]?.sequence).to.equal(sent?.ok === true ? sent.sequence : '');
    await send('a4');
    expect(bodies(await receive())).to.equal('b1');
    expect(bodies(await receive())).to.equal('');
    await ackAll(first);
    expect(bodies(await receive())).to.equal('a4');
  });

  it('gives receives that wait at the same time different groups', async () => {
    const waiting = Promise.all([receive({ max: 2, waitSeconds: 5 }), receive({ max: 2, waitSeconds: 5 })]);
    await send('a1 b1 a2 b2');
    expect((await waiting).map(bodies).sort()).to.deep.equal(['a1 a2', 'b1 b2']);
  });

  it('wakes a receive that waits for a group when the last message in flight is acknowledged', async () => {
    await send('a1 a2');
    const [a1] = await receive({ max: 1 });
    const waiting = receive({ waitSeconds: 20 });
    await broker.ack(a1?.receipt ?? '');
    expect(bodies(await waiting)).to.equal('a2');
  });

  it('wakes a receive of another process', async () => {
    const other = new Broker(await opening.open());
    const waiting = other.receive('orders', { waitSeconds: 20 });
    await send('a1');
    expect(bodies(await waiting)).to.equal('a1');
  });

  it('hands out again first what comes back, and refuses the receipts of before', async () => {
    await send('a1 a2 a3');
    const first = await receive({ max: 2, visibilityTimeoutSeconds: 1 });
    const again = await receive({ waitSeconds: 20 });
    expect(bodies(again)).to.equal('a1 a2 a3');
    const stale = [broker.ack(first[0]?.receipt ?? ''), broker.extend(first[0]?.receipt ?? '', 5), broker.release(first[1]?.receipt ?? '')];
    expect(new Set(await Promise.all(stale.map(codeOf)))).to.deep.equal(new Set(['HOLDFAST_RECEIPT_STALE']));
    await broker.releaseMany(again.map(({ receipt }) => ({ receipt })));
    await broker.configureQueue('orders', { maxReceiveCount: 9 });
    await eventually('the change is known', async () => (await broker.getQueue('orders')).attributes.maxReceiveCount === 9);
    const [a1] = await receive({ max: 1 });
    expect(a1?.body).to.equal('a1');
    await broker.extend(a1?.receipt ?? '', 0);
    expect(bodies(await receive({ max: 2 }))).to.equal('a1 a2');
  });

  it('refuses an acknowledgement after the visibility has ended, although nobody else has the message', async () => {
    await send('a1');
    const [message] = await receive({ visibilityTimeoutSeconds: 0 });
    await eventually('its visibility is over', async () => (await broker.stats('orders')).waiting === 1);
    expect(await codeOf(broker.ack(message?.receipt ?? ''))).to.equal('HOLDFAST_RECEIPT_STALE');
    const again = await receive();
    await ackAll(again);
    expect(await codeOf(broker.ack(again[0]?.receipt ?? ''))).to.equal('HOLDFAST_MESSAGE_GONE');
  });

  it('answers a repeated send with the first message, by its id, its body or the key of the call', async () => {
    const first = await broker.send('orders', { body: 'x', group: 'a', deduplicationId: 'one' });
    expect(await broker.send('orders', { body: 'y', group: 'b', deduplicationId: 'one' })).to.deep.equal(first);
    const keyed = { body: 'k', group: 'a' };
    const sent = await broker.send('orders', keyed, { idempotencyKey: 'key' });
    await ackAll(await receive());
    expect(await broker.send('orders', { body: 'z', group: 'a', deduplicationId: 'one' })).to.deep.equal(first);
    expect(await broker.send('orders', keyed, { idempotencyKey: 'key' })).to.deep.equal(sent);
    expect(await receive()).to.deep.equal([]);
    await broker.createQueue('content', { fifo: true, contentBasedDeduplication: true });
    const bySame = await broker.sendMany('content', [{ body: 'same', group: 'a' }, { body: 'same', group: 'b' }, { body: 'other', group: 'a' }]); // prettier-ignore
    expect(bySame[1]).to.deep.equal(bySame[0]);
    expect(bodies(await broker.receive('content', { max: 10 }))).to.equal('same other');
  });

  it('takes a deduplication id in each group by itself, where its scope is the group', async () => {
    await broker.createQueue('scoped', { fifo: true, deduplicationScope: 'group' });
    const sent = await broker.sendMany('scoped', ['ab c', 'a bc', 'a bc', 'b bc'].map((body) => ({ body, group: body.split(' ')[0] ?? '', deduplicationId: body.split(' ')[1] ?? '' }))); // prettier-ignore
    expect(sent[2]).to.deep.equal(sent[1]);
    expect((await broker.receive('scoped', { max: 10 })).map(({ body }) => body).sort()).to.deep.equal(['a bc', 'ab c', 'b bc']);
  });

  it('gives a receive that is repeated the same messages and receipts, until one of them is settled', async () => {
    await send('a1 a2 b1 b2 c1');
    const first = await receive({ max: 3, attemptId: 'try' });
    const other = new Broker(await opening.open());
    expect(await other.receive('orders', { max: 3, attemptId: 'try' })).to.deep.equal(first);
    await broker.ack(first[0]?.receipt ?? '');
    const fresh = await receive({ max: 10, attemptId: 'try' });
    expect(fresh.some(({ id }) => first.some((message) => message.id === id))).to.equal(false);
    expect(fresh).to.have.lengthOf(1);
  });

  it('unlocks the group of a message that becomes a dead letter, and returns dead letters in order', async () => {
    await send('a1 a2 a3');
    for (let count = 1; count <= 2; count += 1) await broker.releaseMany((await receive({ max: 2 })).map(({ receipt }) => ({ receipt })));
    expect(bodies(await receive({ waitSeconds: 20 }))).to.equal('a3');
    const { messages } = await broker.peek('orders.dlq');
    expect(bodies(messages)).to.equal('a2 a1');
    expect(messages[1]).to.deep.include({ group: 'a', receiveCount: 2 });
    expect(messages[1]?.deadLetter).to.deep.include({ from: 'orders', reason: 'max-receive-count' });
    expect((await broker.getQueue('orders.dlq')).attributes.fifo).to.equal(true);
    expect(await broker.stats('orders')).to.deep.include({ dead: 2, inFlight: 1 });
    expect(await broker.redrive('orders')).to.deep.equal({ moved: 2 });
    expect(bodies((await broker.peek('orders', { state: 'waiting' })).messages.reverse())).to.equal('a1 a2');
  });

  it('moves a rejected message to the dead letters', async () => {
    await send('a1 a2');
    const [a1] = await receive({ max: 1 });
    await broker.deadLetter(a1?.receipt ?? '', { reason: 'no-such-order' });
    expect(bodies(await receive())).to.equal('a2');
    const [dead] = await broker.receive('orders.dlq');
    expect(dead).to.deep.include({ body: 'a1', receiveCount: 2, group: 'a' });
    expect(dead?.deadLetter?.reason).to.equal('no-such-order');
  });

  it('is peeked at, paused, purged and deleted like others', async () => {
    await send('a1 a2 b1');
    await receive({ max: 1 });
    const all = (await broker.peek('orders')).messages;
    expect(bodies(all.filter(({ group }) => group === 'a'))).to.equal('a2 a1');
    expect(all).to.have.lengthOf(3);
    expect(bodies((await broker.peek('orders', { state: 'in-flight' })).messages)).to.equal('a1');
    const page = await broker.peek('orders', { limit: 2 });
    expect(bodies((await broker.peek('orders', { limit: 2, after: page.next ?? '' })).messages)).to.equal(bodies(all.slice(2)));
    await broker.pause('orders');
    expect(await receive()).to.deep.equal([]);
    await broker.resume('orders');
    expect(bodies(await receive())).to.equal('b1');
    expect(await broker.purge('orders')).to.deep.equal({ removed: 3 });
    await send('a3');
    expect(bodies(await receive())).to.equal('a3');
    await broker.deleteQueue('orders');
    expect(await codeOf(receive())).to.equal('HOLDFAST_QUEUE_UNKNOWN');
  });

  it('refuses a message without a group or with a delay, and keeps its kind', async () => {
    expect(await codeOf(broker.send('orders', { body: 1 }))).to.equal('HOLDFAST_OPTION_INVALID');
    expect(await codeOf(broker.send('orders', { body: 1, group: 'a', delaySeconds: 1 }))).to.equal('HOLDFAST_OPTION_INVALID');
    expect(await codeOf(broker.send('orders', { body: 1, group: 'a b' }))).to.equal('HOLDFAST_OPTION_INVALID');
    expect(await codeOf(broker.configureQueue('orders', { fifo: false }))).to.equal('HOLDFAST_OPTION_INVALID');
    expect(await codeOf(broker.createQueue('orders', { fifo: false }))).to.equal('HOLDFAST_QUEUE_EXISTS');
    await broker.createQueue('plain', {});
    await broker.send('plain', { body: 1, group: 'a' });
    const [message] = await broker.receive('plain', { waitSeconds: 20 });
    expect(message).to.deep.include({ body: 1, group: 'a' });
    await broker.configureQueue('orders', { deadLetterQueue: 'plain' });
  });
});
