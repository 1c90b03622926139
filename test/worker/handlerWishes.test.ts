import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { currentTask } from '../../classes/worker/currentTask';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskContext } from '../../modules/worker/taskContext';
import { Worker } from '../../classes/worker/worker';
import type { Handler, WorkerArguments } from '../../modules/worker/handlerTypes';
import { HISTORY_ATTEMPTS, HISTORY_LINES, HOUR, LONGEST_DELAY_MS } from '../../constants/limits';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { Snooze, snoozeOf } from '../../modules/task/handlerErrors';
import { forEachStore } from '../support/stores';

forEachStore('A handler may', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  const serve = async (handler: Handler<unknown>, options: Partial<WorkerArguments<Record<string, unknown>>> = {}): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: handler }, pollInterval: { maxMs: 100 }, ...options });
    await worker.start();
    return worker;
  };

  const ended = (id: string, state: string) => eventually(`it is ${state}`, async () => (await queue.get(id))?.state === state);

  /** Runs a function inside a handler and returns its result. */
  const inHandler = async (run: (context: TaskContext) => unknown): Promise<unknown> => {
    const { id } = await queue.add('work', {}, { maxRetries: 1 });
    let answer: unknown;
    await serve(async (context) => void (answer = await run(context)));
    await ended(id, 'succeeded');
    return answer;
  };

  it('tell its progress, which others see while it runs, and which stays', async () => {
    const gate = makeGate();
    await serve(async ({ progress }) => {
      await progress({ done: 1, of: 2 });
      await gate.opened;
    });
    const { id } = await queue.add('work', {});
    await eventually('the progress is seen', async () => (await queue.get(id))?.progress !== undefined);
    expect(await queue.get(id)).to.deep.include({ state: 'running', progress: { done: 1, of: 2 } });
    gate.open();
    await ended(id, 'succeeded');
    expect((await queue.get(id))?.progress).to.deep.equal({ done: 1, of: 2 });
  });

  it('tell its progress many times at once, of which the last is kept', async () => {
    const { id } = await queue.add('work', {});
    await serve(async ({ progress }) => void (await Promise.all(Array.from({ length: 50 }, (_, n) => progress(n)))));
    await ended(id, 'succeeded');
    expect((await queue.get(id))?.progress).to.equal(49);
  });

  it('not tell a progress that is too large or no JSON', async () => {
    const codes = await inHandler(async ({ progress }) => [
      (await refusalOf(() => progress('x'.repeat(5_000)))).code,
      (await refusalOf(() => progress(NaN))).code,
    ]);
    expect(codes).to.deep.equal(['HOLDFAST_PAYLOAD_TOO_LARGE', 'HOLDFAST_PAYLOAD_NOT_JSON']);
  });

  it('extend its lease beyond a time in which it blocks the event loop', async () => {
    const other = await opening.open();
    const swept: string[] = [];
    other.events.on('lease-swept', ({ task }) => swept.push(task.id));
    const { id } = await queue.add('work', {});
    await serve(
      async ({ extend, signal }) => {
        await extend(60_000);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
        await wait(300);
        return signal.aborted;
      },
      { leaseMs: 600 },
    );
    await ended(id, 'succeeded');
    expect(await queue.get(id)).to.include({ result: false, attempt: 1 });
    expect(swept).to.deep.equal([]);
  });

  it('rely on an extension, which no heartbeat shortens', async () => {
    const leaseEnd = (await inHandler(async ({ extend, id }) => {
      await extend(HOUR);
      await store.parts.leases.renewAll();
      return (await queue.get(id))?.lease?.expiresAt.getTime();
    })) as number;
    expect(leaseEnd).to.be.above(Date.now() + HOUR / 2);
  });

  it('not extend a lease that is lost', async () => {
    const { id } = await queue.add('work', {});
    let refusal: unknown;
    await serve(async ({ extend, signal }) => {
      await queue.cancel(id);
      refusal = await refusalOf(() => extend(5_000));
      expect(signal.aborted).to.equal(true);
    });
    await eventually('it is refused', () => refusal !== undefined);
    expect(refusal).to.include({ code: 'HOLDFAST_LEASE_LOST' });
    expect((await queue.get(id))?.state).to.equal('cancelled');
  });

  it('not extend its lease when it has ended', async () => {
    let late: TaskContext | undefined;
    const { id } = await queue.add('work', {});
    await serve((context) => void (late = context));
    await ended(id, 'succeeded');
    expect(await refusalOf(() => late?.extend(5_000))).to.include({ code: 'HOLDFAST_LEASE_LOST' });
  });

  it('not extend its lease by what is no length of a lease', async () => {
    const fields = await inHandler(async ({ extend }) =>
      Promise.all([0, 199, 13 * HOUR, NaN].map(async (ms) => (await refusalOf(() => extend(ms))).field)),
    );
    expect(fields).to.deep.equal(['ms', 'ms', 'ms', 'ms']);
  });

  it('snooze by an error from any depth, also one of another copy of the package, and is called again without a failure', async () => {
    let calls = 0;
    await serve(() => {
      calls += 1;
      if (calls === 1) throw new Snooze(10, 'not now');
      if (calls === 2) throw Object.assign(new Error('not now'), { [Symbol.for('holdfast.Snooze')]: true, delayMs: 10 });
    });
    const { id } = await queue.add('work', {});
    await ended(id, 'succeeded');
    const { failures, attempts } = (await queue.get(id)) ?? {};
    expect(failures).to.equal(0);
    expect(attempts?.map(({ ending, error }) => [ending, error?.message])).to.deep.equal([
      ['snoozed', 'not now'],
      ['snoozed', 'not now'],
      ['succeeded', undefined],
    ]);
  });

  it('refuse a snooze for no time that there is', async () => {
    for (const delayMs of [-1, NaN, Infinity, LONGEST_DELAY_MS + 1, '5' as never])
      expect((await refusalOf(() => new Snooze(delayMs))).code).to.equal('HOLDFAST_OPTION_INVALID');
    expect(snoozeOf({ [Symbol.for('holdfast.Snooze')]: true, delayMs: -1 })).to.equal(undefined);
  });

  it('snooze, and is called again later without a failure, and the snoozed attempt is told', async () => {
    const told: string[] = [];
    store.events.on('task-snoozed', ({ delayMs }) => told.push(`snoozed ${delayMs}`));
    store.events.on('task-succeeded', () => told.push('succeeded'));
    const { id } = await queue.add('work', {}, { maxRetries: 1 });
    await serve(({ attempt, snooze }) => (attempt < 3 ? snooze(50) : 'now'));
    await ended(id, 'succeeded');
    await eventually('its end is told', () => told.length === 3);
    expect(told).to.deep.equal(['snoozed 50', 'snoozed 50', 'succeeded']);
    const task = await queue.get(id);
    expect(task).to.include({ attempt: 3, failures: 0, result: 'now' });
    expect(task?.attempts.map(({ ending }) => ending)).to.deep.equal(['snoozed', 'snoozed', 'succeeded']);
  });

  it('not snooze beyond the limit, and the task goes on as if it had not asked', async () => {
    const refused = await inHandler(({ snooze }) =>
      Promise.all([LONGEST_DELAY_MS + 1, -1, NaN, '5' as unknown as number].map(async (ms) => (await refusalOf(() => snooze(ms))).code)),
    );
    expect(refused).to.deep.equal(Array(4).fill('HOLDFAST_OPTION_INVALID'));
  });

  it('fail although it has asked to snooze', async () => {
    const { id } = await queue.add('work', {}, { maxRetries: 1 });
    await serve(({ snooze }) => {
      snooze(50);
      throw new Error('after all');
    });
    await ended(id, 'dead');
    expect((await queue.get(id))?.error?.message).to.equal('after all');
  });

  it('release its task, and another attempt follows without a failure', async () => {
    const { id } = await queue.add('work', {}, { maxRetries: 1 });
    await serve(({ attempt, release }) => (attempt === 1 ? release(0) : 'taken'));
    await ended(id, 'succeeded');
    expect(await queue.get(id)).to.include({ attempt: 2, failures: 0, result: 'taken' });
  });

  it('write lines, one a call, of which the last fifty are kept with the task, each bounded', async () => {
    const { id } = await queue.add('work', {});
    await serve(({ log }) => {
      for (let n = 0; n < HISTORY_LINES + 10; n += 1) log.info(`line ${n}`);
      log.warn('x'.repeat(10_000));
    });
    await ended(id, 'succeeded');
    const log = (await queue.get(id))?.log ?? [];
    expect(log).to.have.length(HISTORY_LINES);
    expect(log[0]).to.deep.include({ attempt: 1, level: 'info', message: 'line 11' });
    expect(log.at(-1)?.level).to.equal('warn');
    expect(log.at(-1)?.message).to.have.length(500);
  });

  it('have its last attempts kept, each with its end, its worker and its error', async () => {
    const { id } = await queue.add('work', {}, { maxRetries: 12, backoff: { type: 'fixed', delayMs: 0 } });
    const worker = await serve(({ attempt, log }) => {
      log.info(`try ${attempt}`);
      throw Object.assign(new Error(`failure ${attempt}`), { code: 'E_NO' });
    });
    await ended(id, 'dead');
    const { attempts = [], log = [] } = (await queue.get(id)) ?? {};
    expect(attempts).to.have.length(HISTORY_ATTEMPTS);
    expect(attempts.map(({ attempt }) => attempt)).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(attempts[0]).to.deep.include({ workerId: worker.id, ending: 'retried', error: { name: 'Error', message: 'failure 3', code: 'E_NO' } });
    expect(attempts.at(-1)).to.deep.include({ ending: 'dead' });
    expect(log.map(({ message }) => message)).to.deep.equal(Array.from({ length: 12 }, (_, n) => `try ${n + 1}`));
  });

  it('be surrounded by middleware, the first outermost, which sees its result and its error', async () => {
    const calls: string[] = [];
    const worker = new Worker(store, {
      queues: ['mail'],
      handlers: {
        work: () => {
          calls.push('handler');
          return 'result';
        },
      },
    });
    worker.use(async ({ name }, next) => {
      calls.push(`outer of ${name}`);
      const result = await next();
      calls.push(`outer got ${String(result)}`);
      return `${String(result)} and more`;
    });
    worker.use((_context, next) => {
      calls.push('inner');
      return next();
    });
    await worker.start();
    const { id } = await queue.add('work', {});
    await ended(id, 'succeeded');
    expect(calls).to.deep.equal(['outer of work', 'inner', 'handler', 'outer got result']);
    expect((await queue.get(id))?.result).to.equal('result and more');
  });

  it('ignore a progress and an extension that fail, and its process goes on', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const refused = await inHandler(async ({ progress, extend }) => {
        void progress(10n);
        void extend(-1);
        await wait(20);
        return Promise.all([refusalOf(() => progress(10n)), refusalOf(() => extend(-1))]);
      });
      expect((refused as { code: string }[]).map(({ code }) => code)).to.deep.equal(['HOLDFAST_PAYLOAD_NOT_JSON', 'HOLDFAST_OPTION_INVALID']);
      expect(unhandled).to.deep.equal([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  it('be kept from running by middleware that throws', async () => {
    let runs = 0;
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: () => (runs += 1) } });
    worker.use(() => Promise.reject(new Error('not today')));
    await worker.start();
    const { id } = await queue.add('work', {}, { maxRetries: 1 });
    await ended(id, 'dead');
    expect(runs).to.equal(0);
    expect((await queue.get(id))?.error?.message).to.equal('not today');
  });

  it('know its task however deep it is', async () => {
    const deep = async (): Promise<string | undefined> => {
      await wait(5);
      return currentTask()?.id;
    };
    const ids = await Promise.all([queue.add('work', {}), queue.add('work', {})]);
    await serve(() => deep());
    for (const { id } of ids) {
      await ended(id, 'succeeded');
      expect((await queue.get(id))?.result).to.equal(id);
    }
    expect(currentTask()).to.equal(undefined);
  });

  it('not know its task where the worker does not track it', async () => {
    const { id } = await queue.add('work', {});
    await serve(() => currentTask() === undefined, { tracksCurrentTask: false });
    await ended(id, 'succeeded');
    expect((await queue.get(id))?.result).to.equal(true);
  });
});
