import { expect } from 'chai';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { Opening } from '../support/stores';
import { claim, message, QUEUE, remove, send, texts } from './fifoSamples';
import { idsOf, pause, the } from './samples';

/** The contract of what is read of FIFO queues, and of their purge. */
export function fifoReads(opening: Opening): void {
  describe('a FIFO queue', () => {
    let store: FifoStore;
    beforeEach(async () => (store = (await opening.database()).fifo));

    it('is listed in the order of sending, and page by page', async () => {
      const ids = idsOf(await send(store, 'a1 b1 a2 b2 a3'));
      await claim(store, 1);
      const first = await store.list({ queue: QUEUE, order: 'first', limit: 3 });
      expect([idsOf(first.tasks), first.next]).to.deep.equal([ids.slice(0, 3), ids[2]]);
      expect(first.tasks.map(({ state }) => state)).to.include('running');
      const rest = await store.list({ queue: QUEUE, order: 'first', limit: 3, after: the(ids[2]) });
      expect([idsOf(rest.tasks), rest.next]).to.deep.equal([ids.slice(3), null]);
      expect(idsOf((await store.list({ queue: QUEUE, order: 'newest', limit: 2 })).tasks)).to.deep.equal(ids.slice(3).reverse());
      expect(texts(await store.find(QUEUE, [the(ids[1])]))).to.equal('b1');
    });

    it('is counted, and tells what is overdue', async () => {
      await send(store, 'a1 a2');
      await pause(5);
      await send(store, 'b1');
      await store.send(QUEUE, [message('c', 'c1', null, 60_000)]);
      const tasks = await claim(store, 2);
      const tally = await store.tally(QUEUE, 100);
      expect(tally).to.deep.include({ waiting: 1, delayed: 1, inFlight: 2 });
      expect(tally.since).to.be.an.instanceOf(Date);
      expect((await store.tally(QUEUE, 1)).inFlight).to.equal(1);
      const isTaken = (text: string): boolean => texts(tasks).includes(text);
      const left = (await store.overdue(QUEUE, 0, 10)).length;
      expect(left).to.equal(isTaken('a1') ? 2 : 3);
      expect(await store.overdue(QUEUE, 60_000, 10)).to.deep.equal([]);
    });

    it('that is purged forgets its messages, its groups and what it deduplicated', async () => {
      await store.send(QUEUE, [message('a', 'a1', 'key'), message('a', 'a2'), message('b', 'b1')]);
      const tasks = await claim(store, 1);
      await store.send('other.fifo', [message('a', 'o1', 'key')]);
      await pause(2);
      let removed = 0;
      for (let part = -1; part !== 0; removed += part) part = await store.purge(QUEUE, new Date(Date.now() + 1_000));
      expect(removed).to.equal(3);
      expect(await remove(store, tasks)).to.deep.equal(['lost']);
      expect(await store.nextDueMs([QUEUE])).to.equal(null);
      expect((await store.send(QUEUE, [message('a', 'a3', 'key')]))[0]?.added).to.equal(true);
      expect(texts(await claim(store))).to.equal('a3');
      expect((await store.tally('other.fifo', 10)).waiting).to.equal(1);
    });

    it('of another namespace is another one', async () => {
      const elsewhere = (await opening.database({}, { namespace: 'other' })).fifo;
      await send(store, 'a1');
      expect(texts(await claim(elsewhere))).to.equal('');
      expect(await elsewhere.nextDueMs([QUEUE])).to.equal(null);
      expect((await elsewhere.send(QUEUE, [message('a', 'x1')]))[0]?.added).to.equal(true);
      expect((await claim(elsewhere)).map(({ queue, payload }) => [queue, payload])).to.deep.equal([[QUEUE, '"x1"']]);
    });
  });
}
