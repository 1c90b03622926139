import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';

interface Tasks {
  welcome: { to: string; at: Date };
  bill: { cents: number };
}

describe('What a typed queue shows', () => {
  let store: Store;
  let queue: Queue<Tasks>;

  beforeEach(async () => {
    store = await openStore('sqlite::memory:');
    queue = new Queue(store, 'mail');
  });

  afterEach(() => store.close());

  it('has the payload of its name by get, as JSON keeps it', async () => {
    const { id } = await queue.add('welcome', { to: 'a', at: new Date(0) });
    const task = await queue.get(id);
    if (task?.name !== 'welcome') throw new Error('not the task that was added');
    const { to, at }: { to: string; at: string } = task.payload;
    expect([to, at]).to.deep.equal(['a', '1970-01-01T00:00:00.000Z']);
    // @ts-expect-error a task named welcome has no cents
    expect(task.payload.cents).to.equal(undefined);
  });

  it('has the payload of each name by list, and of one name where one is asked for', async () => {
    await queue.addMany([
      { name: 'welcome', payload: { to: 'a', at: new Date(0) } },
      { name: 'bill', payload: { cents: 5 } },
    ]);
    const { tasks } = await queue.list();
    expect(tasks.map((task) => (task.name === 'bill' ? task.payload.cents : task.payload.to))).to.have.members([5, 'a']);
    const bills = await queue.list({ name: 'bill', limit: 10 });
    expect(bills.tasks.map(({ payload }) => payload.cents + 1)).to.deep.equal([6]);
    // @ts-expect-error the queue has no task of this name
    await queue.list({ name: 'bil' });
  });

  it('has an unknown payload where the queue has no types', async () => {
    const untyped = new Queue(store, 'mail');
    const { id } = await untyped.add('any', { a: 1 });
    const task = await untyped.get(id);
    // @ts-expect-error nobody has told what the payload is
    expect(task?.payload.a).to.equal(1);
    expect((await untyped.list({ name: 'any' })).tasks).to.have.length(1);
  });
});
