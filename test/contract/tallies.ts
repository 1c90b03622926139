import { expect } from 'chai';
import type { Database } from '../../modules/ports/database';
import type { NewTask } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, QUEUE, reread, sample, samples, settlement, the, until } from './samples';

const MINUTE = 60_000;

/** The contract of the counts of one queue. */
export function tallies(opening: Opening): void {
  describe('the counts of one queue', () => {
    let database: Database;
    beforeEach(async () => {
      database = await opening.database();
    });

    it('tell what is due, delayed, running and finished, and since when something is due', async () => {
      const { tasks } = database;
      const ended = await claimed(tasks, 6);
      const states = ['succeeded', 'succeeded', 'succeeded', 'dead', 'dead', 'cancelled'] as const;
      await tasks.settle(ended.map((task, at) => settlement(task, { state: the(states[at]), keepMs: MINUTE })));
      await claimed(tasks, 2);
      const before = Date.now() - 1_000;
      await tasks.insert([...samples(3, { priority: 9 }), sample({ priority: 7 }), ...samples(5, { due: { delayMs: MINUTE } })]);
      await tasks.insert([...samples(4, { queue: 'other' })]);
      const { counts, atLeast, dueSince, now } = await database.tallies.of(QUEUE, 100);
      expect(counts).to.deep.equal({ due: 4, delayed: 5, running: 2, succeeded: 3, dead: 2, cancelled: 1 });
      expect(atLeast).to.deep.equal([]);
      expect(dueSince?.getTime()).to.be.within(before, now.getTime());
    });

    it('are preceded by the names of the queues that have a task, in whatever state and whose namespace it is', async () => {
      const { tasks, looks } = database;
      expect(await looks.names()).to.deep.equal([]);
      for (const state of ['succeeded', 'dead', 'cancelled'] as const) {
        const [task] = await claimed(tasks, 1, { queues: [state] }, { queue: state });
        await tasks.settle([{ ...settlement(the(task), { state, keepMs: MINUTE }), queue: state }]);
      }
      const [suspect] = await claimed(tasks, 1, { queues: ['suspect'] }, { queue: 'suspect' });
      await tasks.settle([{ ...settlement(the(suspect), { state: 'waiting', delayMs: MINUTE, suspect: true }), queue: 'suspect' }]);
      await claimed(tasks, 2, { queues: ['running'] }, { queue: 'running' });
      await tasks.insert([...samples(3, { queue: 'a' }), ...samples(3, { queue: 'a.b', due: { delayMs: MINUTE } }), sample({ queue: 'é😀' })]);
      const elsewhere = await opening.database({}, { namespace: 'other' });
      await elsewhere.tasks.insert(samples(2, { queue: 'theirs' }));
      expect(new Set(await looks.names())).to.deep.equal(new Set(['a', 'a.b', 'cancelled', 'dead', 'running', 'succeeded', 'suspect', 'é😀']));
      expect(await elsewhere.looks.names()).to.deep.equal(['theirs']);
    });

    it('stop at their bound, and say so', async () => {
      await claimed(database.tasks, 3);
      await database.tasks.insert([...samples(4), ...samples(2, { due: { delayMs: MINUTE } })]);
      const { counts, atLeast } = await database.tallies.of(QUEUE, 3);
      expect(counts).to.deep.equal({ due: 3, delayed: 2, running: 3, succeeded: 0, dead: 0, cancelled: 0 });
      expect(atLeast).to.deep.equal(['due']);
    });

    it('count suspects, and tell nothing due where all is delayed', async () => {
      const [task] = await claimed(database.tasks, 1);
      await database.tasks.settle([settlement(the(task), { state: 'waiting', delayMs: 0, suspect: true })]);
      expect((await database.tallies.of(QUEUE, 10)).counts).to.include({ due: 1, delayed: 0 });
      await claim(database.tasks);
      await database.tasks.insert(samples(1, { due: { delayMs: MINUTE } }));
      expect(await database.tallies.of(QUEUE, 10)).to.deep.include({ dueSince: null });
    });

    it('are taken of many queues at once, each up to a bound of its own', async () => {
      const queues = Array.from({ length: 20 }, (_, at) => ({ queue: `q${at}`, due: (at % 4) + 1, delayed: at % 2, most: (at % 3) + 1 }));
      for (const { queue, due, delayed } of queues)
        await database.tasks.insert([...samples(due, { queue }), ...samples(delayed, { queue, due: { delayMs: MINUTE } })]);
      const found = await Promise.all(queues.map(({ queue, most }) => database.tallies.of(queue, most)));
      expect(found.map(({ counts, atLeast, dueSince }) => [counts.due, counts.delayed, atLeast, dueSince !== null])).to.deep.equal(
        queues.map(({ due, delayed, most }) => [Math.min(due, most), delayed, due > most ? ['due'] : [], true]),
      );
    });

    it('are those of its own queue, whatever the priority, each up to the bound', async () => {
      const { tasks, tallies: store } = database;
      await claimed(tasks, 2);
      await tasks.insert([sample(), sample({ priority: 3 }), sample(), sample({ due: { delayMs: MINUTE } }), sample({ queue: 'other' })]);
      await until(async () => (await store.of(QUEUE, 10)).counts.due === 3);
      expect((await store.of(QUEUE, 10)).counts).to.include({ due: 3, delayed: 1, running: 2 });
      expect((await store.of(QUEUE, 2)).counts).to.include({ due: 2, delayed: 1, running: 2 });
      expect((await store.of('none', 2)).counts).to.include({ due: 0, delayed: 0, running: 0 });
    });

    it('tell how many come before a task in the order of claims, up to a bound', async () => {
      const { tasks, tallies: store } = database;
      const plain = samples(3, { priority: 5 });
      const [first, , last] = plain as [NewTask, NewTask, NewTask];
      await tasks.insert(plain);
      const urgent = samples(2, { priority: 0 });
      await tasks.insert([...urgent, sample({ priority: 9 }), ...samples(2, { priority: 1, due: { delayMs: MINUTE } })]);
      await tasks.insert(samples(4, { queue: 'other' }));
      const beforeOf = async ({ id }: { readonly id: string }, most = 100): Promise<unknown> => store.before(await reread(tasks, { id }), most);
      expect(await beforeOf(first)).to.deep.equal({ count: 2, isExact: true });
      expect(await beforeOf(last)).to.deep.equal({ count: 4, isExact: true });
      expect(await beforeOf(the(urgent[1]))).to.deep.equal({ count: 1, isExact: true });
      expect(await beforeOf(last, 4)).to.deep.equal({ count: 4, isExact: true });
      expect(await beforeOf(last, 3)).to.deep.equal({ count: 3, isExact: false });
      await claim(tasks, { limit: 3 });
      expect(await beforeOf(last)).to.deep.equal({ count: 1, isExact: true });
      expect(await store.before({ ...(await reread(tasks, last)), queue: 'none' }, 3)).to.deep.equal({ count: 0, isExact: true });
    });

    it('count a suspect among those that come before', async () => {
      const task = await claimedOne(database.tasks);
      await database.tasks.settle([settlement(task, { state: 'waiting', delayMs: 0, suspect: true })]);
      const later = sample({ priority: 9 });
      await database.tasks.insert([later]);
      expect(await database.tallies.before(await reread(database.tasks, later), 10)).to.deep.equal({ count: 1, isExact: true });
    });

    it('are all zero for a queue without tasks', async () => {
      const { counts, dueSince } = await database.tallies.of('none', 10);
      expect(new Set(Object.values(counts))).to.deep.equal(new Set([0]));
      expect(dueSince).to.equal(null);
    });
  });
}
