import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { HOUR, SECOND } from '../../constants/limits';
import { eventually, makeGate } from '../support/eventually';
import { forEachStore, forMongo } from '../support/stores';
import { openCounted } from './countedStore';

/** An interval that rules out polling, so that something else must wake the worker. */
const NEVER = { minMs: HOUR, maxMs: HOUR };

/** The time in which a worker that has started becomes idle. */
const SETTLE_MS = 500;

interface Tasks {
  work: number;
}

const queueOf = (store: Store, name: string): Queue<Tasks> => new Queue<Tasks>(store, name);

/** Starts a worker, and returns the payloads that it has run. */
async function startWorker(store: Store, queues: string[], options: { maxConcurrency?: number; until?: Promise<void> } = {}): Promise<number[]> {
  const ran: number[] = [];
  const { maxConcurrency = 10, until } = options;
  const work = async ({ payload }: { payload: number }): Promise<void> => {
    ran.push(payload);
    await until;
  };
  await new Worker<Tasks>(store, { queues, maxConcurrency, pollInterval: NEVER, handlers: { work } }).start();
  return ran;
}

/** Adds tasks at a rate, one after another. */
async function addSteadily(queue: Queue<Tasks>, perSecond: number, seconds: number, delayMs = 0): Promise<void> {
  const startedAt = performance.now();
  for (let n = 0; n < perSecond * seconds; n += 1) {
    await wait(Math.max(0, startedAt + (n * SECOND) / perSecond - performance.now()));
    await queue.add('work', n, { delayMs });
  }
}

forEachStore('An idle worker beside the work of others', (opening) => {
  it('costs next to nothing while delayed tasks are added to a queue that nobody here serves', async () => {
    const { store, calls } = await openCounted(opening);
    await startWorker(store, ['q']);
    const adding = await opening.open();
    await wait(SETTLE_MS);
    const before = { ...calls };
    for (const storeOfAdds of [adding, store]) await addSteadily(queueOf(storeOfAdds, 'other'), 72, 1, HOUR);
    expect(calls.claim - before.claim, 'claims').to.equal(0);
    // The file names nothing: it is looked at. A change stream names the queue until it is closed for its load.
    expect(calls.nextDueMs - before.nextDueMs, 'looks').to.be.at.most(opening.kind === 'sqlite' ? 100 : 15);
  });

  it('is woken when a delayed task is due, whoever has added it, and not before', async () => {
    const { store, calls } = await openCounted(opening);
    const ran = await startWorker(store, ['q']);
    const adding = await opening.open();
    for (const [n, storeOfAdds] of [adding, store].entries()) {
      await wait(SETTLE_MS);
      const { claim } = calls;
      await queueOf(storeOfAdds, 'q').add('work', n, { delayMs: SECOND });
      await wait(SECOND / 2);
      expect([calls.claim - claim, ran.length], 'before it is due').to.deep.equal([0, n]);
      await eventually('it runs', () => ran.length === n + 1);
      await wait(SECOND / 5);
      // On MongoDB a delay counts from the latest that its clock may show, so a claim may come a moment too soon.
      expect(calls.claim - claim).to.be.within(1, 4);
    }
  });

  it('of one queue is not woken by a task of another, which wakes the worker of that', async () => {
    const { store, calls } = await openCounted(opening);
    const other = await openCounted(opening);
    const ran = await startWorker(store, ['a']);
    const ranOther = await startWorker(other.store, ['b']);
    const ranBeside = await startWorker(store, ['c']);
    const adding = await opening.open();
    await wait(SETTLE_MS);
    const before = { ...calls };
    await queueOf(adding, 'b').add('work', 1);
    await queueOf(store, 'b').add('work', 2);
    await eventually('they run', () => ranOther.length === 2);
    await queueOf(store, 'c').add('work', 3);
    await eventually('it runs', () => ranBeside.length === 1);
    await wait(SETTLE_MS);
    expect(ran).to.deep.equal([]);
    // The claim that takes the task of c, and the empty one after it.
    expect(calls.claim - before.claim).to.be.at.most(2);
  });

  it('is woken at once when its queue is resumed', async () => {
    const store = await opening.open();
    const queue = queueOf(store, 'q');
    await queue.pause();
    await queue.add('work', 1);
    const ran = await startWorker(store, ['q']);
    await wait(SETTLE_MS);
    expect(ran).to.deep.equal([]);
    await queue.resume();
    await eventually('it runs', () => ran.length === 1);
  });

  it('is woken by a redrive, and by a task that is due again after a failure', async () => {
    const store = await opening.open();
    const queue = queueOf(store, 'q');
    let runs = 0;
    const work = (): void => {
      runs += 1;
      if (runs < 3) throw new Error('not yet');
    };
    await new Worker<Tasks>(store, { queues: ['q'], pollInterval: NEVER, handlers: { work } }).start();
    const backoff = { type: 'fixed', delayMs: 300 } as const;
    const { id } = await queue.add('work', 1, { maxRetries: 2, backoff });
    await eventually('it is dead', async () => (await queue.get(id))?.state === 'dead');
    await wait(SETTLE_MS);
    expect(await queue.redrive(id)).to.equal(1);
    await eventually('it runs again', () => runs === 3);
  });

  it('is one of twenty in a process, of which one delayed task costs a few claims when it is due', async () => {
    const { store, calls } = await openCounted(opening);
    const rans = await Promise.all(Array.from({ length: 20 }, () => startWorker(store, ['q'])));
    const ran = (): number => rans.flat().length;
    const adding = await opening.open();
    for (const [n, storeOfAdds] of [adding, store].entries()) {
      await wait(SETTLE_MS);
      const { claim, nextDueMs } = calls;
      await queueOf(storeOfAdds, 'q').add('work', n, { delayMs: 700 });
      await eventually('it runs', () => ran() === n + 1);
      await wait(SETTLE_MS);
      expect(calls.claim - claim, 'claims').to.be.at.most(5);
      expect(calls.nextDueMs - nextDueMs, 'looks').to.be.at.most(10);
    }
  });

  it('is woken where one before it has no room for all that came', async () => {
    const gate = makeGate();
    const store = await opening.open();
    const rans = await Promise.all(Array.from({ length: 10 }, () => startWorker(store, ['q'], { maxConcurrency: 3, until: gate.opened })));
    const beside = await startWorker(store, ['p', 'q'], { maxConcurrency: 3, until: gate.opened });
    const ran = (): number => rans.flat().length + beside.length;
    const adding = await opening.open();
    await wait(SETTLE_MS);
    for (const storeOfAdds of [adding, store]) {
      const before = ran();
      await queueOf(storeOfAdds, 'q').addMany(Array.from({ length: 15 }, (_, payload) => ({ name: 'work' as const, payload })));
      await eventually('all run at once', () => ran() === before + 15);
    }
    gate.open();
  });
});

