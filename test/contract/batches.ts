import { expect } from 'chai';
import type { Store } from '../../classes/store/store';
import type { BatchView } from '../../modules/bulk/batchRow';
import { batchOf } from '../../modules/bulk/batchRow';
import type { Database } from '../../modules/ports/database';
import type { NewTask } from '../../modules/task/task';
import { eventually } from '../support/eventually';
import type { Opening } from '../support/stores';
import { claim, idsOf, sample, samples, settlement, the } from './samples';

const MINUTE = 60_000;

/** The contract of batches: actions on all tasks that match a search. */
export function batches(opening: Opening): void {
  let database: Database;
  let store: Store;
  beforeEach(async () => {
    database = await opening.database();
    store = opening.storeOn(database);
  });
  describe('batches', () => {
    describe('of each action', () =>
      actionSuite(
        () => store,
        () => database,
      ));
    describe('beside others', () =>
      besideSuite(
        () => store,
        () => database,
        () => opening.storeOn(database),
      ));
  });
}

/** Waits for the end of a batch. */
const endOf = (store: Store, { id }: BatchView): Promise<BatchView> =>
  eventually('the batch has ended', async () => {
    const batch = the(await store.batches.get(id));
    return batch.state === 'running' ? undefined : batch;
  });

async function kill(database: Database, added: readonly NewTask[]): Promise<void> {
  await database.tasks.insert(added.map((task) => ({ ...task, priority: 0 })));
  const queues = [...new Set(added.map(({ queue }) => queue))];
  const claimed = await claim(database.tasks, { queues, limit: added.length });
  await database.tasks.settle(claimed.map((task) => settlement(task, { state: 'dead', keepMs: 10 * MINUTE })));
}

const countOf = async (store: Store, text: string): Promise<number> => (await store.countMatching(text)).count;

function actionSuite(store: () => Store, database: () => Database): void {
  it('redrive the dead tasks that match, in all queues, and nothing else', async () => {
    const wanted = Array.from({ length: 30 }, (_, at) => sample({ queue: `q${at % 3}`, payload: '{"tenant":"acme"}' }));
    const others = samples(10, { payload: '{"tenant":"other"}' });
    await kill(database(), [...wanted, ...others]);
    const started = await store().batches.start({ action: 'redrive', search: 'payload.tenant:acme', by: 'ann' });
    expect(started).to.deep.include({ action: 'redrive', search: 'payload.tenant:acme', by: 'ann', state: 'running', endedAt: null, within: null });
    expect(started.expected).to.deep.equal({ count: 30, isExact: true });
    const ended = await endOf(store(), started);
    expect(ended).to.include({ state: 'done', seen: 30, changed: 30, clashed: 0, error: null });
    expect(the(ended.endedAt).getTime()).to.be.at.least(ended.startedAt.getTime());
    expect(await countOf(store(), 'state:waiting')).to.equal(30);
    expect(await countOf(store(), 'state:dead')).to.equal(10);
  });

  it('retry waiting and dead tasks at once', async () => {
    await kill(database(), samples(3));
    await database().tasks.insert(samples(4, { due: { delayMs: 60 * MINUTE } }));
    const ended = await endOf(store(), await store().batches.start({ action: 'retry', search: '' }));
    expect(ended.changed).to.equal(7);
    expect(await countOf(store(), 'due:<1m')).to.equal(7);
  });

  it('cancel waiting and running tasks, within the queues that are named', async () => {
    await database().tasks.insert([...samples(5, { queue: 'a' }), ...samples(5, { queue: 'b' })]);
    await claim(database().tasks, { queues: ['a'], limit: 2 });
    const ended = await endOf(store(), await store().batches.start({ action: 'cancel', search: '', within: ['a'] }));
    expect(ended).to.deep.include({ changed: 5, within: ['a'] });
    expect(await countOf(store(), 'state:cancelled')).to.equal(5);
    expect(await countOf(store(), 'state:waiting queue:b')).to.equal(5);
  });

  it('remove all but running tasks', async () => {
    await database().tasks.insert(samples(6));
    await claim(database().tasks, { limit: 2 });
    const ended = await endOf(store(), await store().batches.start({ action: 'remove', search: 'queue:q' }));
    expect(ended).to.deep.include({ expected: { count: 4, isExact: true }, changed: 4 });
    expect(await countOf(store(), '')).to.equal(2);
  });

  it('leave a task whose unique key a live one has', async () => {
    await kill(database(), [sample({ uniqueKey: 'k' })]);
    await database().tasks.insert([sample({ uniqueKey: 'k' })]);
    expect(await endOf(store(), await store().batches.start({ action: 'redrive', search: 'key:k' }))).to.include({ seen: 1, changed: 0, clashed: 1 });
  });

  it('tell who did what to how many', async () => {
    await database().tasks.insert(samples(3));
    const told: unknown[] = [];
    for (const event of ['batch-started', 'batch-ended'] as const) store().events.on(event, (one) => void told.push([event, one]));
    const { id } = await endOf(store(), await store().batches.start({ action: 'cancel', search: 'name:work', by: 'ann' }));
    await eventually('both events were told', () => told.length === 2);
    const common = { id, action: 'cancel', search: 'name:work', by: 'ann' };
    expect(told).to.deep.equal([
      ['batch-started', { ...common, expected: { count: 3, isExact: true } }],
      ['batch-ended', { ...common, state: 'done', seen: 3, changed: 3, clashed: 0 }],
    ]);
  });

  it('refuse a search that cannot be read, an action that there is not, and an id that nobody has', async () => {
    const codeOf = (call: Promise<unknown>): Promise<unknown> =>
      call.then(
        () => null,
        (error: { code: string }) => error.code,
      );
    expect(await codeOf(store().batches.start({ action: 'remove', search: 'state:' }))).to.equal('HOLDFAST_SEARCH_INVALID');
    expect(await codeOf(store().batches.start({ action: 'drop' as never, search: '' }))).to.equal('HOLDFAST_OPTION_INVALID');
    expect(await codeOf(store().batches.stop(sample().id))).to.equal('HOLDFAST_BATCH_MISSING');
    expect(await store().batches.get(sample().id)).to.equal(null);
    expect(await store().batches.list()).to.deep.equal([]);
  });
}

