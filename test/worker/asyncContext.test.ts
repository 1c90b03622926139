import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

forEachStore('The async context of a handler', (opening) => {
  for (const [what, maxConcurrency, isBatch] of [
    ['one after the other', 1, false],
    ['at the same time', 10, false],
    ['in batches', 10, true],
  ] as const)
    it(`is that in which its worker was started, whatever earlier handlers entered, ${what}`, async () => {
      const local = new AsyncLocalStorage<string>();
      const store = await opening.open();
      const queue = new Queue(store, 'q');
      const seen: unknown[] = [];
      const handler = (mine: unknown): void => {
        seen.push(local.getStore());
        local.enterWith(`handler ${String(mine)}`);
      };
      const worker = new Worker(store, { queues: ['q'], maxConcurrency, prefetch: 20 });
      if (isBatch)
        worker.handleBatch(
          'work',
          ({ tasks }) => {
            handler(tasks[0]?.payload);
            return tasks.map(({ id }) => [id, null] as const);
          },
          { size: 1 },
        );
      else worker.handle('work', ({ payload }) => handler(payload));
      const tasks = Array.from({ length: 8 }, (_, payload) => ({ name: 'work', payload }));
      await local.run('adding', () => queue.addMany(tasks));
      await local.run('starting', () => worker.start());
      await eventually('all have run', () => seen.length === 8);
      expect(new Set(seen)).to.deep.equal(new Set(['starting']));
    });
});

forEachStore('A result that cannot be stored', (opening) => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  for (const [what, result] of [
    ['a Map', new Map([[1, 2]])],
    ['a bigint', 5n],
    ['a cycle', cyclic],
    ['too much text', 'x'.repeat(2 * 1024 * 1024)],
  ] as const)
    it(`such as ${what} is dropped and told; the task has succeeded`, async () => {
      const store = await opening.open();
      const queue = new Queue(store, 'q');
      const told: unknown[] = [];
      store.events.on('result-dropped', ({ task, error }) => told.push([task.id, error.code]));
      const worker = new Worker(store, { queues: ['q'], handlers: { work: () => result } });
      const { id } = await queue.add('work', {});
      expect(await worker.drain()).to.include({ succeeded: 1, dead: 0 });
      expect(await queue.get(id)).to.include({ state: 'succeeded', failures: 0, result: undefined });
      expect(told).to.have.length(1);
      expect((told[0] as unknown[])[0]).to.equal(id);
      expect((told[0] as unknown[])[1]).to.match(/^HOLDFAST_PAYLOAD_/);
    });
});
