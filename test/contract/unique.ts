import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { MINUTE } from '../../constants/limits';
import { newTask } from '../../modules/task/newTask';
import type { Opening } from '../support/stores';
import { claim, sample, settlement, the } from './samples';

/** The contract of unique keys: one live task for each key in a queue. */
export function unique(opening: Opening): void {
  describe('a unique key', () => {
    let store: Store;
    let queue: Queue;
    const once = { uniqueKey: 'order 7' };

    beforeEach(async () => {
      store = await opening.open();
      queue = new Queue(store, 'q');
    });

    it('lets one task wait, and returns it to whoever adds another', async () => {
      const first = await queue.add('work', 1, once);
      const second = await queue.add('work', 2, once);
      expect(first.added).to.equal(true);
      expect(second).to.deep.equal({ id: first.id, added: false });
      expect((await queue.get(first.id))?.payload).to.equal(1);
      expect((await queue.counts()).waiting).to.equal(1);
    });

    it('returns the tasks of many known keys in order, beside new ones', async () => {
      const keys = Array.from({ length: 60 }, (_, n) => `key ${n}`);
      const specs = keys.map((uniqueKey, n) => ({ name: 'work', payload: n, options: { uniqueKey } }));
      const first = await queue.addMany(specs.filter((_, n) => n % 3 > 0));
      const again = await queue.addMany(specs);
      expect(again.filter(({ added }) => added)).to.have.length(20);
      expect(again.filter(({ added }) => !added).map(({ id }) => id)).to.deep.equal(first.map(({ id }) => id));
    });

    it('holds for fifty who add at once, from two connections', async () => {
      const other = new Queue(await opening.open(), 'q');
      const added = await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 ? queue : other).add('work', n, once)));
      expect(added.filter((answer) => answer.added)).to.have.length(1);
      expect(new Set(added.map(({ id }) => id)).size).to.equal(1);
    });

    it('holds while the task runs, and is free when it has ended', async () => {
      const { id } = await queue.add('work', 1, once);
      const [running] = await claim(store.parts.tasks);
      expect(await queue.add('work', 2, once)).to.deep.equal({ id, added: false });
      await store.parts.tasks.settle([settlement(the(running), { state: 'succeeded', keepMs: MINUTE })]);
      expect(await queue.add('work', 3, once)).to.have.property('added', true);
    });

    it('holds among the tasks of one call, and for its queue alone', async () => {
      const added = await queue.addMany([
        { name: 'work', payload: 1, options: once },
        { name: 'work', payload: 2 },
        { name: 'work', payload: 3, options: once },
      ]);
      expect(added.map((answer) => answer.added)).to.deep.equal([true, true, false]);
      expect(added[2]?.id).to.equal(added[0]?.id);
      expect(await new Queue(store, 'another').add('work', 1, once)).to.have.property('added', true);
    });

    it('is that of the first of a call, whatever their priorities', async () => {
      const added = await queue.addMany([
        { name: 'work', payload: 1, options: { priority: 1, uniqueKey: 'other' } },
        { name: 'work', payload: 2, options: { priority: 5, ...once } },
        { name: 'work', payload: 3, options: { priority: 1, ...once } },
      ]);
      expect(added.map((answer) => answer.added)).to.deep.equal([true, true, false]);
      expect((await queue.get(added[2]?.id ?? ''))?.payload).to.equal(2);
    });

    it('does not stand against the same insert sent again', async () => {
      const task = newTask('q', 'work', 1, once);
      expect(await store.parts.tasks.insert([task])).to.deep.equal([{ id: task.id, added: true }]);
      expect(await store.parts.tasks.insert([task])).to.deep.equal([{ id: task.id, added: true }]);
    });

    it('keeps a dead task dead whose key is taken, and that one alone', async () => {
      const dead = [sample({ uniqueKey: 'a' }), sample({ uniqueKey: 'b' }), sample()];
      await store.parts.tasks.insert(dead);
      const running = await claim(store.parts.tasks);
      await store.parts.tasks.settle(running.map((task) => settlement(task, { state: 'dead', keepMs: MINUTE, failures: 3 })));
      const { id } = await queue.add('work', 1, { uniqueKey: 'a' });
      expect(await queue.redrive()).to.equal(2);
      expect(await queue.redrive(the(dead[0]).id)).to.equal(0);
      expect((await queue.get(the(dead[0]).id))?.state).to.equal('dead');
      await queue.cancel(id);
      expect(await queue.redrive(the(dead[0]).id)).to.equal(1);
    });

    it('is shown with its task', async () => {
      const { id } = await queue.add('work', 1, once);
      expect((await queue.get(id))?.uniqueKey).to.equal('order 7');
      expect((await queue.get((await queue.add('work', 1)).id))?.uniqueKey).to.equal(null);
    });
  });
}
