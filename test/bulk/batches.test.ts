import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { batchOf } from '../../modules/bulk/batchRow';
import { endChildren, startFixture } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const COUNT = 2_000;

forEachStore('A batch', (opening) => {
  afterEach(endChildren);

  it('is finished by another process if its own is killed', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'mail');
    await queue.addMany(Array.from({ length: COUNT }, () => ({ name: 'welcome', payload: {} })));
    await queue.add('other', {});
    const child = startFixture('batcher', { url: opening.url, ratePerSecond: 500 });
    const begun = await eventually('a part was done', async () => (await store.batches.list()).find(({ changed }) => changed > 0));
    child.kill('SIGKILL');
    await child.ended;
    const stored = await store.parts.records.read('batch', begun.id);
    expect((await queue.counts()).waiting).to.be.within(2, COUNT);
    // The time in which its process may come back is over.
    const value = JSON.stringify({ ...batchOf(stored ?? ({ value: '{}' } as never)), heldUntilMs: 0 });
    expect(await store.parts.records.write({ kind: 'batch', key: begun.id, value, rev: stored?.rev ?? 0 })).to.equal(true);
    store.parts.resumer.look();
    const ended = await eventually('the batch has ended', async () => (await store.batches.list()).find(({ state }) => state !== 'running'));
    expect(ended).to.include({ id: begun.id, state: 'done' });
    expect(ended.changed).to.be.within(COUNT - 500, COUNT);
    expect((await queue.counts()).waiting).to.equal(1);
  });

  it('is left to others by a store that closes, and gone on with by the next one', async () => {
    let store = await opening.open();
    const queue = new Queue(store, 'mail');
    await queue.addMany(Array.from({ length: COUNT }, () => ({ name: 'welcome', payload: {} })));
    const { id } = await store.batches.start({ action: 'cancel', search: 'queue:mail', ratePerSecond: 1_000 });
    await eventually('a part was done', async () => ((await store.batches.get(id))?.changed ?? 0) > 0);
    await store.close();
    store = await opening.open();
    store.parts.resumer.look();
    const ended = await eventually('the batch has ended', async () => {
      const batch = await store.batches.get(id);
      return batch?.state === 'running' ? undefined : batch;
    });
    expect(ended).to.include({ state: 'done', changed: COUNT });
  });
});
