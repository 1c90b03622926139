import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { Handler, WorkerArguments } from '../../modules/worker/handlerTypes';
import type { TaskOptions } from '../../config/optionTypes';
import { HOUR } from '../../constants/limits';
import type { TaskContext } from '../../modules/worker/taskContext';
import { PermanentError, RetryAfter } from '../../modules/task/handlerErrors';
import { codeOfAbort, eventually, makeGate } from '../support/eventually';
import { forEachStore } from '../support/stores';

type Tasks = Record<string, unknown>;

const AT_ONCE: TaskOptions = { backoff: { type: 'fixed', delayMs: 0 } };

forEachStore('The outcome of a task', (opening) => {
  let store: Store;
  let queue: Queue;
  let told: string[];

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
    told = [];
    store.events.on('task-retried', ({ delayMs }) => told.push(`retried ${delayMs}`));
    store.events.on('task-dead', ({ error }) => told.push(`dead ${error.message}`));
    store.events.on('task-succeeded', () => told.push('succeeded'));
  });

  const serve = async (handler: Handler<unknown>, options: Partial<WorkerArguments<Tasks>> = {}): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: handler }, ...options });
    await worker.start();
    return worker;
  };

  const add = async (options?: TaskOptions): Promise<string> => (await queue.add('work', {}, options)).id;

  const ends = (id: string, state: string) => eventually(`it is ${state}`, async () => (await queue.get(id))?.state === state);

  const results: readonly [string, unknown, unknown][] = [
    ['an object', { sum: 3, at: new Date(0) }, { sum: 3, at: '1970-01-01T00:00:00.000Z' }],
    ['null', null, null],
    ['false', false, false],
    ['nothing', undefined, undefined],
    ['text with a dollar', '$$NOW', '$$NOW'],
  ];
  for (const [title, result, kept] of results) {
    it(`keeps a result: ${title}`, async () => {
      await serve(() => Promise.resolve(result));
      const id = await add();
      await ends(id, 'succeeded');
      const task = await queue.get(id);
      expect(task).to.deep.include({ result: kept, attempt: 1, failures: 0, error: null, lease: null });
      expect(task?.finishedAt?.getTime()).to.be.at.least(task?.createdAt.getTime() ?? Infinity);
    });
  }

  it('is dead after exactly three failures by default, with the last error', async () => {
    let runs = 0;
    await serve(() => Promise.reject(Object.assign(new TypeError(`failure ${(runs += 1)}`), { code: 'E_NO' })));
    const id = await add(AT_ONCE);
    await ends(id, 'dead');
    await wait(300);
    expect(runs).to.equal(3);
    await eventually('its end is told', () => told.length === 3);
    expect(told).to.deep.equal(['retried 0', 'retried 0', 'dead failure 3']);
    const task = await queue.get(id);
    expect(task).to.deep.include({ state: 'dead', attempt: 3, failures: 3, result: undefined, lease: null });
    expect(task?.error).to.deep.include({ name: 'TypeError', message: 'failure 3', code: 'E_NO' });
    expect(task?.error?.stack).to.include('workerOutcomes');
  });

  it('is dead after as many failures as maxRetries says', async () => {
    await serve(() => Promise.reject(new Error('no')));
    const once = await add({ ...AT_ONCE, maxRetries: 1 });
    const five = await add({ ...AT_ONCE, maxRetries: 5 });
    await Promise.all([ends(once, 'dead'), ends(five, 'dead')]);
    expect((await queue.get(once))?.failures).to.equal(1);
    expect(await queue.get(five)).to.deep.include({ failures: 5, attempt: 5 });
  });

  it('keeps the error of the failure before a success', async () => {
    let runs = 0;
    await serve(() => ((runs += 1) === 1 ? Promise.reject(new Error('the first time')) : 'done'));
    const id = await add(AT_ONCE);
    await ends(id, 'succeeded');
    expect(await queue.get(id)).to.deep.include({ failures: 1, attempt: 2, result: 'done' });
  });

  const thrown: readonly [string, unknown, string][] = [
    ['a string', 'plain text', 'plain text'],
    ['undefined', undefined, 'undefined'],
    ['an object', { reason: 5 }, '{"reason":5}'],
  ];
  for (const [title, value, message] of thrown) {
    it(`keeps whatever was thrown: ${title}`, async () => {
      await serve(() => {
        throw value;
      });
      const id = await add({ maxRetries: 1 });
      await ends(id, 'dead');
      expect((await queue.get(id))?.error?.message).to.equal(message);
    });
  }

  it('is dead at once after a PermanentError', async () => {
    await serve(() => Promise.reject(new PermanentError('the account is closed')));
    const id = await add(AT_ONCE);
    await ends(id, 'dead');
    await eventually('its end is told', () => told.length > 0);
    expect(told).to.deep.equal(['dead the account is closed']);
    expect(await queue.get(id)).to.deep.include({ attempt: 1, failures: 1 });
  });

  it('is dead where its handler blocks the event loop past the lease at every attempt', async () => {
    const blockPastLease = async ({ signal }: TaskContext): Promise<void> => {
      const until = performance.now() + 400;
      while (performance.now() < until);
      for (let looks = 0; looks < 40 && !signal.aborted; looks += 1) await new Promise((resolve) => setTimeout(resolve, 50));
      signal.throwIfAborted();
    };
    await new Worker(store, { queues: ['mail'], leaseMs: 300, handlers: { work: blockPastLease } }).start();
    const { id } = await queue.add('work', {}, { ...AT_ONCE, maxRetries: 2 });
    await ends(id, 'dead');
    expect(await queue.get(id)).to.deep.include({ attempt: 2, failures: 2 });
  });

  it('is tried again when a RetryAfter says, as a failure', async () => {
    const before = Date.now();
    await serve(() => Promise.reject(new RetryAfter(HOUR)));
    const id = await add(AT_ONCE);
    await eventually('it failed', () => told.length === 1);
    const task = await queue.get(id);
    expect(told).to.deep.equal([`retried ${HOUR}`]);
    expect(task).to.deep.include({ state: 'waiting', failures: 1, attempt: 1 });
    expect(task?.availableAt.getTime()).to.be.within(before + HOUR - 5, Date.now() + HOUR + 5);
  });

  it('is tried again after an exponential back-off within its bounds', async () => {
    await serve(() => Promise.reject(new Error('no')));
    await add({ backoff: { type: 'exponential', minMs: 20, maxMs: 30 }, maxRetries: 6 });
    await eventually('it is dead', () => told.length === 6);
    const delays = told.slice(0, 5).map((line) => Number(line.split(' ')[1]));
    expect(Math.max(...delays)).to.be.at.most(30);
    expect(Math.min(...delays)).to.be.at.least(0);
    expect(delays[0]).to.be.at.most(20);
  });

  it('is tried again as a back-off of the worker says, by its name', async () => {
    const asked: unknown[] = [];
    const backoffs = { patient: (failures: number, { message }: { message: string }) => (asked.push([failures, message]), failures * 7) };
    await serve(() => Promise.reject(new Error('no')), { backoffs });
    const id = await add({ backoff: { type: 'custom', name: 'patient' } });
    await ends(id, 'dead');
    expect(asked).to.deep.equal([
      [1, 'no'],
      [2, 'no'],
    ]);
    await eventually('its end is told', () => told.length === 3);
    expect(told).to.deep.equal(['retried 7', 'retried 14', 'dead no']);
  });

  it('is tried again by the default where a back-off is bad, which is reported', async () => {
    const faults: string[] = [];
    store.events.on('backoff-failed', ({ backoff, error }) => faults.push(`${backoff}: ${error.message}`));
    const thrower = (): number => {
      throw new Error('no idea');
    };
    await serve(() => Promise.reject(new Error('no')), { backoffs: { thrower, nan: () => NaN, text: () => '5' as never } });
    for (const name of ['thrower', 'nan', 'text', 'missing']) await add({ backoff: { type: 'custom', name }, maxRetries: 2 });
    await eventually('all failed', () => told.length >= 4);
    expect(faults.sort()).to.deep.equal([
      'missing: there is no back-off function of this name',
      'nan: the back-off function returned no duration in milliseconds',
      'text: the back-off function returned no duration in milliseconds',
      'thrower: no idea',
    ]);
    await eventually('all are dead', async () => (await queue.counts()).dead === 4);
  });

  for (const [title, end] of [
    ['returns', () => 'too late'],
    ['throws', () => Promise.reject(new Error('told to end'))],
  ] as const) {
    it(`is a failure after timeoutMs, with the slot kept until the handler ends; it ${title}`, async () => {
      const gate = makeGate();
      const timedOut: number[] = [];
      const ran: string[] = [];
      let code = '';
      store.events.on('task-timed-out', ({ timeoutMs }) => timedOut.push(timeoutMs));
      const slow: Handler<unknown> = async ({ id, signal }) => {
        ran.push(id);
        if (ran.length > 1) return 'the other';
        code = await codeOfAbort(signal);
        await gate.opened;
        return end();
      };
      const worker = await serve(slow, { maxConcurrency: 1 });
      const id = await add({ timeoutMs: 50, backoff: { type: 'fixed', delayMs: HOUR } });
      const other = await add();
      await eventually('the signal fired', () => code !== '');
      await wait(100);
      expect(worker.running).to.equal(1);
      expect(ran).to.deep.equal([id]);
      gate.open();
      await ends(other, 'succeeded');
      const task = await queue.get(id);
      expect([code, timedOut]).to.deep.equal(['HOLDFAST_TIMED_OUT', [50]]);
      expect(task).to.deep.include({ state: 'waiting', failures: 1, result: undefined });
      expect(task?.error).to.deep.include({ code: 'HOLDFAST_TIMED_OUT' });
    });
  }

  describe('whose handler ignores its signal past timeoutMs', () => {
    const hang = async (options: TaskOptions) => {
      const gate = makeGate();
      let calls = 0;
      const counted: number[] = [];
      store.events.on('timeout-counted', ({ failures }) => counted.push(failures));
      const worker = await serve(() => ((calls += 1), gate.opened), { gracePeriodMs: 0 });
      const id = await add({ timeoutMs: 50, backoff: { type: 'fixed', delayMs: HOUR }, ...options });
      await eventually('the failure is counted', () => counted.length === 1);
      return { id, gate, worker, counted, calls: () => calls };
    };

    it('has its failure written while it stays running, and no second one when the handler ends', async () => {
      const { id, gate, counted, calls } = await hang({ maxRetries: 3 });
      expect(await queue.get(id)).to.include({ state: 'running', failures: 1 });
      gate.open();
      await ends(id, 'waiting');
      expect(await queue.get(id)).to.include({ failures: 1 });
      await eventually('the end is told', () => told.length > 0);
      expect([counted, calls(), told]).to.deep.equal([[1], 1, [`retried ${HOUR}`]]);
    });

    it('waits by that count when its worker stops', async () => {
      const { id, gate, worker } = await hang({ maxRetries: 3 });
      await worker.stop();
      const task = await queue.get(id);
      expect(task).to.include({ state: 'waiting', failures: 1 });
      expect(task?.error).to.include({ code: 'HOLDFAST_TIMED_OUT' });
      gate.open();
    });

    it('is dead by that count when its worker stops', async () => {
      const { id, gate, worker } = await hang({ maxRetries: 1 });
      expect(await queue.get(id)).to.include({ state: 'running', failures: 1 });
      await worker.stop();
      expect(await queue.get(id)).to.include({ state: 'dead', failures: 1 });
      gate.open();
    });
  });

  it('is kept in time: a handler that ends before its timeoutMs has not failed', async () => {
    await serve(() => wait(20, 'in time'));
    const id = await add({ timeoutMs: 60_000 });
    await ends(id, 'succeeded');
    expect((await queue.get(id))?.result).to.equal('in time');
  });

  it('is removed at once where its retention is 0', async () => {
    await serve(({ payload }) => (payload === 'good' ? 'done' : Promise.reject(new PermanentError('no'))));
    const retention = { succeededMs: 0, deadMs: 0, cancelledMs: 0 };
    const good = await queue.add('work', 'good', { retention });
    const bad = await queue.add('work', 'bad', { retention });
    const cancelled = await queue.add('work', 'good', { retention, delayMs: HOUR });
    expect(await queue.cancel(cancelled.id)).to.equal(true);
    await eventually('both ended', () => told.length === 2);
    expect([...told].sort()).to.deep.equal(['dead no', 'succeeded']);
    for (const { id } of [good, bad, cancelled]) expect(await queue.get(id)).to.equal(null);
    expect(Object.values(await queue.counts())).to.deep.equal([0, 0, 0, 0, 0, []]);
    expect((await queue.list()).tasks).to.deep.equal([]);
  });
});
