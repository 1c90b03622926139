import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { HOUR } from '../../constants/limits';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';
import { Workflows } from '../support/workflows';

const suite = (opening: Opening): void => {
  let flows: Workflows;

  beforeEach(async () => {
    flows = await Workflows.on(opening);
  });

  it('is taken once by the waits of its name in order, before, during and after', async () => {
    const got: unknown[] = [];
    const gate = makeGate();
    const id = await flows.add();
    await flows.queue.signal(id, 'go', { n: 1 });
    await flows.serve(async ({ waitForSignal, step }) => {
      const first = await waitForSignal('go');
      await step('gate', () => gate.opened);
      const second = await waitForSignal('go');
      const third = await waitForSignal('go');
      got.push([first, second, third]);
    });
    await eventually('it runs', async () => (await flows.queue.get(id))?.state === 'running');
    await flows.queue.signal(id, 'go', { n: 2 });
    gate.open();
    expect(await flows.asleep(id)).to.deep.equal({ kind: 'signal', name: 'go', until: null });
    await flows.queue.signal(id, 'other', 'not this');
    await flows.queue.signal(id, 'go', { n: 3 });
    await flows.ended(id);
    expect(got).to.deep.equal([[{ payload: { n: 1 } }, { payload: { n: 2 } }, { payload: { n: 3 } }]]);
  });

  it('that comes after a wait has timed out is for the next', async () => {
    const id = await flows.add();
    const got: unknown[] = [];
    await flows.serve(async ({ waitForSignal }) => {
      const first = await waitForSignal('go', { timeoutMs: 100 });
      const second = await waitForSignal('go');
      got.push(first, second);
    });
    await eventually('the second wait has begun', async () => (await flows.queue.get(id))?.sleeps?.until === null);
    await flows.queue.signal(id, 'go', 'late');
    await flows.ended(id);
    expect(got).to.deep.equal([null, { payload: 'late' }]);
  });

  it('is not waited for with a limit of 0', async () => {
    const id = await flows.add();
    const got: unknown[] = [];
    await flows.queue.signal(id, 'there');
    await flows.serve(async ({ waitForSignal }) => {
      got.push(await waitForSignal('there', { timeoutMs: 0 }), await waitForSignal('there', { timeoutMs: 0 }));
    });
    await flows.ended(id);
    expect(got).to.deep.equal([{ payload: null }, null]);
    expect((await flows.queue.get(id))?.attempt).to.equal(1);
  });

  it('wakes a task that waits for several beside each other, each of them', async () => {
    const id = await flows.add();
    const got: unknown[] = [];
    await flows.serve(async ({ waitForSignal }) => {
      got.push(await Promise.all([waitForSignal('a'), waitForSignal('b', { timeoutMs: HOUR })]));
    });
    await flows.asleep(id);
    await flows.queue.signal(id, 'b', 2);
    await eventually('it was woken and sleeps again', async () => {
      const task = await flows.queue.get(id);
      return task?.attempt === 2 && task.sleeps?.name === 'a';
    });
    await flows.queue.signal(id, 'a', 1);
    await flows.ended(id);
    expect(got).to.deep.equal([[{ payload: 1 }, { payload: 2 }]]);
  });

  it('counts among the results of the steps, whose bytes are limited', async () => {
    const taken: number[] = [];
    let refused: unknown;
    const id = await flows.add({ maxRetries: 1 });
    await flows.serve(async ({ id: own, waitForSignal }) => {
      try {
        for (let n = 0; n < 8; n += 1) {
          await flows.queue.signal(own, 'large', 'x'.repeat(1_000_000));
          await waitForSignal('large');
          taken.push(n);
        }
      } catch (error) {
        refused = error;
      }
    });
    await flows.ended(id);
    expect(refused).to.include({ code: 'HOLDFAST_STEPS_FULL', field: 'large' });
    expect(taken).to.have.lengthOf(5);
  });

  it('for a task that is gone or has finished is refused', async () => {
    const id = await flows.add();
    await flows.serve(() => undefined);
    await flows.ended(id);
    expect(await refusalOf(() => flows.queue.signal(id, 'go'))).to.include({ code: 'HOLDFAST_TASK_FINISHED', field: id });
    await flows.queue.remove(id);
    expect(await refusalOf(() => flows.queue.signal(id, 'go'))).to.include({ code: 'HOLDFAST_TASK_MISSING', field: id });
    expect((await refusalOf(() => flows.queue.signal('no id', 'go'))).code).to.equal('HOLDFAST_OPTION_INVALID');
    expect((await refusalOf(() => flows.queue.signal(id, ''))).code).to.equal('HOLDFAST_OPTION_INVALID');
    expect((await refusalOf(() => flows.queue.signal(id, 'go', new Map()))).code).to.equal('HOLDFAST_PAYLOAD_NOT_JSON');
  });
};

forEachStore('A signal', suite);
forReference('A signal', suite);

// The reference store has no other processes.
forEachStore('A signal', (opening) => {
  it('from another process wakes a worker', async () => {
    const flows = await Workflows.on(opening);
    const id = await flows.add();
    await flows.serve(({ waitForSignal }) => waitForSignal('go'), { pollInterval: { minMs: 20_000, maxMs: 60_000 } });
    await flows.asleep(id);
    const other = await opening.open();
    await new Queue(other, 'orders').signal(id, 'go', 1);
    await flows.ended(id);
    expect((await flows.queue.get(id))?.result).to.deep.equal({ payload: 1 });
  });
});
