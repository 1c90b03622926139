import { expect } from 'chai';
import type { BatchContext } from '../../modules/worker/taskContext';
import type { BatchHandler } from '../../modules/worker/handlerTypes';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { BatchOptions, TaskOptions } from '../../config/optionTypes';
import { PermanentError, RetryAfter } from '../../modules/task/handlerErrors';
import { codeOfAbort, eventually, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

type Payload = { readonly n: number };
type Tasks = { index: Payload; other: Payload };

forEachStore('A batch handler', (opening) => {
  let store: Store;
  let queue: Queue<Tasks>;
  let sizes: number[];

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'search');
    sizes = [];
  });

  const serve = async (handler: BatchHandler<Payload>, options?: Partial<BatchOptions>): Promise<Worker<Tasks>> => {
    const worker = new Worker<Tasks>(store, { queues: ['search'], maxConcurrency: 50, leaseMs: 2_000 });
    worker.handleBatch(
      'index',
      (batch) => {
        sizes.push(batch.tasks.length);
        return handler(batch);
      },
      options,
    );
    await worker.start();
    return worker;
  };

  const add = async (count: number, options: TaskOptions = { maxRetries: 1 }): Promise<string[]> => {
    const added = await queue.addMany(Array.from({ length: count }, (_, n) => ({ name: 'index' as const, payload: { n }, options })));
    return added.map(({ id }) => id);
  };

  const over = (count: number) =>
    eventually('all have ended', async () => {
      // States are counted one after another: a task that changes between live states meanwhile may be counted in neither.
      const { succeeded, dead, cancelled } = await queue.counts();
      return succeeded + dead + cancelled === count;
    });

  it('gets many tasks by one call, and its answer for each is the result of that one', async () => {
    const ids = await add(30);
    await serve(({ tasks }) => new Map(tasks.map(({ id, payload }) => [id, payload.n * 2])));
    await over(30);
    expect(sizes).to.deep.equal([30]);
    for (const [n, id] of ids.entries()) expect(await queue.get(id)).to.include({ state: 'succeeded', result: n * 2, attempt: 1 });
  });

  it('gets no more than its size', async () => {
    await add(25);
    await serve(({ tasks }) => tasks.map(({ id }) => [id, null] as const), { size: 10 });
    await over(25);
    expect(sizes).to.deep.equal([10, 10, 5]);
  });

  it('gets only tasks of its own name', async () => {
    await queue.addMany([
      { name: 'index', payload: { n: 1 } },
      { name: 'other', payload: { n: 2 } },
      { name: 'index', payload: { n: 3 } },
    ]);
    const seen: number[] = [];
    const worker = new Worker<Tasks>(store, { queues: ['search'], handlers: { other: () => 'alone' } });
    worker.handleBatch('index', ({ tasks }) => tasks.map(({ id, payload }) => (seen.push(payload.n), [id, null] as const)));
    await worker.start();
    await over(3);
    expect(seen.sort()).to.deep.equal([1, 3]);
    expect((await queue.counts()).succeeded).to.equal(3);
  });

  it('answers each by itself: with a result, a failure to be tried again, or one for good', async () => {
    const told: string[] = [];
    store.events.on('task-retried', ({ delayMs }) => told.push(`retried after ${delayMs}`));
    const ids = await add(3, { maxRetries: 3 });
    await serve(({ tasks }) =>
      tasks.map(
        ({ id, payload: { n }, attempt }) =>
          [id, n === 0 || attempt > 1 ? 'done' : n === 1 ? new PermanentError('never') : new RetryAfter(0)] as const,
      ),
    );
    await over(3);
    const states = await Promise.all(ids.map(async (id) => (await queue.get(id))?.state));
    expect(states).to.deep.equal(['succeeded', 'dead', 'succeeded']);
    expect(told).to.deep.equal(['retried after 0']);
  });

  it('fails all of its tasks where it throws', async () => {
    const ids = await add(3);
    await serve(() => Promise.reject(new Error('the index is away')));
    await over(3);
    for (const id of ids) expect(await queue.get(id)).to.deep.include({ state: 'dead' });
    expect((await queue.get(ids[0] as string))?.error?.message).to.equal('the index is away');
  });

  it('that forgets a task has that one fail, and the others keep their answers', async () => {
    const [first, forgotten] = await add(2);
    await serve(({ tasks }) => tasks.filter(({ id }) => id === first).map(({ id }) => [id, 'done'] as const));
    await over(2);
    expect(await queue.get(first as string)).to.include({ state: 'succeeded', result: 'done' });
    expect((await queue.get(forgotten as string))?.error).to.include({ code: 'HOLDFAST_BATCH_ANSWER_MISSING' });
  });

  const mixUps: readonly [string, (batch: BatchContext<Payload>) => unknown][] = [
    ['for a task that it was not given', ({ tasks }) => [...tasks.map(({ id }) => [id, 1]), ['0190a000-0000-7000-8000-000000000000', 1]]],
    ['twice for one', ({ tasks }) => [...tasks.map(({ id }) => [id, 1]), [tasks[0]?.id, 2]]],
    ['what is no entry', ({ tasks }) => [...tasks.map(({ id }) => [id, 1]), 'done']],
  ];
  for (const [title, answer] of mixUps) {
    it(`that answers ${title} has none of its answers taken`, async () => {
      const ids = await add(2);
      await serve(answer as BatchHandler<Payload>);
      await over(2);
      for (const id of ids) expect((await queue.get(id))?.error).to.include({ code: 'HOLDFAST_BATCH_ANSWER_UNKNOWN' });
    });
  }

  it('that returns nothing has forgotten all', async () => {
    const [id] = await add(1);
    await serve((() => undefined) as unknown as BatchHandler<Payload>);
    await over(1);
    expect((await queue.get(id as string))?.error).to.include({ code: 'HOLDFAST_BATCH_ANSWER_MISSING' });
  });

  it('may snooze one of its tasks, and needs no answer for it', async () => {
    const ids = await add(2);
    await serve(({ tasks }) =>
      tasks.flatMap((task) => {
        if (task.attempt > 1 || task.payload.n === 0) return [[task.id, 'done'] as const];
        task.snooze(20);
        return [];
      }),
    );
    await over(2);
    const attempts = await Promise.all(ids.map(async (id) => (await queue.get(id))?.attempt));
    expect(attempts).to.deep.equal([1, 2]);
  });

  it('sees by a signal for each task that it is cancelled; the others go on, and are answered', async () => {
    const [cancelled, other] = await add(2);
    let code: string | undefined;
    let batchAborted: boolean | undefined;
    await serve(async ({ tasks, signal }) => {
      void queue.cancel(cancelled as string);
      code = await codeOfAbort((tasks.find(({ id }) => id === cancelled) as (typeof tasks)[number]).signal);
      batchAborted = signal.aborted;
      return tasks.map(({ id }) => [id, 'done'] as const);
    });
    await over(2);
    expect({ code, batchAborted }).to.deep.equal({ code: 'HOLDFAST_LEASE_LOST', batchAborted: false });
    expect((await queue.get(cancelled as string))?.state).to.equal('cancelled');
    expect((await queue.get(other as string))?.state).to.equal('succeeded');
  });

  it('runs under each task its own time limit', async () => {
    const added = await queue.addMany([
      { name: 'index', payload: { n: 0 }, options: { maxRetries: 1, timeoutMs: 50 } },
      { name: 'index', payload: { n: 1 } },
    ]);
    await serve(async ({ tasks }) => {
      await codeOfAbort((tasks.find(({ payload }) => payload.n === 0) as (typeof tasks)[number]).signal);
      return tasks.map(({ id }) => [id, 'done'] as const);
    });
    await over(2);
    const [late, fine] = await Promise.all(added.map(({ id }) => queue.get(id)));
    expect(late?.error).to.include({ code: 'HOLDFAST_TIMED_OUT' });
    expect(fine).to.include({ state: 'succeeded', result: 'done' });
  });

  it('is told by the signal of the batch when the worker stops, and what it then leaves is given back', async () => {
    const ids = await add(2);
    const worker = new Worker<Tasks>(store, { queues: ['search'], gracePeriodMs: 50 });
    let code: string | undefined;
    worker.handleBatch('index', async ({ signal }) => {
      code = await codeOfAbort(signal);
      throw new Error('interrupted');
    });
    await worker.start();
    await eventually('it runs', () => worker.running === 2);
    await worker.stop();
    expect(code).to.equal('HOLDFAST_STOPPING');
    for (const id of ids) expect(await queue.get(id)).to.include({ state: 'waiting', failures: 0 });
  });

  it('is surrounded by middleware once a call', async () => {
    await add(5);
    let calls = 0;
    const worker = new Worker<Tasks>(store, { queues: ['search'] });
    worker.use((_context, next) => {
      calls += 1;
      return next();
    });
    worker.handleBatch('index', ({ tasks }) => tasks.map(({ id }) => [id, null] as const));
    await worker.start();
    await over(5);
    expect(calls).to.equal(1);
  });

  it('is refused where the name has a handler, the size is none, or an option is unknown', async () => {
    const worker = new Worker<Tasks>(store, { queues: ['search'], handlers: { other: () => 1 } });
    const handler: BatchHandler<Payload> = () => [];
    expect(await refusalOf(() => worker.handleBatch('other', handler))).to.include({ code: 'HOLDFAST_HANDLER_DUPLICATE' });
    for (const size of [0, 1.5, 1_001]) {
      expect(await refusalOf(() => worker.handleBatch('index', handler, { size }))).to.include({
        code: 'HOLDFAST_OPTION_INVALID',
        field: 'batch.size',
      });
    }
    expect(await refusalOf(() => worker.handleBatch('index', handler, { sise: 5 } as object))).to.include({ code: 'HOLDFAST_OPTION_UNKNOWN' });
  });
});
