import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Move } from '../../modules/ports/messageStore';
import type { Task } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, heldLease, idsOf, leaseOf, listed, pause, reread, sample, the, until } from './samples';

const move = (task: Task, fields: Partial<Move> = {}): Move => ({
  id: task.id,
  queue: task.queue,
  guard: { token: task.lease?.token ?? '' },
  to: 'other',
  settings: {},
  by: randomUUID(),
  ...fields,
});

/** The contract of moves, of what has waited too long, of records, and of leases whose end is set. */
export function messages(opening: Opening): void {
  describe('a move to another queue', () => {
    it('keeps the id, the payload, the time of adding and the number of claims, and the task is due there at once', async () => {
      const { tasks, messages: store } = await opening.database();
      const task = await claimedOne(tasks);
      expect(await store.move([move(task, { settings: { tags: ['moved'] } })])).to.deep.equal(['applied']);
      const there = await reread(tasks, task);
      expect(there).to.deep.include({ id: task.id, payload: task.payload, createdAt: task.createdAt, attempt: 1, state: 'waiting', lease: null });
      expect([there.queue, there.settings]).to.deep.equal(['other', { tags: ['moved'] }]);
      expect(await listed(tasks, { queue: task.queue, limit: 10 })).to.deep.equal([]);
      const [again] = await claim(tasks, { queues: ['other'] });
      expect(again).to.deep.include({ id: task.id, attempt: 2, settings: { tags: ['moved'] } });
    });

    it('is lost where the guard does not hold, and changes nothing', async () => {
      const { tasks, messages: store } = await opening.database();
      const [first, second] = (await claimed(tasks, 2)) as [Task, Task];
      expect(await store.move([move(first, { guard: { token: randomUUID() } }), move(second)])).to.deep.equal(['lost', 'applied']);
      expect((await reread(tasks, first)).queue).to.equal(first.queue);
      expect(await store.move([move(first, { guard: { state: 'waiting', rev: 0 } })])).to.deep.equal(['lost']);
    });

    it('that is sent again has the same answer', async () => {
      const { tasks, messages: store } = await opening.database();
      const batch = await claimed(tasks, 3);
      const moves = batch.map((task) => move(task));
      expect(await store.move(moves)).to.deep.equal(['applied', 'applied', 'applied']);
      expect(await store.move(moves)).to.deep.equal(['applied', 'applied', 'applied']);
      expect(await store.move(batch.map((task) => move(task)))).to.deep.equal(['lost', 'lost', 'lost']);
    });

    it('of a waiting or a finished task goes by its revision', async () => {
      const { tasks, messages: store } = await opening.database();
      const waiting = sample();
      await tasks.insert([waiting]);
      const found = await reread(tasks, waiting);
      expect(await store.move([move(found, { guard: { state: 'waiting', rev: found.rev } })])).to.deep.equal(['applied']);
      expect((await reread(tasks, waiting)).queue).to.equal('other');
    });

    it('clashes where a live task of the other queue has its unique key, and the others of the call are moved', async () => {
      const { tasks, messages: store } = await opening.database();
      await tasks.insert([sample({ queue: 'other', uniqueKey: 'key' }), sample({ uniqueKey: 'key' }), sample()]);
      const [first, second] = (await claim(tasks)) as [Task, Task];
      const answers = await store.move([move(first), move(second)]);
      const keyed = first.uniqueKey === 'key' ? 0 : 1;
      expect([answers[keyed], answers[1 - keyed]]).to.deep.equal(['clash', 'applied']);
    });

    it('of more than one transaction takes moves them all', async () => {
      const { tasks, messages: store } = await opening.database();
      const batch = await claimed(tasks, 230);
      expect(new Set(await store.move(batch.map((task) => move(task))))).to.deep.equal(new Set(['applied']));
      expect(idsOf(await claim(tasks, { queues: ['other'] })).sort()).to.deep.equal(idsOf(batch).sort());
    });
  });

  it('tells which tasks of a queue have waited for at least a time, the longest first', async () => {
    const { tasks, messages: store } = await opening.database();
    const [old, older] = [sample({ priority: 3 }), sample({ priority: 7 })];
    await tasks.insert([older]);
    await pause(20);
    await tasks.insert([old, sample({ queue: 'other' }), sample({ due: { delayMs: 60_000 } })]);
    const found = await until(async () => {
      const overdue = await store.overdue('q', 0, 10);
      return overdue.length === 2 ? overdue : [];
    });
    expect(idsOf(found)).to.deep.equal([older.id, old.id]);
    expect(idsOf(await store.overdue('q', 0, 1))).to.deep.equal([older.id]);
    expect(await store.overdue('q', 60_000, 10)).to.deep.equal([]);
  });

  it('ends a lease sooner where a renewal says so, and only by its own pair', async () => {
    const { tasks } = await opening.database();
    const [first, second] = (await claimed(tasks, 2, { leaseMs: 60_000 })) as [Task, Task];
    expect(await tasks.renew([heldLease(first), heldLease(second, randomUUID())], { ms: 0, isExact: true })).to.deep.equal([true, false]);
    const expired = await until(() => tasks.expired(10));
    expect(idsOf(expired)).to.deep.equal([first.id]);
    expect(leaseOf(await reread(tasks, second)).expiresAt.getTime()).to.be.greaterThan(Date.now() + 30_000);
    await tasks.renew([heldLease(first)], { ms: 90_000, isExact: true });
    expect(leaseOf(await reread(tasks, first)).expiresAt.getTime()).to.be.greaterThan(leaseOf(first).expiresAt.getTime());
  });

  describe('a record', () => {
    it('is written where the present one has the revision named, and else left alone', async () => {
      const { records } = await opening.database();
      const write = (value: string, rev: number) => records.write({ kind: 'queue', key: 'mail', value, rev });
      expect(await records.read('queue', 'mail')).to.equal(null);
      expect([await write('1', 1), await write('1', 0), await write('2', 0), await write('3', 1), await write('4', 1)]).to.deep.equal([false, true, false, true, false]); // prettier-ignore
      expect(await records.read('queue', 'mail')).to.deep.include({ key: 'mail', value: '3', rev: 2 });
      expect(await records.read('secret', 'mail')).to.equal(null);
      await records.remove('queue', 'mail');
      expect(await records.read('queue', 'mail')).to.equal(null);
      expect(await write('5', 0)).to.equal(true);
    });

    it('is as good as none when its time is over', async () => {
      const { records } = await opening.database();
      const write = () => records.write({ kind: 'idempotency', key: 'k', value: '1', rev: 0, keepMs: 150 });
      expect([await write(), await write()]).to.deep.equal([true, false]);
      await until(async () => (await records.read('idempotency', 'k')) === null);
      expect(await until(write)).to.equal(true);
    });

    it('is listed until its time is over', async () => {
      const { records } = await opening.database();
      await records.write({ kind: 'process', key: 'lasting', value: '1', rev: 0, keepMs: 60_000 });
      await records.write({ kind: 'process', key: 'short', value: '1', rev: 0, keepMs: 150 });
      const keys = async () => (await records.list({ kind: 'process', prefix: '', limit: 10 })).map(({ key }) => key);
      await until(async () => (await keys()).join() === 'lasting');
      expect(await records.write({ kind: 'process', key: 'lasting', value: '2', rev: 1 })).to.equal(true);
      expect(await keys()).to.deep.equal(['lasting']);
    });

    it('is listed in the order of its key, by prefix and page, in its own namespace', async () => {
      const { records } = await opening.database();
      const elsewhere = await opening.database({}, { namespace: 'other' });
      for (const key of ['b.2', 'a', 'b.1', 'b', 'c', 'b.3']) await records.write({ kind: 'queue', key, value: key, rev: 0 });
      await elsewhere.records.write({ kind: 'queue', key: 'b.9', value: '', rev: 0 });
      const page = async (after?: string): Promise<string[]> =>
        (await records.list({ kind: 'queue', prefix: 'b.', limit: 2, ...(after === undefined ? {} : { after }) })).map(({ key }) => key);
      expect([await page(), await page('b.2')]).to.deep.equal([['b.1', 'b.2'], ['b.3']]);
      expect((await elsewhere.records.list({ kind: 'queue', prefix: '', limit: 10 })).map(({ key }) => key)).to.deep.equal(['b.9']);
      expect((await records.list({ kind: 'queue', prefix: '', limit: 10 })).map(({ key }) => key)).to.have.lengthOf(6);
    });
  });

  it('writes one record of many that are written at once', async () => {
    const { records } = await opening.database();
    const written = await Promise.all(Array.from({ length: 8 }, (_, at) => records.write({ kind: 'secret', key: 'k', value: String(at), rev: 0 })));
    expect(written.filter(Boolean)).to.have.lengthOf(1);
    expect(the(await records.read('secret', 'k')).value).to.equal(String(written.indexOf(true)));
  });
}
