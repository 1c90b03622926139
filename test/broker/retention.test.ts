import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import { FifoSettling } from '../../classes/broker/fifoSettling';
import { QueueBook } from '../../classes/broker/queueBook';
import { Retention } from '../../classes/broker/retention';
import type { Store } from '../../classes/store/store';
import { mongoId } from '../../modules/mongo/uuid';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { uuidBytes } from '../../modules/task/uuidBytes';
import { forMongo, forSqlite } from '../support/stores';
import type { MongoOpening, Opening, SqliteOpening } from '../support/stores';

const LONG_AGO = new Date(Date.now() - 3_600_000);

function retentionSuite(opening: Opening, age: (id: string) => unknown): void {
  let store: Store;
  let broker: Broker;
  const told: unknown[] = [];
  beforeEach(async () => {
    told.length = 0;
    store = await opening.open();
    broker = new Broker(store);
    store.events.on('message-expired', ({ id }) => void told.push(id));
    await broker.createQueue('orders', { retentionSeconds: 60 });
  });

  const send = async (): Promise<string> => (await broker.send('orders', { body: 1 })).id;

  it('hands out no message that is past it, and tells of its end', async () => {
    const id = await send();
    await age(id);
    expect(await broker.receive('orders')).to.deep.equal([]);
    expect(told).to.deep.equal([id]);
  });

  it('removes what nobody asks for, and leaves what is younger or in flight', async () => {
    const held = await send();
    const [message] = await broker.receive('orders');
    const [old, young] = [await send(), await send()];
    await age(held);
    await age(old);
    const { parts } = store;
    const book = new QueueBook(parts.records, parts.clock, false);
    const retention = new Retention({ ...parts, book, storeNow: () => parts.schedules.now(), fifoSettling: new FifoSettling(parts) });
    await retention.run();
    expect(told).to.deep.equal([old]);
    expect((await broker.peek('orders')).messages.map(({ id }) => id)).to.have.members([held, young]);
    await broker.ack(message?.receipt ?? '');
  });
}

forSqlite('the retention of messages', (opening: SqliteOpening) => {
  retentionSuite(opening, (id) => {
    const DatabaseSync = loadSqlite();
    const database = new DatabaseSync(opening.path);
    const times = [LONG_AGO.getTime(), LONG_AGO.getTime(), uuidBytes(id)];
    database.prepare('UPDATE holdfast_tasks SET created_at = ?, available_at = ? WHERE id = ?').run(...times);
    database.close();
  });
});

forMongo('the retention of messages', (opening: MongoOpening) => {
  retentionSuite(opening, async (id) => {
    const times = { createdAt: LONG_AGO, availableAt: LONG_AGO };
    await opening
      .db()
      .collection('holdfast_tasks')
      .updateOne({ _id: mongoId(id) as never, queue: 'orders' }, { $set: times });
  });
});
