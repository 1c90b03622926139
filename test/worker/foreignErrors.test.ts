import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { TaskOptions } from '../../config/optionTypes';
import type { Handler } from '../../modules/worker/handlerTypes';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

/** Evaluates code in a realm of its own, as a test runner or a sandbox does. */
const other = <T>(code: string): T => runInNewContext(code) as T;

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const throwing =
  (thrown: unknown): Handler<unknown> =>
  () => {
    throw thrown;
  };

forEachStore('A value of another realm', (opening) => {
  let store: Store;
  let queue: Queue;
  let worker: Worker;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'foreign');
    worker = new Worker(store, { queues: ['foreign'], maxConcurrency: 4 });
  });

  const endOf = async (name: string, payload: unknown = null, options: TaskOptions = { maxRetries: 1 }) => {
    const { id } = await queue.add(name, payload, options);
    return eventually('the task has ended', async () => {
      const task = await queue.get(id);
      return task && ['succeeded', 'dead'].includes(task.state) ? task : undefined;
    });
  };

  it('that is an error is kept with its name, code, stack and cause', async () => {
    worker.handle('order', throwing(other('Object.assign(new TypeError("no price", { cause: new Error("no list") }), { code: "E_PRICE" })')));
    await worker.start();
    const { error } = await endOf('order');
    expect(error).to.deep.include({ name: 'TypeError', message: 'no price', code: 'E_PRICE', cause: { name: 'Error', message: 'no list' } });
    expect(error?.stack).to.include('no price');
  });

  it('that is an error fails the one task of a batch that it answers', async () => {
    worker.handleBatch('index', ({ tasks }) => tasks.map(({ id, payload }) => [id, payload === 1 ? other('new Error("refused")') : payload]));
    const [bad, good] = await queue.addMany([1, 2].map((payload) => ({ name: 'index', payload, options: { maxRetries: 1 } })));
    await worker.start();
    await eventually('both have ended', async () => (await queue.counts()).dead === 1 && (await queue.counts()).succeeded === 1);
    expect((await queue.get(bad?.id ?? ''))?.error).to.include({ message: 'refused' });
    expect((await queue.get(good?.id ?? ''))?.result).to.equal(2);
  });

  it('is taken as a date, a list and an object where options ask for one', async () => {
    const runAt = other<Date>('new Date(Date.now() + 3.6e6)');
    const payload = other('({ at: new Date(0), list: [1], n: new Number(5), s: new String("a") })');
    const { id } = await queue.add('later', payload, { runAt, tags: other('["a"]'), metadata: other('({ a: 1 })') });
    const task = await queue.get(id);
    expect(task?.payload).to.deep.equal({ at: '1970-01-01T00:00:00.000Z', list: [1], n: 5, s: 'a' });
    expect(task).to.deep.include({ tags: ['a'], metadata: { a: 1 } });
    expect(task?.availableAt.getTime()).to.equal(runAt.getTime());
  });

  it('that nobody can read, thrown, fails its own task and takes no slot of another', async () => {
    worker.handle('hostile', throwing(revoked()));
    worker.handle('later', () => Promise.reject(revoked() as Error));
    worker.handleBatch('batch', ({ tasks }) => tasks.map(({ id, payload }) => [id, payload === 1 ? revoked() : payload]));
    worker.handle('fine', () => 'done');
    await queue.addMany(Array.from({ length: 8 }, (_, n) => ({ name: n % 2 ? 'hostile' : 'later', payload: null, options: { maxRetries: 1 } })));
    const [, good] = await queue.addMany([1, 2].map((payload) => ({ name: 'batch', payload, options: { maxRetries: 1 } })));
    await worker.start();
    await eventually('all have ended', async () => (await queue.counts()).waiting + (await queue.counts()).running === 0);
    expect((await queue.get(good?.id ?? ''))?.result).to.equal(2);
    expect((await endOf('fine')).result).to.equal('done');
    await worker.stop();
  });
});
