import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { HOUR } from '../../constants/limits';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

/** An interval that rules out polling, so that something else must wake the worker. */
const NEVER = { minMs: HOUR, maxMs: HOUR };

forEachStore('An idle worker', (opening) => {
  it('is woken by a task that another process adds, long before its next poll', async () => {
    const adding = await opening.open();
    const working = await opening.open();
    const queue = new Queue<{ work: number }>(adding, 'q');
    const ran: number[] = [];
    const handlers = { work: ({ payload }: { payload: number }) => void ran.push(payload) };
    await new Worker<{ work: number }>(working, { queues: ['q'], pollInterval: NEVER, handlers }).start();
    for (let n = 0; n < 5; n += 1) {
      await queue.add('work', n);
      await eventually(`task ${n} runs`, () => ran.length === n + 1);
    }
    expect(ran).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('is woken by a task of another process that is retried by hand', async () => {
    const adding = await opening.open();
    const working = await opening.open();
    const queue = new Queue<{ work: number }>(adding, 'q');
    let ran = 0;
    await new Worker<{ work: number }>(working, { queues: ['q'], pollInterval: NEVER, handlers: { work: () => void (ran += 1) } }).start();
    const { id } = await queue.add('work', 1, { delayMs: HOUR });
    expect(await queue.retry(id)).to.equal(true);
    await eventually('it runs', () => ran === 1);
  });

  it('wakes by itself when the next delayed task is due', async () => {
    const store = await opening.open();
    const queue = new Queue<{ work: number }>(store, 'q');
    let ran = 0;
    await queue.add('work', 1, { delayMs: 700 });
    await new Worker<{ work: number }>(store, { queues: ['q'], pollInterval: NEVER, handlers: { work: () => void (ran += 1) } }).start();
    await eventually('it runs', () => ran === 1);
  });

  it('is one of fifty on a store, which one task costs a few claims and looks', async () => {
    const database = await opening.database();
    const calls = { claim: 0, nextDueMs: 0 };
    const tasks = new Proxy(database.tasks, {
      get: (target, key) => {
        if (key === 'claim' || key === 'nextDueMs') calls[key] += 1;
        const member: unknown = Reflect.get(target, key);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
    const store = opening.storeOn({ ...database, tasks });
    let ran = 0;
    for (let n = 0; n < 50; n += 1) {
      await new Worker<{ work: number }>(store, { queues: ['q'], pollInterval: NEVER, handlers: { work: () => void (ran += 1) } }).start();
    }
    const adding = await opening.open();
    for (const [round, addingStore] of [store, adding, store, adding].entries()) {
      await wait(500);
      const before = { ...calls };
      await new Queue<{ work: number }>(addingStore, 'q').add('work', 1);
      await eventually('it runs', () => ran === round + 1);
      await wait(500);
      expect(calls.claim - before.claim, `claims in round ${round}`).to.be.at.most(5);
      expect(calls.nextDueMs - before.nextDueMs, `looks in round ${round}`).to.be.below(50);
    }
  });
});
