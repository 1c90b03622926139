import { expect } from 'chai';
import type { Database } from '../../modules/ports/database';
import { inFull } from '../../modules/ports/namespace';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, idsOf, leaseOf, listed, QUEUE, sample, samples, settlement, the, tokenOf, until } from './samples';

/** The contract of namespaces: several environments share one database. */
export function namespaces(opening: Opening): void {
  describe('a namespace', () => {
    let mine: Database;
    let theirs: Database;
    let unnamed: Database;

    beforeEach(async () => {
      [mine, theirs, unnamed] = [
        await opening.database({}, { namespace: 'mine' }),
        await opening.database({}, { namespace: 'theirs' }),
        await opening.database(),
      ];
    });

    it('hands out its own tasks alone, under the plain names of their queues', async () => {
      for (const { tasks } of [mine, theirs, unnamed]) {
        const batch = samples(3);
        await tasks.insert(batch);
        const [one] = await claim(tasks, { limit: 1 });
        const others = await claim(tasks);
        expect(idsOf([the(one), ...others])).to.have.members(idsOf(batch));
        expect([the(one).queue, others[0]?.queue]).to.deep.equal([QUEUE, QUEUE]);
        expect((await tasks.held({ token: tokenOf(the(one)) }))[0]).to.include({ id: the(one).id, queue: QUEUE });
      }
    });

    it('finds, lists, counts and waits for its own tasks alone', async () => {
      const task = sample({ due: { delayMs: 60_000 } });
      await theirs.tasks.insert([task]);
      expect(await theirs.tasks.find(null, task.id)).to.include({ queue: QUEUE });
      expect((await listed(theirs.tasks, { queue: QUEUE, limit: 10 })).map(({ id, queue }) => [id, queue])).to.deep.equal([[task.id, QUEUE]]);
      expect(await theirs.tasks.counts(['waiting'])).to.have.nested.property(`${QUEUE}.waiting`, 1);
      expect(await theirs.tasks.nextDueMs([QUEUE])).to.be.a('number');
      for (const { tasks } of [mine, unnamed]) {
        const seen = [
          await tasks.find(null, task.id),
          await listed(tasks, { queue: QUEUE, limit: 10 }),
          await tasks.counts(['waiting']),
          await tasks.nextDueMs([QUEUE]),
        ];
        expect(seen).to.deep.equal([null, [], {}, null]);
      }
    });

    it('removes and counts its own tasks alone in bulk', async () => {
      for (const { tasks } of [mine, theirs, unnamed]) await tasks.insert(samples(2));
      const filter = { queue: QUEUE, states: ['waiting'] } as const;
      expect(await mine.bulk.change({ filter, change: { state: 'removed' }, by: 'one', limit: 10 })).to.include({ changed: 2 });
      for (const { bulk } of [theirs, unnamed]) expect(await bulk.count(filter, 10)).to.deep.equal({ count: 2, isExact: true });
      expect(await mine.bulk.count(filter, 10)).to.deep.equal({ count: 0, isExact: true });
    });

    it('has its own unique keys', async () => {
      const [first, second] = [sample({ uniqueKey: 'key' }), sample({ uniqueKey: 'key' })];
      for (const { tasks } of [mine, unnamed]) {
        const again = { ...second, id: sample().id };
        const given = { ...first, id: sample().id };
        expect(await tasks.insert([given])).to.deep.equal([{ id: given.id, added: true }]);
        expect(await tasks.insert([again])).to.deep.equal([{ id: given.id, added: false }]);
      }
    });

    it('has its suspects and their order for itself', async () => {
      const suspect = await claimedOne(mine.tasks);
      await mine.tasks.settle([settlement(suspect, { state: 'waiting', delayMs: 0, suspect: true, failures: 2 })]);
      await theirs.tasks.insert([sample()]);
      expect((await theirs.tasks.claim({ ...CLAIM, alone: true, beside: false })).suspect).to.equal(null);
      await until(async () => (await mine.tasks.claim({ ...CLAIM, alone: false, beside: false })).suspect === suspect.id);
      expect(await claim(mine.tasks, { alone: true })).to.have.nested.property('[0].id', suspect.id);
    });

    it('pauses its own queues', async () => {
      await mine.settings.setPaused(QUEUE, true);
      const paused = await Promise.all([mine, theirs, unnamed].map(({ settings }) => settings.paused()));
      expect(paused.map((queues) => [...queues])).to.deep.equal([[QUEUE], [], []]);
    });

    it('sweeps the leases of all, tells the queues of others in full, and takes them back whosoever they are', async () => {
      await claimed(mine.tasks, 1, { leaseMs: 1 });
      await claimed(theirs.tasks, 1, { leaseMs: 1 });
      await claimed(unnamed.tasks, 1, { leaseMs: 1 });
      await until(async () => (await mine.tasks.expired(10)).length === 3);
      const told = await Promise.all([mine, theirs, unnamed].map(({ tasks }) => tasks.expired(10)));
      expect(told.map((tasks) => tasks.map(({ queue }) => inFull(queue)).sort())).to.deep.equal([
        [`${QUEUE}`, `${QUEUE}`, `theirs/${QUEUE}`],
        [`mine/${QUEUE}`, `${QUEUE}`, `${QUEUE}`],
        [`mine/${QUEUE}`, `${QUEUE}`, `theirs/${QUEUE}`],
      ]);
      const swept = the(told[0]).map((task) => settlement(task, { state: 'waiting', delayMs: 0 }, { guard: leaseOf(task), by: 'a sweep' }));
      expect(await mine.tasks.settle(swept)).to.deep.equal(['applied', 'applied', 'applied']);
      const again = await until(async () => {
        const taken = await Promise.all([mine, theirs, unnamed].map(({ tasks }) => claim(tasks)));
        return taken.flat();
      });
      expect(again.map(({ queue }) => queue)).to.deep.equal([QUEUE, QUEUE, QUEUE]);
    });

    it('counts the live tasks of others', async () => {
      await mine.tasks.insert(samples(2));
      await claimed(theirs.tasks, 3);
      await unnamed.tasks.insert(samples(4));
      const done = await claimedOne(unnamed.tasks, { limit: 1 });
      await unnamed.tasks.settle([settlement(done, { state: 'succeeded', keepMs: 60_000 })]);
      expect(await Promise.all([mine, theirs, unnamed].map((database) => database.liveElsewhere()))).to.deep.equal([7, 6, 5]);
    });

    it('takes in the tasks that are placed there', async () => {
      const task = await claimedOne(mine.tasks);
      await mine.tasks.settle([settlement(task, { state: 'removed' })]);
      const moved = { ...task, id: sample().id };
      await theirs.transit.place([moved], { token: 'arriving', workerId: 'copy' });
      await theirs.transit.release([moved], 'arriving');
      expect(await claim(theirs.tasks)).to.have.nested.property('[0].queue', QUEUE);
      expect(await claim(mine.tasks)).to.deep.equal([]);
    });
  });
}

const CLAIM = { queues: [QUEUE], limit: 10, token: 'token of the look', workerId: 'w', leaseMs: 30_000, deadlineMs: 5_000, except: [] };
