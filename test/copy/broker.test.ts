import { join } from 'node:path';
import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import { Copying } from '../../classes/copy/copying';
import type { CopyReport } from '../../classes/copy/copying';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { withUrl } from '../support/copyParts';
import { forMongo, forSqlite } from '../support/stores';
import { forSqliteFile } from './pairs';
import type { Pair } from './pairs';

function copiesOfBroker(pair: () => Pair): void {
  let source: Store;
  let target: Store;
  const copy = (from = source, to = target): Promise<CopyReport> =>
    new Copying(from, to, { onMoved: () => undefined, onTaken: () => undefined }).run();
  const messages = Array.from({ length: 25 }, (_, at) => ({ body: at, group: `g${at % 3}` }));
  const bodiesOf = (received: readonly { readonly body: unknown }[]): unknown[] => received.map(({ body }) => body);
  const inOrder = messages.map(({ body }) => body);

  beforeEach(async () => {
    source = await openStore(pair().from);
    target = await openStore(pair().to);
    const broker = new Broker(source);
    await broker.createQueue('orders', { fifo: true, visibilityTimeoutSeconds: 77 }, { team: 'shop' });
    await broker.createQueue('mail', { maxReceiveCount: 9 });
    await broker.sendMany('orders', messages);
    await broker.send('mail', { body: 'plain' });
    await broker.close();
  });

  afterEach(async () => {
    await source.close();
    await target.close();
  });

  it('moves its queues and their messages, each group in its order', async () => {
    expect(await copy()).to.deep.equal({ moved: 26, paused: 0, left: { waiting: 0, running: 0 }, stays: { schedules: 0, elsewhere: 0 } });
    const broker = new Broker(target);
    const { attributes, tags } = await broker.getQueue('orders');
    expect([attributes.fifo, attributes.visibilityTimeoutSeconds, tags]).to.deep.equal([true, 77, { team: 'shop' }]);
    expect((await broker.getQueue('mail')).attributes.maxReceiveCount).to.equal(9);
    expect(bodiesOf(await broker.receive('mail'))).to.deep.equal(['plain']);
    const received = await broker.receive('orders', { max: 100 });
    for (const group of ['g0', 'g1', 'g2'])
      expect(bodiesOf(received.filter((each) => each.group === group))).to.deep.equal(inOrder.filter((at) => `g${at % 3}` === group));
    expect(received).to.have.lengthOf(25);
    await broker.close();
  });

  it('leaves a group of which a consumer holds a message, and moves it later', async () => {
    const broker = new Broker(source);
    const [held] = await broker.receive('orders', { max: 1 });
    expect((await copy()).left).to.deep.equal({ waiting: 8, running: 1 });
    await broker.ack(held?.receipt ?? '');
    expect(await copy()).to.deep.include({ moved: 8, left: { waiting: 0, running: 0 } });
    await broker.close();
  });

  it('loses no message where both URLs lead to one store', async () => {
    expect(await copy(source, withUrl(source, 'mongodb://an-alias/db'))).to.deep.include({ moved: 0, left: { waiting: 26, running: 0 } });
    const broker = new Broker(source);
    expect(await broker.receive('orders', { max: 100 })).to.have.lengthOf(25);
    await broker.close();
  });
}

forMongo('a copy of a broker from a SQLite file', (opening) => {
  forSqliteFile((url) => copiesOfBroker(() => ({ from: url(), to: opening.url })));
});

forMongo('a copy of a broker to a SQLite file', (opening) => {
  forSqliteFile((url) => copiesOfBroker(() => ({ from: opening.url, to: url() })));
});

forSqlite('a copy of a broker to another file', (opening) => {
  copiesOfBroker(() => ({ from: opening.url, to: `sqlite:${join(opening.path, '../other.db')}` }));
});
