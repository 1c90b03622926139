import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { GONE_AFTER_MS } from '../../modules/roster/processRow';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { FakeClock } from '../support/fakeClock';

const onEachStore = (title: string, define: (opening: Opening) => void): void => {
  forEachStore(title, define);
  forReference(title, define);
};

const startIn = async (store: Store, queues: readonly string[], names: Record<string, () => unknown> = {}): Promise<Worker> => {
  const worker = new Worker(store, { queues: [...queues], handlers: names, maxConcurrency: 3, pollInterval: { minMs: 5, maxMs: 20 } });
  await worker.start();
  return worker;
};

onEachStore('The list of processes', (opening) => {
  it('shows every process with a worker, what it serves, has handlers for and runs', async () => {
    const [mine, other, viewer] = [await opening.open(), await opening.open(), await opening.open()];
    const gate = makeGate();
    const worker = await startIn(mine, ['mail', 'bills.*'], { welcome: () => gate.opened, remind: () => undefined });
    await startIn(other, ['reports']);
    const { id } = await new Queue(mine, 'mail').add('welcome', {});
    await eventually('the handler runs', () => worker.running === 1);
    mine.parts.beat.join({
      note: () => ({ id: 'second', queues: ['*'], maxConcurrency: 1, handles: [], running: [] }),
      noteDraining: () => undefined,
    });
    const seen = await eventually('both processes, and what one runs', async () => {
      const all = await viewer.processes.list();
      return all.length === 2 && all.find((each) => each.id === mine.processes.id && each.running === 1 && each.workers.length === 2);
    });
    expect(seen).to.deep.include({ pid: process.pid, isDraining: false, slots: 4 });
    expect(seen.version).to.match(/^\d/);
    expect(seen.workers[0]).to.deep.equal({ id: worker.id, queues: ['mail', 'bills.*'], maxConcurrency: 3, running: 1, handles: ['welcome', 'remind'], handlesMore: false }); // prettier-ignore
    expect(seen.tasks).to.have.lengthOf(1);
    expect(seen.tasks[0]).to.deep.include({ id, queue: 'mail', name: 'welcome', attempt: 1, workerId: worker.id });
    expect(seen.tasks[0]?.since.getTime()).to.be.at.most(seen.seenAt.getTime());
    gate.open();
  });

  it('ends with the last worker of a process', async () => {
    const [store, viewer] = [await opening.open(), await opening.open()];
    const [first, second] = [await startIn(store, ['a']), await startIn(store, ['b'])];
    await eventually('a row with both', async () => (await viewer.processes.list())[0]?.workers.length === 2);
    await first.stop();
    await eventually('a row with one', async () => (await viewer.processes.list())[0]?.workers.length === 1);
    await second.stop();
    await eventually('no row', async () => (await viewer.processes.list()).length === 0);
  });

  it('ends with the store of a process', async () => {
    const [store, viewer] = [await opening.open(), await opening.open()];
    await startIn(store, ['a']);
    await eventually('a row', async () => (await viewer.processes.list()).length === 1);
    await store.close();
    expect(await viewer.processes.list()).to.deep.equal([]);
  });

  it('is that of its namespace', async () => {
    const [store, elsewhere] = [await opening.open(), await opening.open({ namespace: 'other' })];
    await startIn(store, ['a']);
    await eventually('a row', async () => (await store.processes.list()).length === 1);
    expect(await elsewhere.processes.list()).to.deep.equal([]);
  });

  it('drains a process by its id or that of a worker: it ends what it runs and takes nothing more', async () => {
    const [store, viewer] = [await opening.open(), await opening.open()];
    const queue = new Queue(store, 'mail');
    const gate = makeGate();
    const worker = await startIn(store, ['mail'], { welcome: () => gate.opened });
    const told: unknown[] = [];
    store.events.on('worker-draining', (event) => told.push(event));
    const { id } = await queue.add('welcome', {});
    await eventually('the handler runs, and the row is there', async () => worker.running === 1 && (await viewer.processes.list()).length === 1);
    expect(await viewer.processes.drain(worker.id)).to.equal(true);
    store.parts.beat.join({ note: () => ({ id: 'x', queues: [], maxConcurrency: 1, handles: [], running: [] }), noteDraining: () => undefined });
    await eventually('told once', () => told.length === 1);
    expect(told).to.deep.equal([{ workerId: worker.id, running: 1 }]);
    const later = await queue.add('welcome', {});
    gate.open();
    await eventually('the running task ends', async () => (await queue.get(id))?.state === 'succeeded');
    expect(await viewer.processes.drain(store.processes.id)).to.equal(true);
    const second = await startIn(store, ['mail'], { welcome: () => undefined });
    await eventually('the second worker is told', () => told.length === 2);
    expect((await queue.get(later.id))?.state).to.equal('waiting');
    expect((await viewer.processes.list())[0]).to.include({ isDraining: true });
    await startIn(viewer, ['mail'], { welcome: () => undefined });
    await eventually('another process takes it', async () => (await queue.get(later.id))?.state === 'succeeded');
    await Promise.all([worker.stop(), second.stop()]);
  });

  it('drains its own process at once, and none that is not there', async () => {
    const store = await opening.open();
    const worker = await startIn(store, ['mail'], { welcome: () => undefined });
    await eventually('a row', async () => (await store.processes.list()).length === 1);
    expect(await store.processes.drain('nobody')).to.equal(false);
    expect(await store.processes.drain(worker.id)).to.equal(true);
    const { id } = await new Queue(store, 'mail').add('welcome', {});
    await eventually('the row says so', async () => (await store.processes.list())[0]?.isDraining);
    expect((await new Queue(store, 'mail').get(id))?.state).to.equal('waiting');
    expect((await refusalOf(() => store.processes.drain(''))).code).to.equal('HOLDFAST_OPTION_INVALID');
  });
});

