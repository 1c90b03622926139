import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { HOUR } from '../../constants/limits';
import type { WorkerNote } from '../../modules/roster/processRow';
import { Snooze } from '../../modules/task/handlerErrors';
import { claim, settlement, the } from '../contract/samples';
import { eventually, makeGate, refusalOf } from '../support/eventually';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

const onEachStore = (title: string, define: (opening: Opening) => void): void => {
  forEachStore(title, define);
  forReference(title, define);
};

const FAST = { minMs: 5, maxMs: 20 };
const NEVER = '00000000-0000-7000-8000-000000000000';

onEachStore('The explanation of a task', (opening) => {
  let store: Store;
  let queue: Queue;
  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  const added = async (options: Parameters<Queue['add']>[2] = {}): Promise<string> => (await queue.add('welcome', {}, options)).id;
  const codeOf = async (id: string): Promise<string | undefined> => (await queue.explain(id))?.code;
  const textOf = async (id: string): Promise<string | undefined> => (await queue.explain(id))?.text;

  /** Shows a worker that takes nothing. */
  async function shown(note: Partial<WorkerNote> = {}): Promise<void> {
    const row = { id: 'shown', queues: ['mail'], maxConcurrency: 2, handles: ['welcome'], running: [], ...note };
    store.parts.beat.join({ note: () => row, noteDraining: () => undefined });
    await eventually('the worker is in the list', async () =>
      (await store.processes.list()).some(({ workers }) => workers.some(({ id }) => id === row.id)),
    );
  }

  const working = async (welcome: () => unknown): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: () => welcome() }, pollInterval: FAST });
    await worker.start();
    return worker;
  };

  it('is null where there is none, and refuses what is no id', async () => {
    expect(await queue.explain(NEVER)).to.equal(null);
    expect((await refusalOf(() => queue.explain('x'))).code).to.equal('HOLDFAST_OPTION_INVALID');
  });

  it('says when a delayed one is due', async () => {
    expect(await queue.explain(await added({ delayMs: 3 * HOUR }))).to.deep.equal({ code: 'delayed', text: 'It is due in 3 h.' });
  });

  it('says that its queue is paused, that nobody serves it, and that all who do are draining', async () => {
    const id = await added();
    expect(await queue.explain(id)).to.deep.equal({ code: 'no-process', text: 'No live process serves the queue “mail”.' });
    await shown();
    expect(await queue.explain(id)).to.deep.equal({ code: 'next', text: 'It is the next of its queue.' });
    await queue.pause();
    expect(await queue.explain(id)).to.deep.equal({ code: 'paused', text: 'Its queue “mail” is paused.' });
    await queue.resume();
    await store.processes.drain(store.processes.id);
    await eventually('it is draining', async () => (await codeOf(id)) === 'draining');
  });

  it('says that no live worker has a handler of its name, also while it is given back for a while', async () => {
    const id = await added();
    await shown({ queues: ['*'], handles: ['other'] });
    expect(await queue.explain(id)).to.deep.equal({ code: 'no-handler', text: 'No live worker of the queue “mail” has a handler for “welcome”.' });
    const [task] = await claim(store.parts.tasks, { queues: ['mail'] });
    await store.parts.tasks.settle([settlement(the(task), { state: 'waiting', delayMs: 30_000 })]);
    expect(await codeOf(id)).to.equal('no-handler');
  });

  it('says how many others come first, and how long they take at the present rate', async () => {
    const worker = await working(() => undefined);
    await queue.addMany(Array.from({ length: 20 }, () => ({ name: 'welcome', payload: {} })));
    await eventually('all are done', async () => (await queue.counts()).succeeded === 20);
    await worker.stop();
    await shown();
    await queue.addMany(Array.from({ length: 1_203 }, () => ({ name: 'welcome', payload: {}, options: { priority: 0 } })));
    const id = await added({ priority: 5 });
    const text = await eventually('the rate is known', async () => {
      await store.parts.statisticsWriter?.flush();
      const found = await textOf(id);
      return found?.includes('rate') ? found : undefined;
    });
    expect(text).to.match(/^1,203 others come first \(about \d+ (s|min|h) at the present rate\)\.$/);
    await queue.purge();
    const alone = await added({ priority: 0 });
    expect(await textOf(await added())).to.match(/^1 other comes first/);
    expect(await codeOf(alone)).to.equal('next');
  });

  it('says that all slots are taken', async () => {
    await shown({ maxConcurrency: 1, running: [{ id: NEVER, queue: 'mail', name: 'welcome', attempt: 1, forMs: 5 }] });
    expect(await queue.explain(await added())).to.deep.equal({
      code: 'no-slot',
      text: 'It is the next of its queue, and waits for a free slot: all 1 are taken.',
    });
  });

  it('says that a suspect waits to run alone', async () => {
    const id = await added();
    await shown();
    const [task] = await claim(store.parts.tasks, { queues: ['mail'] });
    await store.parts.tasks.settle([settlement(the(task), { state: 'waiting', delayMs: 0, suspect: true, failures: 2 })]);
    expect(await codeOf(id)).to.equal('suspect');
  });

  it('says who runs it, and since when', async () => {
    const gate = makeGate();
    const worker = await working(() => gate.opened);
    const id = await added();
    await eventually('it runs', async () => (await queue.get(id))?.state === 'running');
    expect(await textOf(id)).to.match(new RegExp(`^Worker ${worker.id} runs it(, since \\d+ s)?: attempt 1\\.$`));
    store.parts.beat.join({ note: () => ({ id: 'x', queues: [], maxConcurrency: 1, handles: [], running: [] }), noteDraining: () => undefined });
    await eventually('since when', async () => /, since \d+ (s|min): attempt 1\.$/.test((await textOf(id)) ?? ''));
    gate.open();
    await eventually('it succeeded', async () => (await codeOf(id)) === 'succeeded');
    expect(await textOf(id)).to.match(/^It succeeded \d+ (s|min) ago, in attempt 1\.$/);
  });

  it('says that it has passed its time limit while its handler runs on', async () => {
    const gate = makeGate();
    await working(() => gate.opened);
    const id = await added({ timeoutMs: 100, maxRetries: 1 });
    await eventually('it is late', async () => (await textOf(id))?.endsWith('It has passed its time limit, which is counted as a failure.'));
    gate.open();
    await eventually('it is dead', async () => (await codeOf(id)) === 'dead');
  });

  it('says that its lease has expired', async () => {
    const id = await added();
    await claim(store.parts.tasks, { queues: ['mail'], leaseMs: 200 });
    await eventually('it expires', async () => (await textOf(id))?.includes('Its lease has expired'));
  });

  it('says when it is tried again, after what, and of what it died', async () => {
    let failures = 0;
    await working(() => {
      failures += 1;
      throw new TypeError(`no host\u202e\n${failures}`);
    });
    const first = await added({ backoff: { type: 'fixed', delayMs: HOUR } });
    await eventually('it failed', async () => (await codeOf(first)) === 'retrying');
    expect(await textOf(first)).to.match(/^It is tried again in (60 min|1 h), after 1 failure of 3: TypeError: no host\\u202e\\n1\.$/);
    const second = await added({ backoff: { type: 'fixed', delayMs: 0 } });
    await eventually('it died', async () => (await codeOf(second)) === 'dead');
    expect(await textOf(second)).to.match(
      /^It is dead after 3 failures, the last of which was TypeError: no host\\u202e\\n\d\. A retry or a redrive runs it again\.$/,
    );
  });

  it('says what it sleeps on, and that its handler put it off', async () => {
    const worker = new Worker(store, {
      queues: ['mail'],
      pollInterval: FAST,
      handlers: {
        sleeps: ({ sleepFor }) => sleepFor('the parcel', 3 * HOUR),
        waits: ({ waitForSignal }) => waitForSignal('paid'),
        waitsFor: ({ waitForSignal }) => waitForSignal('paid', { timeoutMs: 2 * HOUR }),
        snoozes: () => {
          throw new Snooze(5 * HOUR);
        },
      },
    });
    await worker.start();
    const expected = {
      sleeps: { code: 'sleeping', text: 'It sleeps for 3 h more, in “the parcel”.' },
      waits: { code: 'waiting-for-signal', text: 'It waits for the signal “paid”.' },
      waitsFor: { code: 'waiting-for-signal', text: 'It waits for the signal “paid”, for 2 h more.' },
      snoozes: { code: 'snoozed', text: 'Its handler has put it off: it is due in 5 h.' },
    };
    for (const [name, explanation] of Object.entries(expected)) {
      const { id } = await queue.add(name, {});
      await eventually(`${name} is put off`, async () => (await queue.get(id))?.attempts.length === 1);
      const found = await queue.explain(id);
      expect({ ...found, text: found?.text.replace('120 min', '2 h').replace('119 min', '2 h') }).to.deep.equal(explanation);
    }
  });

  it('says that it was cancelled', async () => {
    const id = await added();
    await queue.cancel(id);
    expect(await textOf(id)).to.match(/^It was cancelled \d+ s ago\.$/);
  });
});

