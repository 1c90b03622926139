import { expect } from 'chai';
import { Worker } from '../../classes/worker/worker';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { Database } from '../../modules/ports/database';
import type { WorkerArguments } from '../../modules/worker/handlerTypes';
import type { Opening } from '../support/stores';
import { claim, claimRequest, sample, samples, the, until } from './samples';

/** The contract of claims over several queues. */
export function fairClaims(opening: Opening): void {
  describe('a look at queues', () => lookSuite(opening));
  describe('a claim over several queues', () => sharesSuite(opening));
  describe('a worker of several queues', () => turnsSuite(opening));
}

const inQueue = (queue: string, count: number, priority = 0) => samples(count, { queue, priority });

const byName = (found: readonly { readonly queue: string }[]) => [...found].sort((one, other) => (one.queue < other.queue ? -1 : 1));

function lookSuite(opening: Opening): void {
  let database: Database;
  beforeEach(async () => {
    database = await opening.database();
    const delayed = sample({ queue: 'later', due: { delayMs: 60_000 } });
    const mixed = [sample({ queue: 'mail.out', priority: 4 }), sample({ queue: 'mail.out', priority: 2, due: { delayMs: 60_000 } })];
    await database.tasks.insert([...inQueue('mail.in', 2, 7), ...inQueue('mail.in', 1, 3), ...mixed, delayed, ...inQueue('mailbox', 1)]);
  });
  const due = async (...queues: string[]) => byName(await database.looks.due(queues));

  it('finds those with something due, and the best priority of it', async () => {
    const expected = [
      { queue: 'mail.in', priority: 3 },
      { queue: 'mail.out', priority: 4 },
    ];
    expect(await due('mail.in', 'mail.out', 'later', 'none')).to.deep.equal(expected);
    expect(await due('mail.*')).to.deep.equal(expected);
  });

  it('finds by a pattern and by a name that it covers each queue once', async () => {
    expect((await due('mail.*', 'mail.in', 'mailbox')).map(({ queue }) => queue)).to.deep.equal(['mail.in', 'mail.out', 'mailbox']);
  });

  it('finds all queues of its namespace, and none of another', async () => {
    const other = await opening.database({}, { namespace: 'other' });
    await other.tasks.insert(inQueue('theirs', 1));
    expect((await due('*')).map(({ queue }) => queue)).to.deep.equal(['mail.in', 'mail.out', 'mailbox']);
    expect(await other.looks.due(['*'])).to.deep.equal([{ queue: 'theirs', priority: 0 }]);
  });

  it('tells when the next task of a pattern is due, without the queues that are left out', async () => {
    expect(await database.tasks.nextDueMs(['mail*'])).to.equal(0);
    expect(await database.tasks.nextDueMs(['*'], ['mail.in', 'mail.out', 'mailbox'])).to.be.within(50_000, 60_000);
    expect(await database.tasks.nextDueMs(['none.*'])).to.equal(null);
  });
}

function sharesSuite(opening: Opening): void {
  it('takes of each queue its share', async () => {
    const { tasks } = await opening.database();
    await tasks.insert([...inQueue('a', 5), ...inQueue('b', 5), ...inQueue('c', 1)]);
    const { tasks: taken, left } = await tasks.claim(claimRequest({ queues: ['a', 'b', 'c'], limit: 6, shares: [3, 1, 2] }));
    expect(taken.map(({ queue }) => queue).sort()).to.deep.equal(['a', 'a', 'a', 'b', 'c']);
    expect(left?.slice(0, 2)).to.deep.equal(['a', 'b'].map((queue) => ({ queue, priority: 0 })));
    expect(left?.[2]?.priority).not.to.equal(0);
  });

  it('takes the best priority of all queues first', async () => {
    const { tasks } = await opening.database();
    await tasks.insert([...inQueue('a', 2, 5), ...inQueue('b', 2, 1), ...inQueue('a', 1, 0)]);
    const taken = await claim(tasks, { queues: ['a', 'b'], limit: 3 });
    expect(taken.map(({ queue, priority }) => [queue, priority])).to.deep.equal([['a', 0], ['b', 1], ['b', 1]]); // prettier-ignore
  });

  it('takes nothing worse than what a queue may still have behind its share', async () => {
    const { tasks } = await opening.database();
    await tasks.insert([...inQueue('a', 1, 0), ...inQueue('a', 3, 5), ...inQueue('b', 4, 0)]);
    const taken = await claim(tasks, { queues: ['a', 'b'], limit: 4, shares: [2, 2] });
    expect(taken.map(({ queue, priority }) => [queue, priority])).to.have.deep.members([['a', 0], ['b', 0], ['b', 0]]); // prettier-ignore
    expect(await claim(tasks, { queues: ['a', 'b'], limit: 10 })).to.have.lengthOf(5);
  });

  it('leaves what is worse than asked for', async () => {
    const { tasks } = await opening.database();
    await tasks.insert([...inQueue('a', 1, 2), ...inQueue('a', 1, 6)]);
    for (const limit of [1, 5]) {
      const { tasks: taken, left } = await tasks.claim(claimRequest({ queues: ['a'], limit, shares: [limit], worst: limit === 1 ? 1 : 3 }));
      expect([taken.length, left]).to.deep.equal([limit === 1 ? 0 : 1, [{ queue: 'a', priority: limit === 1 ? 2 : 4 }]]);
    }
    expect(await claim(tasks, { queues: ['a'] })).to.have.lengthOf(1);
  });

  it('answers a claim of everything in many claims with each task once', async () => {
    const { tasks } = await opening.database();
    const queues = Array.from({ length: 30 }, (_, index) => `q${index}`);
    await tasks.insert(queues.flatMap((queue, index) => inQueue(queue, 4, index % 3)));
    const ids = new Set<string>();
    for (let taken = await claim(tasks, { queues, limit: 20 }); taken.length > 0; taken = await claim(tasks, { queues, limit: 20 })) for (const { id } of taken) ids.add(id); // prettier-ignore
    expect(ids.size).to.equal(120);
  });
}

