import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { addFailures, countedBy, rowOfFailure } from '../../modules/statistics/failureRow';
import type { FailureRow } from '../../modules/statistics/failureRow';
import type { TaskHead } from '../../modules/task/task';
import { refusalOf } from '../support/eventually';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

const onEachStore = (title: string, define: (opening: Opening) => void): void => {
  forEachStore(title, define);
  forReference(title, define);
};

interface Payload {
  readonly fault?: string;
}

const send = ({ payload }: { readonly payload: unknown }): void => {
  const { fault } = payload as Payload;
  if (fault !== undefined) throw new Error(fault);
};

const work = async (store: Store, queue: string): Promise<void> => {
  const worker = new Worker(store, { queues: [queue], handlers: { send } });
  await worker.drain();
  await worker.stop();
  await store.parts.statisticsWriter?.flush();
};

const addAll = (store: Store, queue: string, faults: readonly (string | undefined)[], maxRetries = 1): Promise<unknown> => {
  const specs = faults.map((fault) => ({ name: 'send', payload: fault === undefined ? {} : { fault }, options: { maxRetries } }));
  return new Queue(store, queue).addMany(specs);
};

onEachStore('The failures of a store', (opening) => {
  it('are counted by cause, with a sample, over all processes and queues', async () => {
    const [one, other] = [await opening.open(), await opening.open()];
    await addAll(one, 'mail', ['user 1 is unknown', 'user 22 is unknown', 'disk full', undefined]);
    await work(one, 'mail');
    await addAll(other, 'bills', ['user 3 is unknown']);
    await work(other, 'bills');
    const groups = await one.failures.list();
    expect(groups).to.have.lengthOf(2);
    const unknown = groups.find(({ count }) => count === 3);
    expect(unknown).to.deep.include({ name: 'Error', names: [{ queue: 'mail', name: 'send', count: 2 }, { queue: 'bills', name: 'send', count: 1 }] }); // prettier-ignore
    expect(unknown?.message).to.equal('user 3 is unknown');
    expect(unknown?.at).to.match(/^send \(statistics\/failures\.test\./);
    expect(unknown?.sample).to.include({ queue: 'bills', name: 'send' });
    expect(unknown && unknown.firstAt <= unknown.lastAt).to.equal(true);
    const { recent = [] } = unknown ?? {};
    expect(recent.reduce((sum, { count }) => sum + count, 0)).to.equal(3);
    expect(recent.every(({ at }) => at.getTime() % 600_000 === 0 && at <= (unknown?.lastAt ?? 0))).to.equal(true);
    expect((await one.failures.list({ queue: 'bills' })).map(({ group }) => group)).to.deep.equal([unknown?.group]);
    expect(await one.failures.list({ name: 'print' })).to.deep.equal([]);
    expect(await one.failures.list({ limit: 1 })).to.have.lengthOf(1);
  });

  it('lead to their tasks, a page at a time, whatever the other filters', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'mail');
    await addAll(store, 'mail', ['user 1 is unknown', 'disk full', 'user 2 is unknown', undefined, 'user 3 is unknown']);
    await addAll(store, 'mail', ['user 4 is unknown'], 3);
    await addAll(store, 'bills', ['user 5 is unknown']);
    await work(store, 'mail');
    await work(store, 'bills');
    const group = (await store.failures.list()).find(({ message }) => message.startsWith('user'))?.group ?? '';
    const found = await queue.list({ failureGroup: group });
    expect(found.tasks.map(({ error }) => error?.message)).to.deep.equal([4, 3, 2, 1].map((n) => `user ${n} is unknown`));
    expect(found.tasks.every(({ error }) => error?.group === group)).to.equal(true);
    expect((await queue.list({ failureGroup: group, states: ['dead'], name: 'send' })).tasks).to.have.lengthOf(3);
    expect((await queue.list({ failureGroup: group, states: ['waiting'] })).tasks).to.have.lengthOf(1);
    const first = await queue.list({ failureGroup: group, limit: 3 });
    const rest = await queue.list({ failureGroup: group, limit: 3, after: first.next ?? '' });
    expect([...first.tasks, ...rest.tasks].map(({ id }) => id)).to.deep.equal(found.tasks.map(({ id }) => id));
    expect((await refusalOf(() => queue.list({ failureGroup: 'no' }))).code).to.equal('HOLDFAST_OPTION_INVALID');
  });

  it('are told by events, and are not counted where the store was opened without statistics', async () => {
    const store = await opening.open({ statistics: false });
    const told: (string | undefined)[] = [];
    store.events.on('task-dead', ({ error }) => told.push(error.group));
    await addAll(store, 'mail', ['user 1 is unknown', 'user 2 is unknown']);
    await work(store, 'mail');
    expect(told).to.have.lengthOf(2);
    expect([told[0] === told[1], typeof told[0]]).to.deep.equal([true, 'string']);
    expect(await store.failures.list()).to.deep.equal([]);
  });

  it('are counted once each by processes that count at once', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => opening.open()));
    await Promise.all(stores.map((store, at) => addAll(store, `q${at}`, ['no 1', 'no 2'])));
    for (const [at, store] of stores.entries()) {
      const worker = new Worker(store, { queues: [`q${at}`], handlers: { send } });
      await worker.drain();
      await worker.stop();
    }
    await Promise.all(stores.map((store) => store.parts.statisticsWriter?.flush() ?? Promise.resolve()));
    await Promise.all(stores.map((store) => store.parts.statisticsWriter?.flush() ?? Promise.resolve()));
    expect((await (stores[0] as Store).failures.list()).map(({ count }) => count)).to.deep.equal([6]);
  });
});

describe('The steps of failures', () => {
  const failed = (message: string, atMs: number): FailureRow =>
    countedBy(rowOfFailure({ id: 'a', queue: 'mail', name: 'send' } as TaskHead, { name: 'Error', message }, 0), atMs);
  const atMs = Date.parse('2026-11-30T12:34:56Z');

  it('add up what several processes counted, and forget what is a day older than the last one', () => {
    const [first, second] = [failed('one', atMs), failed('two', atMs + 60_000)];
    const twice = addFailures(first, second);
    expect(twice.recent).to.deep.equal([[Date.parse('2026-11-30T12:30:00Z'), 2]]);
    const later = addFailures(twice, failed('three', atMs + 86_400_000 - 600_000));
    expect(later.recent.map(([, count]) => count)).to.deep.equal([2, 1]);
    expect(addFailures(later, failed('four', atMs + 86_400_000)).recent.map(([, count]) => count)).to.deep.equal([1, 1]);
  });
});