forEachStore('The explanation of a message', (opening) => {
  it('says how long it is in flight, when it can be received, and whose dead letter it is', async () => {
    const store = await opening.open();
    const broker = new Broker(store);
    await broker.createQueue('orders-dead');
    await broker.createQueue('orders', { maxReceiveCount: 2, deadLetterQueue: 'orders-dead' });
    const queue = new Queue(store, 'orders');
    const { id } = await broker.send('orders', { body: 'one' });
    expect(await queue.explain(id)).to.deep.equal({ code: 'next', text: 'It is the next of its queue: whoever receives gets it.' });
    const later = await broker.send('orders', { body: 'two', delaySeconds: 3_600 });
    expect((await queue.explain(later.id))?.text).to.match(/^It can be received in (60 min|1 h)\.$/);
    const [received] = await broker.receive('orders', { visibilityTimeoutSeconds: 600 });
    expect(await queue.explain(id)).to.deep.equal({
      code: 'in-flight',
      text: 'A consumer has received it: it is in flight for 10 min more.',
    });
    await broker.deadLetter(received?.receipt ?? '', { reason: 'no-such-order' });
    expect(await new Queue(store, 'orders-dead').explain(id)).to.deep.equal({
      code: 'dead-letter',
      text: 'It is a dead letter of “orders”: a consumer refused it: “no-such-order”. A redrive returns it there.',
    });
  });
});
