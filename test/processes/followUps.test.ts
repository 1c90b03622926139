import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { endChildren, endOf, startFixture } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import type { FollowUpOptions } from '../fixtures/followUpWorker';
import { followUpId } from '../../modules/task/followUps';
import { eventually } from '../support/eventually';
import { isLongRun } from '../support/hooks';
import { forEachStore } from '../support/stores';

const ORDERS = isLongRun ? 60 : 20;
const KILLS = 5;
const LEASE_MS = 2_000;
const TEST_MS = 180_000;

forEachStore('Follow-ups under kills', function (opening) {
  let store: Store;
  let mail: Queue;

  beforeEach(async () => {
    store = await opening.open();
    mail = new Queue(store, 'mail');
  });

  afterEach(endChildren);

  const start = (options: Partial<FollowUpOptions>): Child =>
    startFixture('followUpWorker', { url: opening.url, queue: 'orders', leaseMs: LEASE_MS, ...options });

  const wanted = (orders: readonly string[]): string[] => orders.flatMap((id) => [followUpId(id, 0), followUpId(id, 1)]).sort();

  const idsIn = async (queue: Queue): Promise<string[]> => (await queue.list({ limit: 1_000 })).tasks.map(({ id }) => id).sort();

  /** Runs what a killed process has left, and waits until no order keeps follow-ups. */
  const letEnd = async (queue: Queue, ids: readonly string[]): Promise<void> => {
    const handlers = { order: ({ add }: { add: (queue: string, name: string, payload: unknown, options?: object) => string }) => void [add('mail', 'receipt', {}), add('mail', 'receipt', {}, { priority: 1 })] }; // prettier-ignore
    await new Worker(store, { queues: [queue.name], handlers }).start();
    const isOver = async (id: string): Promise<boolean> => {
      const task = await queue.get(id);
      return task?.state === 'succeeded' && task.followUps.length === 0;
    };
    await eventually('every order has let its follow-ups go', async () => (await Promise.all(ids.map(isOver))).every(Boolean), TEST_MS / 2);
  };

  it('get into their queue once, before whichever write their process is killed', async function () {
    this.timeout(TEST_MS);
    const places = opening.kind === 'mongodb' ? [1, 2, 3, 4, 5] : [1, 2];
    const orders = await Promise.all(
      places.map(async (killAt) => {
        const queue = new Queue(store, `orders ${killAt}`);
        return { queue, killAt, id: (await queue.add('order', {}, { maxRetries: 10 })).id };
      }),
    );
    const children = orders.map(({ queue, killAt }) => start({ queue: queue.name, killAt }));
    for (const child of children) expect((await endOf(child)).signal).to.equal('SIGKILL');
    await Promise.all(orders.map(({ queue, id }) => letEnd(queue, [id])));
    expect(await idsIn(mail)).to.deep.equal(wanted(orders.map(({ id }) => id)));
    const { succeeded } = await new Worker(store, { queues: ['mail'], handlers: { receipt: () => undefined } }).drain();
    expect(succeeded).to.equal(2 * orders.length);
  });

  it(`are two for each of ${ORDERS} orders, however often their processes are killed`, async function () {
    this.timeout(TEST_MS);
    const queue = new Queue(store, 'orders');
    const added = await queue.addMany(Array.from({ length: ORDERS }, () => ({ name: 'order', payload: {}, options: { maxRetries: 100 } })));
    const ids = added.map(({ id }) => id);
    const children = [start({}), start({})];
    for (let kills = 0; kills < KILLS; kills += 1) {
      const before = (await queue.counts()).waiting;
      await eventually('some orders are done', async () => before === 0 || (await queue.counts()).waiting <= Math.max(0, before - 8));
      children[kills % 2]?.kill('SIGKILL');
      children[kills % 2] = start({});
    }
    await letEnd(queue, ids);
    expect(await idsIn(mail)).to.deep.equal(wanted(ids));
  });
});
