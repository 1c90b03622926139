import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskContext } from '../../modules/worker/taskContext';
import { Worker } from '../../classes/worker/worker';
import type { WorkerArguments } from '../../modules/worker/handlerTypes';
import type { TaskOptions } from '../../config/optionTypes';
import { eventually, makeGate } from '../support/eventually';
import type { Gate } from '../support/eventually';
import { forEachStore } from '../support/stores';

type Tasks = Record<string, unknown>;

forEachStore('A worker that claims ahead', (opening) => {
  let store: Store;
  let queue: Queue;
  let gates: Gate[];
  let begun: number[];

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
    gates = [];
    begun = [];
  });

  /** Starts a worker whose handlers wait for the test. */
  const serve = async (options: Partial<WorkerArguments<Tasks>>): Promise<Worker> => {
    const work = async ({ payload }: TaskContext<unknown>): Promise<void> => {
      const gate = makeGate();
      gates.push(gate);
      begun.push(payload as number);
      await gate.opened;
    };
    const worker = new Worker(store, { queues: ['mail'], handlers: { work }, maxConcurrency: 1, ...options });
    await worker.start();
    return worker;
  };

  const add = async (count: number, options: TaskOptions = {}): Promise<string[]> => {
    const added = await queue.addMany(Array.from({ length: count }, (_, payload) => ({ name: 'work', payload, options })));
    return added.map(({ id }) => id);
  };

  const counts = (waiting: number, running: number) =>
    eventually(`${waiting} wait and ${running} are claimed`, async () => {
      const now = await queue.counts();
      return now.waiting === waiting && now.running === running;
    });

  const begins = (count: number) => eventually(`${count} have begun`, () => begun.length >= count);

  const endAll = async (count: number): Promise<void> => {
    for (let ended = 0; ended < count; ended += 1) {
      await begins(ended + 1);
      gates[ended]?.open();
    }
    await eventually('all have succeeded', async () => (await queue.counts()).succeeded === count);
  };

  it('holds as many as it was told beside those that run, and runs no more at once', async () => {
    await add(8);
    const worker = await serve({ maxConcurrency: 2, prefetch: 3 });
    await counts(3, 5);
    await begins(2);
    await wait(100);
    expect([begun.length, worker.running]).to.deep.equal([2, 2]);
    gates[0]?.open();
    await begins(3);
    expect(worker.running).to.equal(2);
    await endAll(8);
    expect(begun).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('claims nothing ahead by default', async () => {
    await add(3);
    await serve({});
    await counts(2, 1);
    await endAll(3);
  });

  it('renews the leases of what waits for a slot', async () => {
    const [, second = ''] = await add(2);
    await serve({ prefetch: 1, leaseMs: 400 });
    await counts(0, 2);
    await wait(1_500);
    await endAll(2);
    expect(await queue.get(second)).to.include({ attempt: 1, failures: 0 });
    expect(begun).to.deep.equal([0, 1]);
  });

  it('gives back what has not begun when it stops, without a failure, and another worker gets it', async () => {
    const ids = await add(4);
    const worker = await serve({ prefetch: 3 });
    await counts(0, 4);
    await begins(1);
    const stopped = worker.stop();
    await counts(3, 1);
    gates[0]?.open();
    await stopped;
    expect(begun).to.deep.equal([0]);
    await serve({ prefetch: 3 });
    await endAll(4);
    for (const id of ids.slice(1)) expect(await queue.get(id)).to.include({ attempt: 2, failures: 0 });
  });

  it('begins nothing whose deadline has passed while it waited for a slot', async () => {
    await add(1);
    const [late = ''] = await add(1, { deadline: new Date(Date.now() + 1_000) });
    await serve({ prefetch: 1 });
    await counts(0, 2);
    await wait(1_500);
    gates[0]?.open();
    await eventually('the late one is dead', async () => (await queue.get(late))?.state === 'dead');
    expect((await queue.get(late))?.error).to.include({ code: 'HOLDFAST_DEADLINE_PASSED' });
    expect(begun).to.have.length(1);
  });

  it('begins nothing that was cancelled, once a heartbeat has told it', async () => {
    const [, second = ''] = await add(2);
    const lost: string[] = [];
    store.events.on('lease-lost', ({ task }) => lost.push(task.id));
    await serve({ prefetch: 1, leaseMs: 1_500 });
    await counts(0, 2);
    await queue.cancel(second);
    await eventually('it is told', () => lost.includes(second));
    gates[0]?.open();
    await eventually('the first has succeeded', async () => (await queue.counts()).succeeded === 1);
    await wait(100);
    expect(begun).to.deep.equal([0]);
    expect(await queue.get(second)).to.include({ state: 'cancelled' });
  });

  it('fills a batch with all that can begin together', async () => {
    const sizes: number[] = [];
    const worker = new Worker<Tasks>(store, { queues: ['mail'], maxConcurrency: 5, prefetch: 10 });
    worker.handleBatch('work', async ({ tasks }) => {
      sizes.push(tasks.length);
      await wait(20);
      return tasks.map(({ id }) => [id, null]);
    });
    await add(15);
    await worker.start();
    await eventually('all have succeeded', async () => (await queue.counts()).succeeded === 15);
    expect(sizes).to.deep.equal([5, 5, 5]);
  });

  it('runs what ends at once without a claim for each, and without the depth of the stack growing', async () => {
    let claims = 0;
    let ended = 0;
    store.events.on('iteration', ({ tally }) => {
      claims += 1;
      ended += tally.succeeded;
    });
    await add(3_000);
    const worker = new Worker<Tasks>(store, { queues: ['mail'], maxConcurrency: 1, prefetch: 2_999, handlers: { work: () => 'done' } });
    await worker.start();
    await eventually('all have succeeded', () => ended === 3_000);
    expect(claims).to.equal(1);
  });
});
