import { expect } from 'chai';
import sinon from 'sinon';
import { defineEvent } from '../../classes/events/declaredEvent';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { isHoldfastError } from '../../modules/errors/holdfastError';
import { PermanentError } from '../../modules/task/handlerErrors';
import { Mail } from '../support/eventParts';
import { makeGate, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

const NO_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

forEachStore('The result of a task', (opening) => {
  let here: Store;
  let there: Store;
  let queue: Queue;

  beforeEach(async () => {
    here = await opening.open();
    there = await opening.open();
    queue = new Queue(here, 'sums');
  });

  const serve = async (store: Store, handler: () => unknown): Promise<void> =>
    new Worker(store, { queues: ['sums'], handlers: { sum: handler } }).start();

  for (const [where, storeOf] of [
    ['this process', () => here],
    ['another process', () => there],
  ] as const) {
    it(`is awaited, whether it came before or comes later, where ${where} runs the task`, async () => {
      const { id } = await queue.add('sum', {});
      const awaited = Promise.all([queue.result(id), queue.result(id)]);
      await serve(storeOf(), () => ({ sum: 7 }));
      expect(await awaited).to.deep.equal([{ sum: 7 }, { sum: 7 }]);
      expect(await queue.result(id)).to.deep.equal({ sum: 7 });
    });

    it(`is thrown where ${where} gave the task up: what it failed with`, async () => {
      await serve(storeOf(), () => {
        throw Object.assign(new PermanentError('no such account', { cause: new TypeError('deep') }), { code: 'E_ACCOUNT' });
      });
      const { id } = await queue.add('sum', {});
      const thrown = await queue.result(id).then(
        () => undefined,
        (error: unknown) => error as Error & { code: string },
      );
      expect(thrown).to.be.an.instanceOf(Error);
      expect(thrown).to.include({ name: 'PermanentError', message: 'no such account', code: 'E_ACCOUNT' });
      expect(thrown?.cause).to.include({ name: 'TypeError', message: 'deep' });
    });
  }

  it('is awaited over retries, and no longer than asked', async () => {
    let runs = 0;
    const gate = makeGate();
    await serve(here, async () => {
      if ((runs += 1) === 1) throw new Error('once');
      await gate.opened;
      return runs;
    });
    const { id } = await queue.add('sum', {}, { backoff: { type: 'fixed', delayMs: 0 } });
    expect(await refusalOf(() => queue.result(id, { timeoutMs: 100 }))).to.include({ code: 'HOLDFAST_RESULT_LATE', field: id });
    const awaited = queue.result(id);
    gate.open();
    expect(await awaited).to.equal(2);
  });

  it('is refused where the task was cancelled, is not there, or the store is closed', async () => {
    const { id } = await queue.add('sum', {});
    const awaited = refusalOf(() => queue.result(id));
    await new Queue(there, 'sums').cancel(id);
    expect(await awaited).to.include({ code: 'HOLDFAST_TASK_CANCELLED' });
    expect(await refusalOf(() => queue.result(NO_ID))).to.include({ code: 'HOLDFAST_TASK_MISSING' });
    expect(await refusalOf(() => queue.result('x'))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'id' });
    expect(await refusalOf(() => queue.result(id, { timeoutMs: 0 }))).to.include({ field: 'result.timeoutMs' });
    const late = refusalOf(async () => queue.result((await queue.add('sum', {})).id));
    await here.close();
    expect(isHoldfastError(await late, 'HOLDFAST_STORE_CLOSED')).to.equal(true);
  });

  it('is looked for a few at a time, however many wait', async () => {
    const { tasks } = here.parts;
    let [now, most] = [0, 0];
    const find = tasks.find.bind(tasks) as (...given: unknown[]) => Promise<never>;
    sinon.stub(tasks, 'find').callsFake(async (...given: unknown[]) => {
      most = Math.max(most, (now += 1));
      try {
        return await find(...given);
      } finally {
        now -= 1;
      }
    });
    const added = await queue.addMany(Array.from({ length: 60 }, () => ({ name: 'sum', payload: {} })));
    const awaited = Promise.all(added.map(({ id }) => queue.result(id)));
    await serve(there, () => 1);
    expect(await awaited).to.deep.equal(Array(60).fill(1));
    expect(most).to.be.at.most(4);
  });

  it('is awaited of an event by its UUID', async () => {
    const mail = defineEvent({ name: 'mail', schema: Mail, process: ({ to }) => to.length }).on(here, { logger: null });
    await mail.start();
    const { id } = await mail.emit({ to: 'abc' });
    expect(await mail.result(id)).to.equal(3);
  });
});
