import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskContext } from '../../modules/worker/taskContext';
import { Worker } from '../../classes/worker/worker';
import { HOUR } from '../../constants/limits';
import { PermanentError } from '../../modules/task/handlerErrors';
import { codeOfAbort, eventually, makeGate } from '../support/eventually';
import { forEachStore } from '../support/stores';

const NO_SUCH_ID = '0198c0de-0000-7000-8000-000000000000';

const EMPTY = { waiting: 0, running: 0, succeeded: 0, dead: 0, cancelled: 0, atLeast: [] as string[] };

forEachStore('Changing tasks by hand', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  /** Starts a worker. Only tests of heartbeats use a short lease, because a claim gives up after a third of it. */
  const serve = async (handler: (context: TaskContext) => unknown, on = store, leaseMs = 30_000): Promise<Worker> => {
    const worker = new Worker(on, { queues: ['mail'], leaseMs, handlers: { welcome: handler } });
    await worker.start();
    return worker;
  };

  const addMany = async (count: number, options = {}): Promise<string[]> => {
    const added = await queue.addMany(Array.from({ length: count }, () => ({ name: 'welcome', payload: {}, options })));
    return added.map(({ id }) => id);
  };

  const makeDead = async (count: number): Promise<string[]> => {
    const ids = await addMany(count, { maxRetries: 1 });
    const worker = await serve(() => Promise.reject(new Error('no')));
    await eventually('all dead', async () => (await queue.counts()).dead === count);
    await worker.stop();
    return ids;
  };

  describe('cancel', () => {
    it('cancels a waiting task, once, so that it never runs', async () => {
      const [id = ''] = await addMany(1);
      expect(await queue.cancel(id)).to.equal(true);
      expect(await queue.cancel(id)).to.equal(false);
      const ran: string[] = [];
      await serve((context) => void ran.push(context.id));
      const [other] = await addMany(1);
      await eventually('the other ran', async () => (await queue.counts()).succeeded === 1);
      expect(ran).to.deep.equal([other]);
      expect(await queue.get(id)).to.deep.include({ state: 'cancelled', attempt: 0 });
    });

    it('answers false for a finished task and for one that is not there', async () => {
      const [id = ''] = await makeDead(1);
      expect(await queue.cancel(id)).to.equal(false);
      expect(await queue.cancel(NO_SUCH_ID)).to.equal(false);
      expect((await queue.get(id))?.state).to.equal('dead');
    });

    const endings: readonly [string, () => unknown][] = [
      ['returns', () => 'a result'],
      ['throws', () => Promise.reject(new Error('told to end'))],
      ['throws a PermanentError', () => Promise.reject(new PermanentError('told to end'))],
    ];
    for (const [title, end] of endings) {
      it(`fires the signal of a running handler at its next heartbeat, and keeps the task cancelled when the handler ${title}`, async () => {
        const lost: string[] = [];
        store.events.on('lease-lost', ({ reason }) => lost.push(reason));
        const began = makeGate();
        let code = '';
        const handler = async ({ signal }: TaskContext): Promise<unknown> => {
          began.open();
          code = await codeOfAbort(signal);
          return end();
        };
        const worker = await serve(handler, store, 1_500);
        const [id = ''] = await addMany(1);
        await began.opened;
        expect(await queue.cancel(id)).to.equal(true);
        await eventually('the handler ended', () => code !== '' && worker.running === 0);
        await worker.stop();
        expect(code).to.equal('HOLDFAST_LEASE_LOST');
        expect(lost).to.deep.equal(['taken']);
        expect(await queue.get(id)).to.deep.include({ state: 'cancelled', failures: 0, result: undefined, error: null, lease: null });
      });
    }

    it('drops the result of a handler that ends before its next heartbeat', async () => {
      const began = makeGate();
      const gate = makeGate();
      const worker = await serve(async () => {
        began.open();
        await gate.opened;
        return 'a result';
      });
      const [id = ''] = await addMany(1);
      await began.opened;
      await queue.cancel(id);
      gate.open();
      await eventually('the handler ended', () => worker.running === 0);
      await worker.stop();
      expect(await queue.get(id)).to.deep.include({ state: 'cancelled', result: undefined });
    });
  });

  it('retry runs a delayed task now, and leaves any other alone', async () => {
    await serve(() => 'ran');
    const [id = ''] = await addMany(1, { delayMs: HOUR });
    expect(await queue.retry(id)).to.equal(true);
    await eventually('it ran', async () => (await queue.get(id))?.state === 'succeeded');
    expect(await queue.retry(id)).to.equal(false);
    expect(await queue.retry(NO_SUCH_ID)).to.equal(false);
  });

  describe('redrive', () => {
    it('makes one dead task wait again under its id, without its failures', async () => {
      const [id = '', other = ''] = await makeDead(2);
      expect(await queue.redrive(id)).to.equal(1);
      expect(await queue.redrive(id)).to.equal(0);
      expect(await queue.get(id)).to.deep.include({ id, state: 'waiting', failures: 0, attempt: 1 });
      expect(await queue.get(other)).to.deep.include({ state: 'dead', failures: 1 });
    });

    it('redrives several, and counts those that were dead', async () => {
      const [first = '', second = '', third = ''] = await makeDead(3);
      expect(await queue.redrive([first, second, second, NO_SUCH_ID])).to.equal(2);
      expect(await queue.redrive([])).to.equal(0);
      expect(await queue.counts()).to.deep.equal({ ...EMPTY, waiting: 2, dead: 1 });
      expect((await queue.get(third))?.state).to.equal('dead');
    });

    it('redrives all of the queue, which then run again', async () => {
      const ids = await makeDead(5);
      await queue.add('bill', {});
      expect(await queue.redrive()).to.equal(5);
      const ran = new Map<string, number>();
      await serve(({ id, attempt, failures }) => void ran.set(id, 10 * attempt + failures));
      await eventually('all succeeded', async () => (await queue.counts()).succeeded === 5);
      expect([...ran.keys()].sort()).to.deep.equal([...ids].sort());
      expect([...new Set(ran.values())]).to.deep.equal([20]);
    });
  });

  it('remove takes a task away that does not run', async () => {
    const [dead = ''] = await makeDead(1);
    const [waiting = ''] = await addMany(1, { delayMs: HOUR });
    const gate = makeGate();
    await serve(() => gate.opened);
    const [running = ''] = await addMany(1);
    await eventually('it runs', async () => (await queue.get(running))?.state === 'running');
    expect(await Promise.all([dead, waiting, running, NO_SUCH_ID].map((id) => queue.remove(id)))).to.deep.equal([true, true, false, false]);
    expect(await queue.get(dead)).to.equal(null);
    expect((await queue.list()).tasks.map(({ id }) => id)).to.deep.equal([running]);
    expect(await queue.remove(dead)).to.equal(false);
    gate.open();
    await eventually('it ended', async () => (await queue.counts()).succeeded === 1);
  });

  it('purge takes the waiting away, delayed ones too, and others only where asked', async () => {
    await makeDead(2);
    const gate = makeGate();
    await serve(() => gate.opened);
    const [running = ''] = await addMany(1);
    await eventually('it runs', async () => (await queue.get(running))?.state === 'running');
    await addMany(3, { delayMs: HOUR });
    await new Queue(store, 'other').add('welcome', {});
    expect(await queue.purge()).to.equal(3);
    expect(await queue.counts()).to.deep.equal({ ...EMPTY, running: 1, dead: 2 });
    expect(await queue.purge({ states: ['dead', 'waiting'] })).to.equal(2);
    expect(await queue.counts()).to.deep.equal({ ...EMPTY, running: 1 });
    expect((await new Queue(store, 'other').counts()).waiting).to.equal(1);
    gate.open();
    await eventually('it ended', async () => (await queue.counts()).succeeded === 1);
  });

  it('purge takes away more than one page', async () => {
    await addMany(2_300);
    expect(await queue.purge()).to.equal(2_300);
    expect(await queue.counts()).to.deep.equal(EMPTY);
  });

  it('tells of what changed', async () => {
    const told: string[] = [];
    store.events.on('tasks-changed', ({ queue: name, to, count }) => told.push(`${name} ${count} ${to}`));
    const [first = '', second = ''] = await makeDead(2);
    await queue.redrive();
    await queue.cancel(first);
    await queue.remove(second);
    expect(told).to.deep.equal(['mail 2 waiting', 'mail 1 cancelled', 'mail 1 removed']);
  });

  describe('pause', () => {
    const stays = async (id: string): Promise<boolean> => {
      await wait(300);
      return (await queue.get(id))?.state === 'waiting';
    };

    it('holds the workers of another opened store, and lets what runs go on; resume sets them free', async () => {
      const other = await opening.open();
      const gate = makeGate();
      const ran = new Set<string>();
      await serve(async ({ id }) => {
        ran.add(id);
        await (ran.size === 1 ? gate.opened : undefined);
      }, other);
      const [long = ''] = await addMany(1);
      await eventually('the first runs', () => ran.size === 1);
      await queue.pause();
      await eventually('a task is held', async () => stays((await addMany(1))[0] ?? ''));
      const held = await addMany(3);
      expect(await stays(held[2] ?? '')).to.equal(true);
      expect(held.some((id) => ran.has(id))).to.equal(false);
      gate.open();
      await eventually('what ran has ended', async () => (await queue.get(long))?.state === 'succeeded');
      await queue.resume();
      await eventually('all ran', () => held.every((id) => ran.has(id)));
    });

    it('holds only its own queue, and is told', async () => {
      const told: string[] = [];
      store.events.on('queue-paused', ({ queue: name }) => told.push(`${name} paused`));
      store.events.on('queue-resumed', ({ queue: name }) => told.push(`${name} resumed`));
      await queue.pause();
      await queue.pause();
      const worker = new Worker(store, { queues: ['mail', 'other'], handlers: { welcome: () => 'ran' } });
      await worker.start();
      const [held = ''] = await addMany(1);
      const { id } = await new Queue(store, 'other').add('welcome', {});
      await eventually('the other queue is served', async () => (await new Queue(store, 'other').get(id))?.state === 'succeeded');
      expect(await stays(held)).to.equal(true);
      await queue.resume();
      await eventually('it ran', async () => (await queue.get(held))?.state === 'succeeded');
      expect(told).to.deep.equal(['mail paused', 'mail paused', 'mail resumed']);
    });
  });
});
