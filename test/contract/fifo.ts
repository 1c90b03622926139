import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { FifoSent, FifoStore } from '../../modules/ports/fifoStore';
import type { Task } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { change, claim, claimAll, message, QUEUE, remove, send, texts, wait } from './fifoSamples';
import { idsOf, leaseOf, the, tokenOf, until } from './samples';

/** The contract of FIFO queues. */
export function fifo(opening: Opening): void {
  describe('a FIFO queue', () => {
    let store: FifoStore;
    beforeEach(async () => (store = (await opening.database()).fifo));

    describe('in a claim', () => {
      it('hands out a group in the order of sending, as a task with its group and a rising sequence', async () => {
        const sent = await send(store, 'a1 a2 a3');
        const [first, ...rest] = await claim(store);
        expect(texts([the(first), ...rest])).to.equal('a1 a2 a3');
        expect(the(first)).to.deep.include({ id: sent[0]?.id, queue: QUEUE, state: 'running', attempt: 1 });
        expect(the(first).settings.message).to.deep.include({ group: 'a', sequence: String(sent[0]?.sequence).padStart(20, '0') });
        expect(leaseOf(the(first)).ms).to.equal(30_000);
        expect(sent.map(({ sequence }) => sequence)).to.deep.equal([...sent.map(({ sequence }) => sequence)].sort((a, b) => a - b));
        expect(new Set(sent.map(({ sequence }) => sequence)).size).to.equal(3);
      });

      it('fills a receive from one group as far as it goes, then from others', async () => {
        await send(store, 'a1 b1 a2 b2 a3');
        expect(texts(await claim(store, 4))).to.be.oneOf(['a1 a2 a3 b1', 'b1 b2 a1 a2']);
        expect(texts(await claim(store, 4))).to.equal('');
      });

      it('hands out nothing of a group while one of its messages is in flight', async () => {
        await send(store, 'a1 a2 a3 b1');
        const [a1] = (await claim(store, 10)).filter(({ payload }) => payload === '"a1"');
        expect(texts(await claim(store))).to.equal('');
        await send(store, 'a4 c1');
        expect(texts(await claim(store))).to.equal('c1');
        expect(await remove(store, [the(a1)])).to.deep.equal(['applied']);
        expect(texts(await claim(store)), 'two of the group are in flight').to.equal('');
      });

      it('goes on with a group when the last message in flight has been removed', async () => {
        await send(store, 'a1 a2 a3');
        await remove(store, await claim(store, 2));
        const rest = await claim(store);
        expect(texts(rest)).to.equal('a3');
        await remove(store, rest);
        expect(texts(await claim(store))).to.equal('');
        await send(store, 'a4');
        expect(texts(await claim(store))).to.equal('a4');
      });

      it('takes the removals of one call in order: a pair of id and token once, and none under another token', async () => {
        await send(store, 'a1 a2 b1');
        const [a1, a2, b1] = await claim(store);
        const removal = (task: Task | undefined, token = tokenOf(the(task))) => ({
          ...{ id: the(task).id, queue: QUEUE, guard: { token }, change: { kind: 'remove' } as const },
        });
        const removals = [removal(a1, tokenOf(the(a1)).replace(/.$/, 'x')), removal(a1), removal(a1), removal(b1)];
        expect(await store.settle(removals)).to.deep.equal(['lost', 'applied', 'lost', 'applied']);
        expect(
          texts(
            await store.find(
              QUEUE,
              [a1, a2, b1].map((task) => the(task).id),
            ),
          ),
        ).to.equal('a2');
      });

      it('knows groups by any name', async () => {
        const names = ['__proto__', 'constructor', '"quoted"', '7', "it's", '[a,b]', '{}', '\\'];
        await store.send(QUEUE, names.flatMap((name) => [message(name, `${name} 1`), message(name, `${name} 2`)])); // prettier-ignore
        const claimed = await claim(store, 100);
        expect(claimed.map(({ settings }) => settings.message?.group)).to.have.members([...names, ...names]);
        expect(new Set(await remove(store, claimed))).to.deep.equal(new Set(['applied']));
        await send(store, 'a1');
        expect(texts(await claim(store))).to.equal('a1');
      });

      it('gives no two receives messages of one group', async () => {
        await send(store, 'a1 a2 a3 b1 c1 c2');
        const received = await claimAll(store, [1, 2, 10]);
        const groups = received.map((tasks) => new Set(tasks.map(({ settings }) => settings.message?.group)));
        expect(groups.reduce((sum, { size }) => sum + size, 0)).to.equal(new Set(groups.flatMap((set) => [...set])).size);
        expect(received[0]).to.have.lengthOf(1);
      });

      it('leaves out what is delayed, and what is behind it', async () => {
        await store.send(QUEUE, [message('a', 'a1', null, 300), message('a', 'a2'), message('b', 'b1')]);
        expect(texts(await claim(store))).to.equal('b1');
        expect(await store.nextDueMs([QUEUE])).to.be.within(1, 300);
        expect(texts(await until(() => claim(store)))).to.equal('a1 a2');
      });

      it('of others at the same time takes each message once, and each group by one', async () => {
        await store.send(
          QUEUE,
          Array.from({ length: 60 }, (_, at) => message(`g${at % 12}`, `${at}`)),
        );
        const all = await Promise.all(Array.from({ length: 6 }, () => claim(store, 10)));
        expect(new Set(all.flatMap(idsOf)).size).to.equal(all.flat().length);
        const owners = all.flatMap((tasks) => [...new Set(tasks.map(({ settings }) => settings.message?.group))]);
        expect(new Set(owners).size).to.equal(owners.length);
      });
    });

    describe('that gets messages back', () => {
      it('hands them out first, in order, with one more claim', async () => {
        await send(store, 'a1 a2 a3 a4');
        const [a1, a2, a3] = (await claim(store, 3)) as [Task, Task, Task];
        await wait(store, [a3]);
        await remove(store, [a2]);
        expect(texts(await claim(store)), 'a1 is in flight').to.equal('');
        await wait(store, [a1]);
        const again = await claim(store);
        expect(texts(again)).to.equal('a1 a3 a4');
        expect(again.map(({ attempt }) => attempt)).to.deep.equal([2, 2, 1]);
      });

      it('after their visibility does the same, and refuses the receipts of before', async () => {
        await send(store, 'a1 a2 a3');
        const before = await claim(store, 2, 200);
        const again = await until(() => claim(store));
        expect(texts(again)).to.equal('a1 a2 a3');
        expect(await remove(store, before)).to.deep.equal(['lost', 'lost']);
        expect(await store.renew([{ id: the(before[0]).id, queue: QUEUE, token: tokenOf(the(before[0])) }], 9_000)).to.deep.equal([false]);
        expect(await remove(store, again)).to.deep.equal(['applied', 'applied', 'applied']);
      });

      it('refuses a change after the end of the visibility, although nobody has claimed the message since', async () => {
        await send(store, 'a1');
        const tasks = await claim(store, 1, 50);
        await until(async () => (await store.find(QUEUE, idsOf(tasks)))[0]?.state === 'waiting');
        expect(await remove(store, tasks)).to.deep.equal(['lost']);
        expect(await wait(store, tasks)).to.deep.equal(['lost']);
        expect(texts(await claim(store))).to.equal('a1');
      });

      it('after a delay waits for it, with all that is behind', async () => {
        await send(store, 'a1 a2');
        await wait(store, await claim(store, 1), 300);
        expect(texts(await claim(store))).to.equal('');
        expect(texts(await until(() => claim(store)))).to.equal('a1 a2');
      });

      it('keeps a group locked for as long as the lease of one message is extended, and no longer', async () => {
        await send(store, 'a1 a2 a3');
        const [a1, a2] = (await claim(store, 2, 400)) as [Task, Task];
        const lease = (task: Task) => ({ id: task.id, queue: QUEUE, token: tokenOf(task) });
        expect(await store.renew([lease(a2)], 60_000)).to.deep.equal([true]);
        await until(async () => (await store.find(QUEUE, [a1.id]))[0]?.state === 'waiting');
        expect(texts(await claim(store))).to.equal('');
        expect(await store.renew([lease(a1), lease(a2)], 0)).to.deep.equal([false, true]);
        expect(texts(await until(() => claim(store)))).to.equal('a1 a2 a3');
      });
    });

    describe('in a send', () => {
      it('answers a repetition with the first message, also after that was removed', async () => {
        const [first] = await store.send(QUEUE, [message('a', 'a1', 'key')]);
        const repeated = await store.send(QUEUE, [message('b', 'other', 'key'), message('a', 'a2', 'other'), message('a', 'a3', 'other')]);
        expect(repeated[0]).to.deep.equal({ ...the(first), added: false });
        expect(repeated.map(({ added }) => added)).to.deep.equal([false, true, false]);
        expect(repeated[2]).to.deep.equal({ ...the(repeated[1]), added: false });
        await remove(store, await claim(store));
        expect(await store.send(QUEUE, [message('a', 'a1', 'key')])).to.deep.equal([{ ...the(first), added: false }]);
        expect(texts(await claim(store))).to.equal('');
        expect((await store.send('other.fifo', [message('a', 'a1', 'key')]))[0]?.added).to.equal(true);
      });

      it('adds a message of an id once', async () => {
        const once = message('a', 'a1');
        const [first] = await store.send(QUEUE, [once]);
        expect(await store.send(QUEUE, [once])).to.deep.equal([first]);
        expect(texts(await claim(store))).to.equal('a1');
      });

      it('of many at the same time gives each a sequence of its own, in the order of the calls of each sender', async () => {
        const other = (await opening.database()).fifo;
        const sender = async (via: FifoStore, name: string): Promise<FifoSent[]> => {
          const sent: FifoSent[] = [];
          for (let at = 0; at < 10; at += 1) sent.push(...(await via.send(QUEUE, [message('g', `${name}${at}`), message('g', `${name}${at}+`)])));
          return sent;
        };
        const all = await Promise.all([sender(store, 'x'), sender(other, 'y'), sender(store, 'z')]);
        for (const sent of all)
          expect(sent.map(({ sequence }) => sequence)).to.deep.equal(sent.map(({ sequence }) => sequence).sort((a, b) => a - b));
        const received = await claim(store, 100);
        expect(idsOf(received)).to.deep.equal(idsOf(all.flat().sort((a, b) => a.sequence - b.sequence)));
      });
    });

    describe('that messages move to', () => {
      it('has them at the end of their groups, in order, and the group that they left goes on', async () => {
        await store.send('dead.fifo', [message('a', 'a0')]);
        await send(store, 'a1 a2 a3');
        const tasks = await claim(store, 2);
        const moved = await change(store, tasks, { kind: 'move', to: 'dead.fifo', settings: { ...the(tasks[0]).settings, tags: ['moved'] } });
        expect(moved).to.deep.equal(['applied', 'applied']);
        expect(texts(await claim(store))).to.equal('a3');
        const there = (await store.claim({ queue: 'dead.fifo', limits: [10], token: randomUUID(), workerId: 'consumer', leaseMs: 1_000 }))[0] ?? [];
        expect(texts(there)).to.equal('a0 a1 a2');
        expect(there.map(({ attempt }) => attempt)).to.deep.equal([1, 2, 2]);
        expect(the(there[1])).to.deep.include({ id: the(tasks[0]).id, createdAt: the(tasks[0]).createdAt });
        expect(the(there[1]).settings).to.deep.include({ tags: ['moved'] });
      });

      it('gets what is not in flight by the number of its claims', async () => {
        await send(store, 'a1 a2');
        const [a1] = await claim(store, 1);
        const { tasks } = await store.list({ queue: QUEUE, order: 'first', limit: 10 });
        const to = { kind: 'move', to: 'other.fifo', settings: { message: { group: 'a' } } } as const;
        const settlements = tasks.map(({ id, attempt }) => ({ id, queue: QUEUE, guard: { attempt }, change: to }));
        expect(await store.settle(settlements)).to.deep.equal(['lost', 'applied']);
        await remove(store, [the(a1)]);
        expect(await store.nextDueMs([QUEUE])).to.equal(null);
      });

      it('remembers a removed message that was deduplicated after its move', async () => {
        const [sent] = await store.send(QUEUE, [message('a', 'a1', 'key')]);
        const tasks = await claim(store);
        await change(store, tasks, { kind: 'move', to: 'other.fifo', settings: { message: { group: 'a' } } });
        expect(await store.send(QUEUE, [message('a', 'a1', 'key')])).to.deep.equal([{ ...the(sent), added: false }]);
      });
    });
  });
}
