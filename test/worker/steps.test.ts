import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { STEPS_A_TASK } from '../../constants/limits';
import { eventually, refusalOf } from '../support/eventually';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';
import { Workflows } from '../support/workflows';

const suite = (opening: Opening): void => {
  let flows: Workflows;

  beforeEach(async () => {
    flows = await Workflows.on(opening);
  });

  it('runs once in all attempts, and each attempt has the same result and key', async () => {
    const ran: string[] = [];
    const results: unknown[] = [];
    await flows.serve(async ({ step, attempt }) => {
      const made = new Date(5);
      results.push(await step('first', ({ key, attempt: own }) => (ran.push(`first ${own} ${key}`), { made, none: undefined })));
      results.push(await step('void', () => undefined), await step('null', () => null));
      await step('second', ({ key }) => {
        ran.push(`second ${attempt} ${key}`);
        if (attempt < 3) throw new Error('not yet');
      });
    });
    const id = await flows.add({});
    await flows.ended(id);
    const keys = ran.map((line) => line.split(' ')[2]);
    expect(ran.map((line) => line.slice(0, 8))).to.deep.equal(['first 1 ', 'second 1', 'second 2', 'second 3']);
    expect(new Set(keys.slice(1)).size).to.equal(1);
    expect(new Set(keys).size).to.equal(2);
    expect(results).to.deep.equal([1, 2, 3].flatMap(() => [{ made: '1970-01-01T00:00:00.005Z' }, undefined, null]));
  });

  it('sets failures to 0, so that a long workflow outlives maxRetries', async () => {
    const id = await flows.add({ maxRetries: 3 });
    await flows.serve(async ({ step, attempt, failures }) => {
      for (let n = 1; n <= 6; n += 1) {
        await step(`part ${n}`, () => {
          if (attempt < 2 * n) throw new Error(`attempt ${attempt} fails after ${failures}`);
        });
      }
    });
    await flows.ended(id);
    expect((await flows.queue.get(id))?.attempt).to.equal(12);
  });

  it('fails its task like any error, and is not kept, when its function throws', async () => {
    const id = await flows.add({ maxRetries: 2 });
    await flows.serve(({ step }) => step('broken', () => Promise.reject(new RangeError('out'))));
    await flows.ended(id, 'dead');
    expect((await flows.queue.get(id))?.error).to.include({ name: 'RangeError', message: 'out' });
  });

  it('refuses a name that is used twice in an attempt', async () => {
    const error = await flows.thrownIn(async ({ step }) => {
      await step('twice', () => 1);
      await step('twice', () => 2);
    });
    expect(error).to.include({ code: 'HOLDFAST_STEP_REPEATED', field: 'twice' });
  });

  it('refuses a name that an older attempt recorded under another kind', async () => {
    const id = await flows.add({ maxRetries: 2 });
    const codes: unknown[] = [];
    await flows.serve(async ({ step, sleepFor, waitForSignal, attempt }) => {
      if (attempt === 1) {
        await step('a', () => 1);
        await sleepFor('b', 0);
        throw new Error('again');
      }
      for (const use of [() => sleepFor('a', 1), () => step('b', () => 1), () => waitForSignal('a')])
        await use().catch((error: unknown) => codes.push((error as { code: string; field: string }).code, (error as { field: string }).field));
    });
    await flows.ended(id);
    expect(codes).to.deep.equal(['HOLDFAST_STEP_CHANGED', 'a', 'HOLDFAST_STEP_CHANGED', 'b', 'HOLDFAST_STEP_REPEATED', 'a']);
  });

  it('refuses results that JSON cannot carry, and names the step', async () => {
    for (const result of [new Map([[1, 2]]), () => 1, { a: [1n] }, 'x'.repeat(1024 * 1024)]) {
      const error = await flows.thrownIn(({ step }) => step('bad', () => result as never));
      expect(error).to.include({ code: 'HOLDFAST_STEP_RESULT_INVALID', field: 'bad' });
    }
  });

  it('refuses more than 4 MiB of results in a task', async () => {
    const error = await flows.thrownIn(async ({ step }) => {
      for (let n = 0; n < 5; n += 1) await step(`part ${n}`, () => 'x'.repeat(1024 * 1024 - 2));
    });
    expect(error).to.include({ code: 'HOLDFAST_STEPS_FULL', field: 'part 3' });
  });

  it(`refuses step ${STEPS_A_TASK + 1}`, async () => {
    const error = await flows.thrownIn(async ({ step }) => {
      const names = Array.from({ length: STEPS_A_TASK + 1 }, (_, n) => `part ${n}`);
      await Promise.all(names.map((name) => step(name, () => undefined)));
    });
    expect(error).to.include({ code: 'HOLDFAST_STEPS_FULL', field: `part ${STEPS_A_TASK}` });
  });

  it('refuses bad names', async () => {
    for (const name of ['', 'a\nb', 'x'.repeat(129), 5]) {
      expect(await flows.thrownIn(({ step }) => step(name as string, () => 1))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'name' });
    }
  });

  it('writes nothing under a lost lease, and the attempt ends as lost', async () => {
    const id = await flows.add();
    const codes: unknown[] = [];
    const told: unknown[] = [];
    flows.store.events.on('lease-lost', ({ reason }) => told.push(reason));
    const worker = await flows.serve(async ({ step }) => {
      await step('kept', () => 1);
      await step('late', async () => void (await flows.queue.cancel(id))).catch((error: unknown) => codes.push((error as { code: string }).code));
      await step('after', () => codes.push('ran')).catch((error: unknown) => codes.push((error as { code: string }).code));
    });
    await eventually('it has ended', () => codes.length === 2 && worker.running === 0);
    expect(codes).to.deep.equal(['HOLDFAST_LEASE_LOST', 'HOLDFAST_LEASE_LOST']);
    expect(told).to.deep.equal(['taken']);
    expect((await flows.store.parts.steps.read({ id, queue: 'orders' })).map(({ name }) => name)).to.deep.equal(['kept']);
    expect((await flows.queue.get(id))?.state).to.equal('cancelled');
  });

  it('is awaited: a step beside one that fails is recorded before the attempt ends', async () => {
    const id = await flows.add();
    const ran: string[] = [];
    await flows.serve(async ({ step, attempt }) => {
      await Promise.all([
        step('slow', async () => void (await wait(100), ran.push('slow'))),
        step('failing', () => {
          if (attempt === 1) throw new Error('no');
        }),
      ]);
    });
    await flows.ended(id);
    expect(ran).to.deep.equal(['slow']);
  });

  it('is kept by a dead task for its redrive', async () => {
    const id = await flows.add({ maxRetries: 1 });
    const ran: number[] = [];
    let isMended = false;
    await flows.serve(async ({ step, attempt }) => {
      await step('once', () => void ran.push(attempt));
      if (!isMended) throw new Error('broken');
    });
    await flows.ended(id, 'dead');
    isMended = true;
    await flows.queue.redrive(id);
    await flows.ended(id);
    expect(ran).to.deep.equal([1]);
  });

  it('that is not awaited may still add follow-ups', async () => {
    let added = '';
    await flows.serve((context) => {
      void context.step('late', async () => {
        await wait(20);
        added = context.add('letters', 'write', { n: 1 });
      });
      return 'returned first';
    });
    const id = await flows.add();
    await flows.ended(id);
    const letters = new Queue(flows.store, 'letters');
    await eventually('the follow-up is there', async () => (await letters.get(added)) !== null);
  });

  it('that is not awaited runs within the time limit of its task', async () => {
    await flows.serve(({ step }) => {
      void step('long', () => wait(200));
      return 'returned first';
    });
    const id = await flows.add({ maxRetries: 1, timeoutMs: 30 });
    await flows.ended(id, 'dead');
    expect((await flows.queue.get(id))?.error?.code).to.equal('HOLDFAST_TIMED_OUT');
  });

  it('is not to be had in a batch handler', async () => {
    const worker = new Worker(flows.store, { queues: ['orders'] });
    const refused: string[] = [];
    worker.handleBatch('work', async ({ tasks }) => {
      const [task] = tasks;
      const calls = [
        () => task?.step('a', () => 1),
        () => task?.sleepFor('b', 1),
        () => task?.sleepUntil('c', new Date()),
        () => task?.waitForSignal('d'),
      ];
      for (const call of calls) refused.push((await refusalOf(call)).code);
      return tasks.map(({ id }) => [id, 'done']);
    });
    const id = await flows.add();
    await worker.start();
    await flows.ended(id);
    expect(refused).to.deep.equal(Array(4).fill('HOLDFAST_STEPS_IN_BATCH'));
  });
};

forEachStore('A step', suite);
forReference('A step', suite);
