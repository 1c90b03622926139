import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { Handler } from '../../modules/worker/handlerTypes';
import type { TaskOptions } from '../../config/optionTypes';
import { DAY, HOUR } from '../../constants/limits';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { forEachStore } from '../support/stores';

const inMs = (ms: number): Date => new Date(Date.now() + ms);

forEachStore('A task may wish', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  const serve = async (handler: Handler<unknown>): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: handler }, pollInterval: { maxMs: 100 } });
    await worker.start();
    return worker;
  };

  const stateOf = async (id: string): Promise<string | undefined> => (await queue.get(id))?.state;

  it('to be begun by a deadline: past it, it is dead, and its handler is not called', async () => {
    const { id } = await queue.add('work', {}, { deadline: inMs(300) });
    await wait(600);
    let runs = 0;
    await serve(() => (runs += 1));
    await eventually('it is dead', async () => (await stateOf(id)) === 'dead');
    expect(runs).to.equal(0);
    const task = await queue.get(id);
    expect(task?.error).to.include({ code: 'HOLDFAST_DEADLINE_PASSED' });
    expect(task).to.include({ failures: 0 });
    expect(task?.attempts.map(({ ending }) => ending)).to.deep.equal(['dead']);
  });

  it('to be begun by a deadline: before it, it runs, and may end after it', async () => {
    const deadline = inMs(3_000);
    const { id } = await queue.add('work', {}, { deadline });
    const gate = makeGate();
    await serve(async ({ deadline: told }) => {
      await gate.opened;
      return told;
    });
    await eventually('it runs', async () => (await stateOf(id)) === 'running');
    await eventually('the deadline has passed', () => Date.now() > deadline.getTime());
    gate.open();
    await eventually('it has succeeded', async () => (await stateOf(id)) === 'succeeded');
    expect((await queue.get(id))?.result).to.equal(deadline.toISOString());
  });

  it('to be found by a tag', async () => {
    const { id } = await queue.add('work', {}, { tags: ['blue', "it's"] });
    await queue.add('work', {}, { tags: ['green'] });
    await queue.add('work', {});
    for (const tag of ['blue', "it's"]) expect((await queue.list({ tag })).tasks.map((task) => task.id)).to.deep.equal([id]);
    expect((await queue.list({ tag: '$blue' })).tasks).to.deep.equal([]);
    expect((await queue.get(id))?.tags).to.deep.equal(['blue', "it's"]);
  });

  it('to carry metadata, whatever its keys, to its handler and to whoever looks', async () => {
    const metadata = { tenant: 'acme', $where: 'x', 'a.b': { $gt: 1 } };
    let told: unknown;
    await serve((context) => void (told = { tags: context.tags, metadata: context.metadata }));
    const { id } = await queue.add('work', {}, { tags: ['blue'], metadata });
    await eventually('it has succeeded', async () => (await stateOf(id)) === 'succeeded');
    expect(told).to.deep.equal({ tags: ['blue'], metadata });
    expect((await queue.get(id))?.metadata).to.deep.equal(metadata);
  });
});

forEachStore('A task with a bad option', (opening) => {
  const refusals: readonly [string, TaskOptions, string, string][] = [
    ['a deadline in the past', { deadline: new Date(Date.now() - 1) }, 'HOLDFAST_OPTION_INVALID', 'options.deadline'],
    ['a deadline before it is due', { deadline: inMs(HOUR), delayMs: DAY }, 'HOLDFAST_OPTION_INVALID', 'options.deadline'],
    ['a deadline that is no Date', { deadline: 'tomorrow' as unknown as Date }, 'HOLDFAST_OPTION_INVALID', 'options.deadline'],
    ['a key of 257 characters', { uniqueKey: 'k'.repeat(257) }, 'HOLDFAST_OPTION_INVALID', 'options.uniqueKey'],
    ['21 tags', { tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }, 'HOLDFAST_OPTION_INVALID', 'options.tags'],
    ['an empty tag', { tags: [''] }, 'HOLDFAST_OPTION_INVALID', 'options.tags.0'],
    ['metadata that is no object', { metadata: [1] as unknown as Record<string, unknown> }, 'HOLDFAST_OPTION_INVALID', 'options.metadata'],
    ['metadata that JSON cannot carry', { metadata: { n: 1n } }, 'HOLDFAST_PAYLOAD_NOT_JSON', 'options.metadata.n'],
    ['metadata over 16 KiB', { metadata: { text: 'x'.repeat(17_000) } }, 'HOLDFAST_PAYLOAD_TOO_LARGE', 'options.metadata'],
  ];
  for (const [title, options, code, field] of refusals) {
    it(`is refused, and nothing is added: ${title}`, async () => {
      const queue = new Queue(await opening.open(), 'mail');
      expect(await refusalOf(() => queue.add('work', {}, options))).to.include({ code, field });
      expect((await queue.counts()).waiting).to.equal(0);
    });
  }
});
