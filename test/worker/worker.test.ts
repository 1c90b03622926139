import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskContext } from '../../modules/worker/taskContext';
import { Worker } from '../../classes/worker/worker';
import type { Handler, WorkerArguments } from '../../modules/worker/handlerTypes';
import type { IterationTally } from '../../constants/events';
import { PermanentError } from '../../modules/task/handlerErrors';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import type { Gate } from '../support/eventually';
import { forEachStore } from '../support/stores';

type Tasks = Record<string, unknown>;

forEachStore('A worker', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  const serve = async (handler: Handler<unknown>, options: Partial<WorkerArguments<Tasks>> = {}): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: handler }, ...options });
    await worker.start();
    return worker;
  };

  const add = async (count: number, options = {}): Promise<string[]> => {
    const added = await queue.addMany(Array.from({ length: count }, (_, number) => ({ name: 'work', payload: { number }, options })));
    return added.map(({ id }) => id);
  };

  const succeeded = (count: number) => eventually(`${count} succeeded`, async () => (await queue.counts()).succeeded === count);

  it('runs each task once, never more than maxConcurrency at the same time', async () => {
    let running = 0;
    let most = 0;
    const runs: string[] = [];
    await add(60);
    const worker = await serve(
      async ({ id }) => {
        runs.push(id);
        running += 1;
        most = Math.max(most, running, worker.running);
        await wait(runs.length % 7);
        running -= 1;
      },
      { maxConcurrency: 4 },
    );
    await add(60);
    await succeeded(120);
    expect(most).to.equal(4);
    expect(new Set(runs).size).to.equal(120);
    expect(runs).to.have.length(120);
  });

  it('fills slots as they come free', async () => {
    const gates: Gate[] = [];
    await serve(
      () => {
        const gate = makeGate();
        gates.push(gate);
        return gate.opened;
      },
      { maxConcurrency: 3 },
    );
    await add(5);
    await eventually('three run', () => gates.length === 3);
    gates[1]?.open();
    await eventually('a fourth runs beside the other two', () => gates.length === 4);
    gates[0]?.open();
    gates[3]?.open();
    await eventually('the fifth runs', () => gates.length === 5);
    expect((await queue.counts()).running).to.be.within(2, 4);
    gates.forEach((gate) => gate.open());
    await succeeded(5);
  });

  it('gives a handler what it needs of its task', async () => {
    const seen: Record<string, unknown>[] = [];
    const lines: string[] = [];
    store.events.on('task-log', ({ task, level, message, workerId }) => lines.push([task.id, task.attempt, level, message, workerId].join(' ')));
    const read = ({ id, queue: of, name, payload, attempt, failures, lease, signal }: TaskContext) => ({
      ...{ id, queue: of, name, payload, attempt, failures },
      token: lease.token,
      aborted: signal.aborted,
    });
    await serve(
      (context) => {
        seen.push(read(context));
        context.log.info(`hello ${seen.length}`);
        if (seen.length === 1) throw new Error('once more');
      },
      { workerId: 'w1' },
    );
    const [id = ''] = await add(1, { backoff: { type: 'fixed', delayMs: 0 } });
    await succeeded(1);
    const common = { id, queue: 'mail', name: 'work', payload: { number: 0 }, aborted: false };
    const tokens = seen.map(({ token }) => token);
    expect(seen).to.deep.equal([
      { ...common, attempt: 1, failures: 0, token: tokens[0] },
      { ...common, attempt: 2, failures: 1, token: tokens[1] },
    ]);
    expect(tokens[0]).to.be.a('string').that.is.not.empty;
    expect(tokens[0]).to.not.equal(tokens[1]);
    expect(lines).to.deep.equal([`${id} 1 info hello 1 w1`, `${id} 2 info hello 2 w1`]);
  });

  it('gives each run its own copy of the payload', async () => {
    let runs = 0;
    const payloads: string[] = [];
    await serve(({ payload }) => {
      payloads.push(JSON.stringify(payload));
      (payload as { number: number }).number = 99;
      if ((runs += 1) === 1) throw new Error('once more');
    });
    const [id = ''] = await add(1, { backoff: { type: 'fixed', delayMs: 0 } });
    await succeeded(1);
    expect(payloads).to.deep.equal(['{"number":0}', '{"number":0}']);
    expect((await queue.get(id))?.payload).to.deep.equal({ number: 0 });
  });

  it('shows a running task with its lease', async () => {
    const gate = makeGate();
    let token = '';
    const worker = await serve(
      async ({ lease }) => {
        token = lease.token;
        await gate.opened;
      },
      { leaseMs: 20_000 },
    );
    const [id = ''] = await add(1);
    await eventually('it runs', () => token !== '');
    const task = await queue.get(id);
    expect(task).to.deep.include({ state: 'running', attempt: 1 });
    expect(task?.lease).to.deep.include({ token, workerId: worker.id, ms: 20_000 });
    gate.open();
    await succeeded(1);
    expect((await queue.get(id))?.lease).to.equal(null);
  });

  it('serves with leases of any length', async () => {
    for (const leaseMs of [200, 301, 1_000, 29_999]) {
      const worker = await serve(() => 'ran', { leaseMs });
      const [id = ''] = await add(1);
      await eventually(`it ran with a lease of ${leaseMs} ms`, async () => (await queue.get(id))?.state === 'succeeded', 5_000);
      await worker.stop();
    }
  });

  it('runs priority 0 first, and older tasks before newer ones', async () => {
    const order: number[] = [];
    for (const [index, priority] of [5, 9, 0, 5, 0].entries()) await queue.add('work', index, { priority });
    await serve(({ payload }) => void order.push(payload as number), { maxConcurrency: 1 });
    await succeeded(5);
    expect(order).to.deep.equal([2, 4, 0, 3, 1]);
  });

  it('serves several queues, and no other', async () => {
    const ran: string[] = [];
    const worker = new Worker(store, { queues: ['mail', 'bills'], handlers: { work: ({ queue: of }) => void ran.push(of) } });
    await new Queue(store, 'other').add('work', {});
    await worker.start();
    await add(20);
    await new Queue(store, 'bills').add('work', {});
    await eventually('all ran', () => ran.length === 21);
    expect(ran.filter((name) => name === 'bills')).to.have.length(1);
    expect((await new Queue(store, 'other').counts()).waiting).to.equal(1);
  });

  it('tells what it does by events, and tallies each claim', async () => {
    const told: string[] = [];
    const tallies: Readonly<IterationTally>[] = [];
    for (const name of [
      'worker-started',
      'task-started',
      'task-succeeded',
      'task-retried',
      'task-dead',
      'task-released',
      'worker-stopped',
    ] as const) {
      store.events.on(name, (event) => told.push('task' in event ? `${name} ${event.task.name}` : name));
    }
    store.events.on('iteration', ({ tally }) => tallies.push(tally));
    await queue.addMany(['good', 'good', 'bad', 'hopeless', 'strange'].map((name) => ({ name, payload: {} })));
    const worker = new Worker(store, { queues: ['mail'] })
      .handle('good', () => 'a result')
      .handle('bad', () => Promise.reject(new Error('no')))
      .handle('hopeless', () => Promise.reject(new PermanentError('never')));
    await worker.start();
    await eventually('the claim is tallied', () => tallies.length > 0);
    await worker.stop();
    expect(tallies[0]).to.deep.equal({ claimed: 5, succeeded: 2, retried: 1, dead: 1, released: 1, snoozed: 0, suspended: 0, lost: 0 });
    expect(told[0]).to.equal('worker-started');
    expect(told.slice(0, 10).sort()).to.deep.equal(
      [
        ...['worker-started', 'task-started good', 'task-started good', 'task-started bad', 'task-started hopeless'],
        ...['task-succeeded good', 'task-succeeded good', 'task-retried bad', 'task-dead hopeless', 'task-released strange'],
      ].sort(),
    );
    expect(told.at(-1)).to.equal('worker-stopped');
  });

  it('goes on where listeners throw or reject, and tells of them', async () => {
    const failed: string[] = [];
    const thrower = () => {
      throw new Error('a listener that throws');
    };
    store.events.on('task-added', thrower);
    store.events.on('worker-started', thrower);
    store.events.on('task-started', thrower);
    store.events.on('task-succeeded', () => Promise.reject(new Error('a listener that rejects')));
    store.events.on('iteration', thrower);
    store.events.on('worker-stopping', thrower);
    store.events.on('worker-stopped', thrower);
    store.events.on('listener-failed', ({ event, error }) => failed.push(`${event}: ${error.message}`));
    store.events.on('listener-failed', thrower);
    const worker = await serve(() => 'ran');
    await add(1);
    await succeeded(1);
    await worker.stop();
    expect(failed.sort()).to.deep.equal([
      'iteration: a listener that throws',
      'task-added: a listener that throws',
      'task-started: a listener that throws',
      'task-succeeded: a listener that rejects',
      'worker-started: a listener that throws',
      'worker-stopped: a listener that throws',
      'worker-stopping: a listener that throws',
    ]);
  });

  it('releases a task of an unknown name with a growing delay, and reports the name once', async () => {
    const reported: string[] = [];
    const delays: number[] = [];
    store.events.on('unknown-task', ({ task }) => reported.push(task.name));
    store.events.on('task-released', ({ delayMs }) => delays.push(delayMs));
    await serve(() => 'ran');
    const { id } = await queue.add('strange', {});
    await queue.add('strange', {});
    await queue.add('foreign', {});
    await eventually('all three were released', () => delays.length >= 3);
    await queue.retry(id);
    await eventually('it was released again', async () => ((await queue.get(id))?.attempt ?? 0) >= 2 && delays.length >= 4);
    expect(reported).to.deep.equal(['strange', 'foreign']);
    expect(delays.slice(0, 3)).to.deep.equal([1_000, 1_000, 1_000]);
    expect(Math.max(...delays)).to.be.at.least(2_000);
    const task = await queue.get(id);
    expect(task).to.deep.include({ failures: 0, error: null });
    expect(['waiting', 'running']).to.include(task?.state);
  });

  it('refuses a second handler of a name, one that is no function, and options that it does not know', async () => {
    const worker = new Worker<Tasks>(store, { queues: ['mail'], handlers: { work: () => undefined } });
    const refusals: readonly [() => unknown, string, string][] = [
      [() => worker.handle('work', () => undefined), 'HOLDFAST_HANDLER_DUPLICATE', 'handlers.work'],
      [() => worker.handle('other', 'no function' as never), 'HOLDFAST_OPTION_INVALID', 'handlers.other'],
      [() => new Worker(store, { queues: ['mail'], handlers: { work: 5 as never } }), 'HOLDFAST_OPTION_INVALID', 'worker.handlers.work'],
      [() => new Worker(store, { queues: [] }), 'HOLDFAST_OPTION_INVALID', 'worker.queues'],
      [() => new Worker(store, { queues: [''] }), 'HOLDFAST_OPTION_INVALID', 'worker.queues.0'],
      [() => new Worker(store, { queues: ['mail'], maxConcurrency: 0 }), 'HOLDFAST_OPTION_INVALID', 'worker.maxConcurrency'],
      [() => new Worker(store, { queues: ['mail'], pollInterval: { minMs: 0 } }), 'HOLDFAST_OPTION_INVALID', 'worker.pollInterval.minMs'],
      [() => new Worker(store, { queues: ['mail'], concurrency: 5 } as never), 'HOLDFAST_OPTION_UNKNOWN', 'worker.concurrency'],
    ];
    for (const [call, code, field] of refusals) {
      const refusal = await refusalOf(call);
      expect([refusal.code, refusal.field]).to.deep.equal([code, field]);
    }
  });
});
