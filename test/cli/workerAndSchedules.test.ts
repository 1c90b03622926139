import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import type { ShownGroup, ShownProcess } from '../../modules/cli/backend';
import { endOf, startNode } from '../fixtures/children';
import { HOLDFAST, holdfast } from '../fixtures/commandLine';
import { LIBRARY, tasksModule } from '../fixtures/tasksModule';
import { eventually } from '../support/eventually';
import { forSqlite, forSqliteFirst } from '../support/stores';

const TASKS = `
const { defineEvent } = require(${LIBRARY});
exports.handlers = {
  greet: async ({ payload, log }) => { log.info('hello ' + payload); return payload.length; },
  fail: async () => { throw new Error('no address 17'); },
  wait: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
};
exports.events = [defineEvent({ name: 'signUp', schema: { type: 'object' }, process: async () => 'done' })];
`;

forSqliteFirst('holdfast worker', (opening) => {
  const tasks = tasksModule(TASKS);

  const env = () => ({ HOLDFAST_URL: opening.url });

  it('runs the handlers and events of a module until nothing is due, and the commands show what came of it', async () => {
    const store = await opening.open();
    const mail = new Queue(store, 'mail');
    const [greeted, failed] = await mail.addMany([
      { name: 'greet', payload: 'anna' },
      { name: 'fail', payload: null, options: { maxRetries: 1 } },
      { name: 'greet', payload: 'later', options: { delayMs: 3_600_000 } },
    ]);
    const { id } = await new Queue(store, 'signUp').add('signUp', {});
    const worked = await holdfast(['worker', '--require', tasks(), '--queues', 'mail', '--once'], { env: env() });
    expect([worked.code, worked.err]).to.deep.equal([0, '']);
    expect(await mail.get(greeted?.id ?? '')).to.deep.include({ state: 'succeeded', result: 4 });
    expect(await new Queue(store, 'signUp').get(id)).to.deep.include({ state: 'succeeded', result: 'done' });
    const logs = await holdfast(['task', 'logs', greeted?.id ?? ''], { env: env() });
    expect(logs.out).to.match(/^1: \+\d+ ms info: hello anna\n$/);
    const failures = await holdfast(['failures', '-o', 'json'], { env: env() });
    const [group] = JSON.parse(failures.out) as ShownGroup[];
    expect(group).to.deep.include({ count: 1, message: 'no address 17' });
    expect(group?.sample.id).to.equal(failed?.id);
  });

  it('is listed while it runs, drained from elsewhere by its id, and stopped by a signal with 0', async () => {
    const mail = new Queue(await opening.open(), 'mail');
    const { id } = await mail.add('wait', null);
    const child = startNode(HOLDFAST, ['worker', '--require', tasks(), '-q', 'mail', '-c', '3', '--grace-period-ms', '100'], {
      env: env(),
    });
    await eventually('it runs', async () => (await mail.get(id))?.state === 'running');
    const explained = await holdfast(['task', 'explain', id], { env: env() });
    expect(explained.out).to.match(/^Worker \S+ runs it/);
    const listed = await eventually('its beat tells the task', async () => {
      const { out } = await holdfast(['process', 'list', '-o', 'json'], { env: env() });
      const [one] = JSON.parse(out) as ShownProcess[];
      return one?.tasks.some((task) => task.id === id) ? one : undefined;
    });
    expect(listed).to.deep.include({ pid: child.pid, slots: 13, isDraining: false });
    const worker = listed.workers.find(({ queues }) => queues.includes('mail'))?.id ?? '';
    expect((await holdfast(['worker', 'drain', worker], { env: env() })).code).to.equal(0);
    expect((await holdfast(['process', 'drain', 'nobody'], { env: env() })).code).to.equal(3);
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
  });
});

forSqlite('holdfast', (opening) => {
  const run = (...words: string[]) => holdfast(words, { env: { HOLDFAST_URL: opening.url } });

  it('refuses a worker without handlers or queues, and on a server', async () => {
    for (const [words, said] of [
      [['worker'], /--require must be the module/],
      [['worker', '--require', './none.js'], /--require must be a file/],
      [['worker', '--require', 'chai'], /--require must be a module that exports `handlers`/],
      [['worker', '--server', 'http://127.0.0.1:1', '--require', './none.js'], /HOLDFAST_NOT_ON_SERVER/],
    ] as const) {
      const { code, out, err } = await run(...words);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.match(said);
    }
  });

  it('stores, lists, pauses, resumes, runs and removes a schedule', async () => {
    const scheduler = new Scheduler(await opening.open());
    expect(
      (await run('schedule', 'add', 'nightly', '{"n":1}', '--queue', 'reports', '--cron', '0 2 * * *', '--time-zone', 'Europe/Berlin')).code,
    ).to.equal(0);
    expect(await scheduler.get('nightly')).to.deep.include({ queue: 'reports', cron: '0 2 * * *', timeZone: 'Europe/Berlin', payload: { n: 1 } });
    expect((await run('schedule', 'list')).out).to.match(/nightly.*reports.*0 2 \* \* \* Europe\/Berlin/);
    const next = await run('schedule', 'next', 'nightly', '--count', '2', '-o', 'jsonl');
    expect(next.out.trim().split('\n')).to.have.length(2);
    await run('schedule', 'pause', 'nightly');
    expect((await scheduler.get('nightly'))?.paused).to.equal(true);
    await run('schedule', 'resume', 'nightly');
    expect((await scheduler.get('nightly'))?.paused).to.equal(false);
    const ran = await run('schedule', 'run-now', 'nightly');
    expect(ran.out.trim()).to.equal((await scheduler.get('nightly'))?.lastTaskId);
    expect((await run('schedule', 'remove', 'nightly')).code).to.equal(2);
    expect((await run('schedule', 'remove', 'nightly', '-y')).code).to.equal(0);
    expect(await scheduler.list()).to.deep.equal([]);
    expect((await run('schedule', 'pause', 'nightly')).code).to.equal(3);
  });
});
