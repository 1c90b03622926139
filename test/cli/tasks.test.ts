import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { FoundTask, QueueRow, TasksPage } from '../../modules/cli/backend';
import { Worker } from '../../classes/worker/worker';
import { holdfast } from '../fixtures/commandLine';
import { eventually } from '../support/eventually';
import { forSqlite, forSqliteFirst } from '../support/stores';

const NOBODY = '019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b';

forSqliteFirst('holdfast', (opening) => {
  const run = (...words: string[]) => holdfast(words, { env: { HOLDFAST_URL: opening.url } });

  const json = async <Shown = unknown>(...words: string[]): Promise<Shown> => {
    const { code, out, err } = await run(...words, '-o', 'json');
    expect([code, err.replace(/^There may be more.*\n/, '')]).to.deep.equal([0, '']);
    return JSON.parse(out) as Shown;
  };

  it('adds a task, shows it, tells why it waits, cancels and removes it', async () => {
    const { id, added } = await json<{ id: string; added: boolean }>(
      'task',
      'add',
      'mail',
      'welcome',
      '{"to":"a"}',
      '--delay-ms',
      '36000000',
      '--tags',
      'a,b',
      '--priority',
      '2',
    );
    expect(added).to.equal(true);
    const { task } = await json<FoundTask>('task', 'get', id);
    expect(task).to.deep.include({ id, queue: 'mail', name: 'welcome', state: 'waiting', priority: 2, tags: ['a', 'b'], payload: { to: 'a' } });
    const explained = await run('task', 'explain', id);
    expect([explained.code, explained.out]).to.deep.equal([0, 'It is due in 10 h.\n']);
    expect(await json('task', 'run-now', id)).to.deep.equal([{ id, queue: 'mail', name: 'welcome', state: 'waiting' }]);
    expect(await json('task', 'cancel', id)).to.deep.equal([{ id, queue: 'mail', name: 'welcome', state: 'cancelled' }]);
    expect(await json('task', 'remove', id, '--queue', 'mail')).to.deep.equal([{ id, queue: 'mail', name: 'welcome', state: 'removed' }]);
    expect((await run('task', 'get', id)).code).to.equal(3);
  });

  it('shows the steps that a task has recorded, and what it waits for', async () => {
    const store = await opening.open();
    const worker = new Worker(store, {
      queues: ['orders'],
      handlers: {
        ship: async ({ step, waitForSignal }) => {
          await step('take the money', () => ({ receipt: 17 }));
          await waitForSignal('delivered');
        },
      },
    });
    await worker.start();
    const { id } = await new Queue(store, 'orders').add('ship', null);
    await eventually('it waits', async () => (await run('task', 'explain', id)).out.includes('signal'));
    await worker.stop();
    const { out } = await run('task', 'get', id);
    expect(out).to.match(/^steps\n {2}1: take the money: done: \{"receipt":17\}\n {2}2: delivered: waits for a signal\n/m);
  });

  it('says what a task is now that has moved on, with 4, and which is not there, with 3', async () => {
    const store = await opening.open();
    const { id } = await new Queue(store, 'mail').add('welcome', null);
    await new Queue(store, 'mail').cancel(id);
    const late = await run('task', 'cancel', id);
    expect([late.code, late.out]).to.deep.equal([4, '']);
    expect(late.err).to.match(new RegExp(`${id}: The task was cancelled .* ago, so it cannot be cancelled.*HOLDFAST_TASK_MOVED_ON`));
    const some = await run('task', 'remove', NOBODY, id, '-o', 'jsonl');
    expect([some.code, JSON.parse(some.out)]).to.deep.equal([3, { id, queue: 'mail', name: 'welcome', state: 'removed' }]);
  });

  it('lists what a search and flags choose, a page at a time', async () => {
    const store = await opening.open();
    const added = await new Queue(store, 'mail').addMany(['a', 'b', 'c'].map((to) => ({ name: 'welcome', payload: { to } })));
    await new Queue(store, 'other').add('welcome', null);
    const first = await json<TasksPage>('task', 'list', '--queue', 'mail', '--state', 'waiting,dead', '--limit', '2');
    expect(first.tasks.map(({ id }) => id)).to.deep.equal([added[2]?.id, added[1]?.id]);
    const second = await json<TasksPage>('task', 'list', '--queue', 'mail', '--state', 'waiting,dead', '--limit', '2', '--after', first.next ?? '');
    expect(second.tasks.map(({ id }) => id)).to.deep.equal([added[0]?.id]);
    const found = await run('task', 'list', 'queue:mail payload.to:b', '-o', 'jsonl');
    expect((JSON.parse(found.out) as { id: string }).id).to.equal(added[1]?.id);
    const wrong = await run('task', 'list', 'queue:mail stat:dead');
    expect([wrong.code, wrong.out]).to.deep.equal([2, '']);
    expect(wrong.err).to.match(/search\[11\] must be one of state, .*HOLDFAST_SEARCH_INVALID/);
  });

  it('pauses, resumes and purges a queue, and asks before that', async () => {
    await json('task', 'add', 'mail', 'welcome');
    expect(await json('queue', 'pause', 'mail')).to.deep.equal({ name: 'mail', isPaused: true });
    const [row] = await json<QueueRow[]>('queue', 'list');
    expect(row).to.deep.include({ name: 'mail', isPaused: true });
    expect(row?.counts).to.deep.include({ waiting: 1, delayed: 0, dead: 0 });
    await json('queue', 'resume', 'mail');
    expect(await json('queue', 'stats', 'mail')).to.deep.include({ name: 'mail', isPaused: false });
    const refused = await run('queue', 'purge', 'mail');
    expect([refused.code, refused.out]).to.deep.equal([2, '']);
    expect(refused.err).to.match(/this would remove 1 task \(waiting\) of the queue mail\. Pass --yes/);
    expect(await json('--yes', 'queue', 'purge', 'mail')).to.deep.equal({ queue: 'mail', removed: 1 });
  });
});