function turnsSuite(opening: Opening): void {
  /** Runs a worker of one slot until it has run so many tasks, and returns their queues in order. */
  async function orderOf(store: Store, count: number, options: Partial<WorkerArguments<Record<string, unknown>>>): Promise<string[]> {
    const order: string[] = [];
    const handlers = { work: ({ queue }: { queue: string }) => Promise.resolve(void order.push(queue)) };
    const worker = new Worker(store, { queues: ['a', 'b'], maxConcurrency: 1, ...options, handlers });
    await worker.start();
    await until(() => order.length >= count);
    await worker.stop();
    return order.slice(0, count);
  }

  const open = async (...tasks: ReturnType<typeof inQueue>[]): Promise<Store> => {
    const store = await opening.open();
    await store.parts.tasks.insert(tasks.flat());
    return store;
  };

  it('gives each queue its turn', async () => {
    const order = await orderOf(await open(inQueue('a', 10), inQueue('b', 10)), 12, {});
    expect(order.filter((queue) => queue === 'a')).to.have.lengthOf(6);
    expect(order.join('')).not.to.match(/aaa|bbb/);
  });

  it('gives a queue turns by its weight', async () => {
    const order = await orderOf(await open(inQueue('a', 20), inQueue('b', 20)), 16, { queueWeights: { a: 3 } });
    expect(order.filter((queue) => queue === 'a').length).to.be.within(11, 13);
  });

  it('empties a queue before the next in a strict order', async () => {
    const order = await orderOf(await open(inQueue('b', 4), inQueue('a', 4)), 8, { queueOrder: 'strict' });
    expect(order.join('')).to.equal('aaaabbbb');
  });

  it('runs the best priority of all its queues first', async () => {
    const order = await orderOf(await open(inQueue('a', 4, 9), inQueue('b', 3, 2), inQueue('a', 1, 0)), 8, { queueOrder: 'strict' });
    expect(order.join('')).to.equal('abbbaaaa');
  });

  it('serves all queues of a pattern, also one that appears later, and none that is paused', async () => {
    const store = await open(inQueue('mail.in', 3), inQueue('mail.off', 1), inQueue('post', 1));
    await new Queue(store, 'mail.off').pause();
    const ran: string[] = [];
    const handlers = { work: ({ queue }: { queue: string }) => Promise.resolve(void ran.push(queue)) };
    const worker = new Worker(store, { queues: ['mail.*'], handlers });
    await worker.start();
    await until(() => ran.length === 3);
    await new Queue(store, 'mail.new').add('work', 1);
    await until(() => ran.length === 4);
    expect(ran).to.deep.equal(['mail.in', 'mail.in', 'mail.in', 'mail.new']);
    await new Queue(store, 'mail.off').resume();
    await until(() => ran.includes('mail.off'));
    await worker.stop();
    expect(ran).not.to.include('post');
  });

  it('drains 300 queues', async () => {
    const queues = Array.from({ length: 300 }, (_, index) => `q${index}`);
    const store = await open(queues.flatMap((queue) => inQueue(queue, 2)));
    const ran = new Map<string, number>();
    const handlers = { work: ({ queue }: { queue: string }) => Promise.resolve(void ran.set(queue, (ran.get(queue) ?? 0) + 1)) };
    const worker = new Worker(store, { queues, maxConcurrency: 50, handlers });
    await worker.drain();
    await worker.stop();
    expect(ran.size).to.equal(300);
    expect([...ran.values()].every((count) => count === 2)).to.equal(true);
  });

  it('runs a suspect of any of its queues alone', async () => {
    const store = await open(inQueue('a', 3), inQueue('b', 1));
    const [crashed] = await store.parts.tasks.claim(claimRequest({ queues: ['b'] })).then(({ tasks }) => tasks);
    const { id, queue, lease } = the(crashed);
    const change = { state: 'waiting', delayMs: 0, failures: 1, suspect: true } as const;
    await store.parts.tasks.settle([{ id, queue, guard: { token: the(lease).token }, change, by: 'crash' }]);
    let [running, beside] = [0, -1];
    const handlers = {
      work: async (context: { id: string }) => {
        running += 1;
        if (context.id === id) beside = running - 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
      },
    };
    const worker = new Worker(store, { queues: ['a', 'b'], handlers: handlers });
    await worker.drain();
    await worker.stop();
    expect(beside).to.equal(0);
  });
}
