import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { startServer } from '../../classes/server/brokerServer';
import type { BrokerServer } from '../../classes/server/brokerServer';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { ShownGroup, TaskSummary } from '../../modules/cli/backend';
import { makeGate, eventually } from '../support/eventually';
import { holdfast } from '../fixtures/commandLine';
import { forEachStore } from '../support/stores';

forEachStore('a person with holdfast', (opening) => {
  for (const side of ['store', 'server'] as const) {
    describe(`on a ${side}`, () => {
      let store: Store;
      let server: BrokerServer | undefined;

      beforeEach(async () => {
        store = await opening.open();
        if (side === 'server') server = await startServer({ store, port: 0, allowWrites: true });
      });
      afterEach(() => server?.close());

      /** Runs one command, and counts it. */
      const makeRun = () => {
        const run = async (...words: string[]) => {
          run.count += 1;
          return holdfast(words, { env: side === 'server' ? { HOLDFAST_SERVER: server?.url } : { HOLDFAST_URL: opening.url } });
        };
        run.count = 0;
        return run;
      };

      it('learns why a task waits, who runs one, and stops a queue, with a command each', async () => {
        const queue = new Queue(store, 'mail');
        const gate = makeGate();
        const worker = new Worker(store, { queues: ['mail'], maxConcurrency: 1, handlers: { hold: () => gate.opened } });
        const [held, waiting] = await queue.addMany([
          { name: 'hold', payload: null },
          { name: 'hold', payload: null },
        ]);
        await worker.start();
        await eventually('it runs', async () => (await queue.get(held?.id ?? ''))?.state === 'running');
        const run = makeRun();
        const why = await run('task', 'explain', waiting?.id ?? '');
        expect([why.code, why.err]).to.deep.equal([0, '']);
        expect(why.out).to.match(/^(It is the next|1 other comes first)/);
        const who = await run('task', 'explain', held?.id ?? '');
        expect(who.out).to.match(new RegExp(`^Worker ${worker.id} runs it`));
        expect((await run('queue', 'pause', 'mail')).code).to.equal(0);
        expect(run.count).to.equal(3);
        gate.open();
        await eventually('it ends', async () => (await queue.get(held?.id ?? ''))?.state === 'succeeded');
        await worker.stop();
        expect((await queue.get(waiting?.id ?? ''))?.state).to.equal('waiting');
        expect((await run('task', 'explain', waiting?.id ?? '')).out).to.match(/paused/);
      });

      it('learns what fails most and retries it, with two commands', async () => {
        const queue = new Queue(store, 'mail');
        const fail = (message: string) => () => Promise.reject(new Error(message));
        const worker = new Worker(store, { queues: ['mail'], handlers: { often: fail('no address 17'), once: fail('full') } });
        const specs = ['often', 'often', 'once', 'often'].map((name) => ({ name, payload: null, options: { maxRetries: 1 } }));
        await queue.addMany(specs);
        await worker.drain();
        await store.parts.statisticsWriter?.flush();
        const run = makeRun();
        const { out } = await run('failures', '-o', 'jsonl');
        const [most] = out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as ShownGroup);
        expect(most).to.deep.include({ count: 3, message: 'no address 17' });
        const retried = await run('task', 'retry', '--group', most?.group ?? '', '--yes', '-o', 'json');
        expect([retried.code, retried.err]).to.deep.equal([0, '']);
        expect(JSON.parse(retried.out)).to.deep.include({ action: 'retry', state: 'done', changed: 3, clashed: 0 });
        expect(run.count).to.equal(2);
        const { tasks } = await queue.list();
        expect(tasks.map(({ name, state }) => `${name} ${state}`).sort()).to.deep.equal([
          'often waiting',
          'often waiting',
          'often waiting',
          'once dead',
        ]);
      });

      it('is told how many tasks of a queue wait again, and how many were removed', async () => {
        const queue = new Queue(store, 'mail');
        const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: () => Promise.reject(new Error('full')) } });
        await queue.addMany([1, 2].map((payload) => ({ name: 'welcome', payload, options: { maxRetries: 1 } })));
        await worker.drain();
        const run = makeRun();
        expect(JSON.parse((await run('queue', 'redrive', 'mail', '--yes', '-o', 'json')).out)).to.deep.equal({ queue: 'mail', redriven: 2 });
        expect((await queue.counts()).waiting).to.equal(2);
        const purged = await run('queue', 'purge', 'mail', '--state', 'waiting', '--yes');
        expect(purged.out).to.equal('Removed 2 tasks of the queue mail\n');
        expect((await queue.counts()).waiting).to.equal(0);
      });

      it('sees the same on both sides', async () => {
        const { id } = await new Queue(store, 'mail').add('welcome', { to: 'a', password: 'geheim' }, { tags: ['x'] });
        const run = makeRun();
        const { out } = await run('task', 'list', '--queue', 'mail', '-o', 'jsonl');
        const summary = JSON.parse(out) as TaskSummary;
        expect(summary).to.deep.include({
          id,
          queue: 'mail',
          name: 'welcome',
          state: 'waiting',
          isDelayed: false,
          tags: ['x'],
          preview: '{"to":"a","password":"[redacted]"}',
        });
        const got = await run('task', 'get', id);
        expect(got.out).to.match(/payload +\{"to":"a","password":"\[redacted\]"\}/);
        const missing = await run('task', 'get', '019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b');
        expect([missing.code, missing.out]).to.deep.equal([3, '']);
        const cancelled = await run('task', 'cancel', id, '-o', 'json');
        expect(JSON.parse(cancelled.out)).to.deep.equal([{ id, queue: 'mail', name: 'welcome', state: 'cancelled' }]);
        expect((await run('task', 'cancel', id)).code).to.equal(4);
      });
    });
  }
});