forSqlite('holdfast', (opening) => {
  const run = (words: readonly string[], input?: string) =>
    holdfast(words, { env: { HOLDFAST_URL: opening.url }, ...(input === undefined ? {} : { input }) });

  it('takes a payload from a file and from the standard input, and refuses what is no JSON', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-payload-'));
    try {
      writeFileSync(join(folder, 'p.json'), '{"n":1}');
      expect((await run(['task', 'add', 'q', 'n', `@${join(folder, 'p.json')}`])).code).to.equal(0);
      expect((await run(['task', 'add', 'q', 'n', '-'], '{"n":2}')).code).to.equal(0);
      const { tasks } = await new Queue(await opening.open(), 'q').list();
      expect(tasks.map(({ payload }) => payload)).to.deep.equal([{ n: 2 }, { n: 1 }]);
      for (const wrong of ['{n:1}', '@/nowhere/at/all', '-']) {
        const { code, err } = await run(['task', 'add', 'q', 'n', wrong]);
        expect([wrong, code]).to.deep.equal([wrong, 2]);
        expect(err).to.match(/payload must be/);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('shows hostile names and payloads as text', async () => {
    const hostile = '\u001b[31mred\u202eesrever';
    const store = await opening.open();
    const { id } = await new Queue(store, 'q').add('n', { hostile, long: 'x'.repeat(1_000_000) }, { metadata: { hostile } });
    const { code, out } = await run(['task', 'get', id]);
    expect(code).to.equal(0);
    for (const raw of ['\u001b', '\u202e']) expect(out).to.not.include(raw);
    expect(out).to.include('\\u202eesrever');
    expect(out.length).to.be.below(4_000);
  });

  it('takes flags before and behind the words of a command', async () => {
    const { id } = await new Queue(await opening.open(), 'q').add('n', null);
    for (const words of [
      ['-o', 'json', '--queue', 'q', 'task', 'get', id],
      ['task', '-o', 'json', 'get', '--queue', 'q', id],
      ['task', 'get', id, '-o', 'json', '--queue=q'],
    ]) {
      const { code, out } = await run(words);
      expect([code, (JSON.parse(out) as { task: { id: string } }).task.id]).to.deep.equal([0, id]);
    }
  });

  it('makes no store where it only looks, and ends with 69', async () => {
    const { code, err } = await run(['queue', 'list', '--url', 'sqlite:./none/at/all.db']);
    expect([code, err]).to.satisfy(([ended, said]: [number, string]) => ended === 69 && said.includes('HOLDFAST_FILE_UNUSABLE'));
  });
});