function besideSuite(store: () => Store, database: () => Database, another: () => Store): void {
  it('leave alone what is added after their start', async () => {
    await database().tasks.insert(samples(600));
    const started = await store().batches.start({ action: 'remove', search: '', ratePerSecond: 2_000 });
    await new Promise((wake) => setTimeout(wake, 20));
    await database().tasks.insert(samples(50));
    expect((await endOf(store(), started)).changed).to.equal(600);
    expect(await countOf(store(), '')).to.equal(50);
  });

  it('do not both win on one task', async () => {
    await kill(database(), samples(500));
    const two = [store(), another()];
    const started = await Promise.all(two.map((one) => one.batches.start({ action: 'redrive', search: 'state:dead' })));
    const ended = await Promise.all(started.map((batch, at) => endOf(the(two[at]), batch)));
    expect(ended.map(({ state }) => state)).to.deep.equal(['done', 'done']);
    expect(ended.reduce((total, { changed }) => total + changed, 0)).to.equal(500);
    const { tasks } = await database().tasks.list({ queue: 'q', limit: 1_000 });
    expect(new Set(tasks.map(({ rev }) => rev))).to.deep.equal(new Set([1]));
  });

  it('stop after the part under way, and are listed with the newest first', async () => {
    await database().tasks.insert(samples(400));
    const first = await store().batches.start({ action: 'remove', search: '', ratePerSecond: 40 });
    await eventually('a part was done', async () => (the(await store().batches.get(first.id)).changed > 0 ? true : undefined));
    // Any process may stop it.
    await another().batches.stop(first.id);
    const ended = await endOf(store(), first);
    expect(ended.state).to.equal('stopped');
    expect(ended.changed).to.be.within(1, 399);
    expect(await countOf(store(), '')).to.equal(400 - ended.changed);
    const second = await endOf(store(), await store().batches.start({ action: 'remove', search: '' }));
    expect(idsOf(await store().batches.list())).to.deep.equal([second.id, first.id]);
    expect((await store().batches.stop(first.id)).state).to.equal('stopped');
  });

  it('are gone on with where their process ends', async () => {
    await database().tasks.insert(samples(600));
    const { id } = await store().batches.start({ action: 'remove', search: '', ratePerSecond: 600 });
    await eventually('a part was done', async () => (the(await store().batches.get(id)).changed > 0 ? true : undefined));
    const { value, rev } = the(await database().records.read('batch', id));
    // As if its process had been killed a minute ago: the record says so, and its run finds that it has lost it.
    const left = { ...batchOf({ value } as never), heldBy: 'killed', heldUntilMs: 0, ratePerSecond: undefined };
    const isLeft = await database().records.write({ kind: 'batch', key: id, value: JSON.stringify(left), rev });
    const other = another();
    if (isLeft) other.parts.resumer.look();
    const ended = await endOf(other, { id } as BatchView);
    expect(ended).to.include({ state: 'done' });
    expect(await countOf(other, '')).to.equal(0);
  });
}
