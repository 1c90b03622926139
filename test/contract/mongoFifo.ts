import { expect } from 'chai';
import type { FifoStore } from '../../modules/ports/fifoStore';
import type { MongoOpening } from '../support/stores';
import { claim, message, QUEUE, texts } from './fifoSamples';

const GROUPS = 'holdfast_fifo_groups';
const MINUTE = 60_000;

/** What holds for FIFO queues on MongoDB, where a send is several writes. */
export function mongoFifo(opening: MongoOpening): void {
  describe('a FIFO queue whose sender was stopped between its writes', () => {
    let store: FifoStore;
    beforeEach(async () => (store = (await opening.database()).fifo));

    const groups = () => opening.db().collection(GROUPS);

    /** Lets a send write its message, and not the group after it. */
    async function stoppedSend(): Promise<void> {
      await groups().insertOne({});
      await groups().deleteMany({});
      await opening.db().command({ collMod: GROUPS, validator: { readyAt: { $exists: false } } });
      await store.send(QUEUE, [message('a', 'a1')]).then(
        () => expect.fail('it was written whole'),
        (error: unknown) => expect(String(error)).to.include('validation'),
      );
      await opening.db().command({ collMod: GROUPS, validator: {} });
    }

    const age = () =>
      opening
        .db()
        .collection('holdfast_records')
        .updateMany({}, { $set: { createdAt: new Date(Date.now() - MINUTE) } });

    it('hands out its message once a living process has repaired the group, and not before the sender is taken for dead', async () => {
      await stoppedSend();
      await store.repair();
      expect(texts(await claim(store))).to.equal('');
      await age();
      await store.repair();
      expect(texts(await claim(store))).to.equal('a1');
    });

    it('hands it out as well if the group was deleted meanwhile', async () => {
      await stoppedSend();
      await groups().deleteMany({});
      await age();
      await store.repair();
      expect(texts(await claim(store))).to.equal('a1');
    });

    it('goes on by the next send to the group, which comes behind it', async () => {
      await stoppedSend();
      await store.send(QUEUE, [message('a', 'a2')]);
      await age();
      await store.repair();
      expect(texts(await claim(store))).to.equal('a1 a2');
    });
  });
}