forReference('The row of a process', (opening) => {
  it('is written every five seconds, and gone when three beats were missed', async () => {
    const clock = new FakeClock();
    const [store, viewer] = [await opening.open({}, { clock }), await opening.open({}, { clock })];
    store.parts.beat.join({ note: () => ({ id: 'w', queues: [], maxConcurrency: 1, handles: [], running: [] }), noteDraining: () => undefined });
    await clock.advance(12_000);
    const [seen] = await viewer.processes.list();
    expect([seen?.startedAt.getTime(), seen?.seenAt.getTime()]).to.deep.equal([clock.now() - 12_000, clock.now() - 2_000]);
    await store.parts.beat.stop();
    await clock.advance(GONE_AFTER_MS - 2_001);
    expect(await viewer.processes.list()).to.have.lengthOf(1);
    await clock.advance(1);
    expect(await viewer.processes.list()).to.deep.equal([]);
  });

  it('keeps the start of its process when the store was away for longer than the row is kept', async () => {
    const clock = new FakeClock();
    const store = await opening.open({}, { clock });
    const startedMs = clock.now();
    store.parts.beat.join({ note: () => ({ id: 'w', queues: [], maxConcurrency: 1, handles: [], running: [] }), noteDraining: () => undefined });
    await clock.advance(12 * 60_000);
    for (const name of ['first', 'second']) {
      await store.parts.records.remove('process', store.processes.id);
      await clock.advance(10_000);
      const [seen] = await store.processes.list();
      expect([name, seen?.startedAt.getTime()]).to.deep.equal([name, startedMs]);
    }
  });

  it('is written anew by a process that stood still for longer', async () => {
    const clock = new FakeClock();
    const store = await opening.open({}, { clock });
    store.parts.beat.join({ note: () => ({ id: 'w', queues: [], maxConcurrency: 1, handles: [], running: [] }), noteDraining: () => undefined });
    await clock.settle();
    await store.parts.records.remove('process', store.processes.id);
    await clock.advance(5_000);
    expect(await store.processes.list()).to.have.lengthOf(1);
  });
});