forMongo('A worker beside many writes of others', (opening) => {
  const APP = 'holdfast-idle-load';

  /** Runs something, and returns the commands a second that the process of that name has sent meanwhile, but for the waits of its stream. */
  async function commandsOf(run: () => Promise<void>): Promise<number> {
    const db = opening.db();
    await db.command({ profile: 2 });
    const startedAt = performance.now();
    await run();
    const tookMs = performance.now() - startedAt;
    await db.command({ profile: 0 });
    const sent = await db.collection('system.profile').countDocuments({ appName: APP, op: { $ne: 'getmore' } });
    return (sent / tookMs) * SECOND;
  }

  it('sends about ten commands a second, closes its stream, and takes every task of its queue', async function () {
    this.timeout(120_000);
    const url = `${opening.url}${opening.url.includes('?') ? '&' : '?'}appName=${APP}`;
    const store = await opening.open({ url });
    const ran: number[] = [];
    const worker = new Worker<Tasks>(store, { queues: ['q'], handlers: { work: ({ payload }) => void ran.push(payload) } });
    await worker.start();
    const adding = await opening.open();
    await wait(2 * SECOND);
    const idle = await commandsOf(() => addSteadily(queueOf(adding, 'other'), 40, 8));
    // Ten looks in the long run; a few may follow each other at once when the stream closes. Beside them a process tells that it lives, writes its
    // statistics and looks for follow-ups, some five commands in these eight seconds.
    expect(idle, 'commands a second').to.be.below(12);
    await Promise.all([addSteadily(queueOf(adding, 'other'), 40, 6), addSteadily(queueOf(adding, 'q'), 5, 6)]);
    await eventually('all run', () => ran.length === 30);
    await wait(7 * SECOND);
    await queueOf(adding, 'q').add('work', 100);
    await eventually('it runs by the stream that is open again', () => ran.includes(100));
  });
});
