import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { operationOf } from '../../modules/bulk/operation';
import type { Operation } from '../../modules/bulk/operation';
import type { StoredRecord } from '../../modules/ports/recordStore';
import { endChildren, startFixture } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const COUNT = 4_000;
const RATE = 1_000;

const recordsOf = (store: Store): Promise<StoredRecord[]> => store.parts.records.list({ kind: 'bulk', prefix: '', limit: 10 });

/** Writes the record of an action that nobody carries out. */
async function leave(store: Store, operation: Partial<Operation> = {}): Promise<void> {
  const filter = { queue: 'mail', states: ['waiting'] };
  const value = { action: 'remove', filter, after: null, progress: { seen: 0, changed: 0, clashed: 0 }, heldUntilMs: 0, ...operation };
  await store.parts.records.write({ kind: 'bulk', key: 'left', value: JSON.stringify(value), rev: 0 });
}

forEachStore('A large bulk action', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  afterEach(endChildren);

  const add = (count: number): Promise<unknown> => queue.addMany(Array.from({ length: count }, () => ({ name: 'welcome', payload: {} })));

  const waiting = async (): Promise<number> => (await queue.counts()).waiting;

  it('is finished by another process if its own is killed', async () => {
    await add(COUNT);
    const child = startFixture('purger', { url: opening.url, ratePerSecond: RATE });
    const left = await eventually('a record was written', async () => (await recordsOf(store))[0]);
    child.kill('SIGKILL');
    await child.ended;
    expect(await waiting()).to.be.within(1, COUNT - 1);
    await add(3);
    // The time in which its process may come back is over.
    const last = (await store.parts.records.read('bulk', left.key)) ?? left;
    const value = JSON.stringify({ ...operationOf(last.value), heldUntilMs: 0 });
    expect(await store.parts.records.write({ kind: 'bulk', key: last.key, value, rev: last.rev })).to.equal(true);
    store.parts.resumer.look();
    await eventually('only what was added later stays', async () => (await waiting()) === 3);
    await eventually('the record is gone', async () => (await recordsOf(store)).length === 0);
  });

  it('has a record while it goes on, and none when it has ended', async () => {
    await add(1_500);
    const kept: number[] = [];
    const onProgress = (): void => void recordsOf(store).then(({ length }) => kept.push(length));
    expect(await queue.purge({ ratePerSecond: 500, onProgress })).to.equal(1_500);
    expect(kept).to.include(1);
    expect(await recordsOf(store)).to.deep.equal([]);
  });

  it('has no record when it was stopped', async () => {
    await add(1_500);
    const controller = new AbortController();
    const purging = queue.purge({ ratePerSecond: 500, signal: controller.signal });
    await eventually('a record was written', async () => (await recordsOf(store)).length === 1);
    controller.abort();
    expect(await purging).to.be.within(1, 1_499);
    expect(await recordsOf(store)).to.deep.equal([]);
  });

  it('is left alone while its process holds it', async () => {
    await add(10);
    await leave(store, { heldUntilMs: Date.now() + 600_000 });
    await store.parts.bulks.resume(new AbortController().signal);
    expect(await waiting()).to.equal(10);
  });

  it('is left to others by a process that stops', async () => {
    await add(500);
    await leave(store, { ratePerSecond: 100 });
    const changed = new Promise((tell) => store.events.on('tasks-changed', tell));
    store.parts.resumer.look();
    await changed;
    await store.close();
    store = await opening.open();
    const [record] = await recordsOf(store);
    expect(operationOf(record?.value ?? '{}')).to.have.property('heldUntilMs', 0);
    expect(operationOf(record?.value ?? '{}').progress.changed).to.be.greaterThan(0);
  });
});
