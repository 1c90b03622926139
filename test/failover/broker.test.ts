import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import type { ReceivedMessage } from '../../modules/broker/brokerTypes';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { eventually } from '../support/eventually';
import { onReplicaSet } from './ownSet';

/** Sends confirmed messages until told to stop, each under a key, so that a send whose answer stayed away can be repeated. */
async function produce(broker: Broker, name: string, sent: Set<string>, isOver: () => boolean): Promise<void> {
  for (let at = 0; !isOver(); at += 1) {
    for (;;) {
      const id = await broker.send('orders', { body: at }, { idempotencyKey: `${name}-${at}` }).then((answer) => answer.id, () => null); // prettier-ignore
      if (id !== null && sent.add(id)) break;
    }
  }
}

/** The confirmed acknowledgements, each with the count of its receive, and the highest count that each message was received with. */
interface Seen {
  readonly acked: Map<string, number>;
  readonly received: Map<string, number>;
}

async function consume(broker: Broker, { acked, received }: Seen, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const messages = await broker.receive('orders', { max: 10, waitSeconds: 1, visibilityTimeoutSeconds: 2 }).catch((): ReceivedMessage[] => []);
    for (const { id, receiveCount } of messages) received.set(id, Math.max(receiveCount, received.get(id) ?? 0));
    const acks = await Promise.all(messages.map(({ receipt }) => broker.ack(receipt).then(() => true, () => false))); // prettier-ignore
    messages.forEach(({ id, receiveCount }, at) => acks[at] && acked.set(id, receiveCount));
  }
}

onReplicaSet('A broker whose primary is killed under load', (own) => {
  const stores: Store[] = [];
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });

  it('loses no confirmed message, and undoes no confirmed acknowledgement', async () => {
    const url = own.set.uri(own.freshName());
    const open = async (): Promise<Broker> => {
      const store = await openStore({ url, callTimeoutMs: 1_000 });
      stores.push(store);
      return new Broker(store);
    };
    const [first, second] = [await open(), await open()];
    await first.createQueue('orders', { maxReceiveCount: 1_000 });
    const sent = new Set<string>();
    const seen: Seen = { acked: new Map(), received: new Map() };
    let [isSending, isOver] = [true, false];
    const producing = [produce(first, 'a', sent, () => !isSending), produce(second, 'b', sent, () => !isSending)];
    const consuming = [first, second, first].map((broker) => consume(broker, seen, () => isOver));
    await eventually('some were acknowledged', () => seen.acked.size > 50);
    const primary = await own.primary();
    await primary.kill();
    const before = seen.acked.size;
    await eventually('others were acknowledged after the election', () => seen.acked.size > before + 50);
    await primary.start();
    isSending = false;
    await Promise.all(producing);
    // An acknowledgement whose answer stayed away may have been carried out, so not every message has a confirmed one.
    await eventually('all sent ones were received', () => [...sent].every((id) => seen.received.has(id)));
    await eventually('none is left', async () => (await first.peek('orders')).messages.length === 0);
    isOver = true;
    await Promise.all(consuming);
    const undone = [...seen.acked].filter(([id, count]) => (seen.received.get(id) ?? 0) > count);
    expect(undone).to.deep.equal([]);
  });
});
