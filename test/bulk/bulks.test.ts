import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { HOUR } from '../../constants/limits';
import type { TaskContext } from '../../modules/worker/taskContext';
import { claim, settlement } from '../contract/samples';
import { codeOfAbort, eventually, makeGate } from '../support/eventually';
import { forEachStore } from '../support/stores';

forEachStore('Actions on many tasks', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  const addMany = async (count: number, options = {}): Promise<string[]> => {
    const added = await queue.addMany(Array.from({ length: count }, () => ({ name: 'welcome', payload: {}, options })));
    return added.map(({ id }) => id);
  };

  /** Adds tasks and lets them die. */
  async function addDead(count: number, options = {}): Promise<string[]> {
    const { tasks } = store.parts;
    const ids = await addMany(count, options);
    for (let left = count; left > 0;) {
      const batch = await claim(tasks, { queues: ['mail'] });
      await tasks.settle(batch.map((task) => settlement(task, { state: 'dead', keepMs: HOUR })));
      left -= batch.length;
    }
    return ids;
  }

  it('redrive chooses by name, tag and time, at a rate', async () => {
    await addDead(3);
    expect(await queue.redrive({ name: 'other' })).to.equal(0);
    expect(await queue.redrive({ tag: 'other' })).to.equal(0);
    expect(await queue.redrive({ finishedBefore: new Date(0) })).to.equal(0);
    expect(await queue.redrive({ name: 'welcome', finishedBefore: new Date(Date.now() + HOUR), ratePerSecond: 1_000 })).to.equal(3);
    expect(await queue.redrive({})).to.equal(0);
  });

  it('redrive takes thousands of ids', async () => {
    const ids = await addDead(2_500);
    expect(await queue.redrive([...ids, ...ids])).to.equal(2_500);
    expect((await queue.counts()).waiting).to.equal(2_500);
  });

  it('redrive leaves a task dead whose unique key is taken, and takes the others', async () => {
    const [taken = ''] = await addDead(1, { uniqueKey: 'taken' });
    await addDead(5);
    await queue.add('welcome', {}, { uniqueKey: 'taken', delayMs: HOUR });
    const told: number[] = [];
    expect(await queue.redrive({ onProgress: ({ clashed }) => told.push(clashed) })).to.equal(5);
    expect(told.at(-1)).to.equal(1);
    expect((await queue.get(taken))?.state).to.equal('dead');
  });

  it('purge takes running tasks away where asked, and their handlers are told', async () => {
    const began = makeGate();
    let code = '';
    const welcome = async ({ signal }: TaskContext): Promise<void> => {
      began.open();
      code = await codeOfAbort(signal);
    };
    await new Worker(store, { queues: ['mail'], leaseMs: 1_500, handlers: { welcome } }).start();
    const [id = ''] = await addMany(1);
    await began.opened;
    expect(await queue.purge({ states: ['running'] })).to.equal(1);
    expect(await queue.get(id)).to.equal(null);
    await eventually('the handler was told', () => code === 'HOLDFAST_LEASE_LOST');
  });

  it('a purge stops at its signal, and counts what it has removed', async () => {
    await addMany(1_500);
    const controller = new AbortController();
    const removed = await queue.purge({ signal: controller.signal, onProgress: () => controller.abort() });
    expect(removed).to.be.within(1, 1_000);
    expect((await queue.counts()).waiting).to.equal(1_500 - removed);
    expect(await queue.purge({ signal: AbortSignal.abort() })).to.equal(0);
  });

  it('a purge keeps to its rate', async () => {
    await addMany(40);
    const startedAt = performance.now();
    expect(await queue.purge({ ratePerSecond: 50 })).to.equal(40);
    // The last part is not waited for.
    expect(performance.now() - startedAt).to.be.greaterThan(200);
  });

  it('a purge by name leaves the others, and what is added meanwhile stays', async () => {
    await addMany(600);
    await queue.add('bill', {});
    let isFirst = true;
    const onProgress = (): void => {
      if (isFirst) void addMany(3);
      isFirst = false;
    };
    expect(await queue.purge({ name: 'welcome', onProgress })).to.equal(600);
    await eventually('the new ones stay', async () => (await queue.counts()).waiting === 4);
  });

  it('tells of each part that changed tasks', async () => {
    const told: string[] = [];
    store.events.on('tasks-changed', ({ queue: name, to, count }) => told.push(`${name} ${count} ${to}`));
    await addDead(3);
    await queue.redrive();
    await queue.purge();
    await queue.purge();
    expect(told).to.deep.equal(['mail 3 waiting', 'mail 3 removed']);
  });
});
