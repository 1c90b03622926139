import { expect } from 'chai';
import { Broker } from '../../classes/broker/broker';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { Scheduler } from '../../classes/schedule/scheduler';
import type { Store } from '../../classes/store/store';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import { Servers } from './client';
import type { Answer } from './client';

const of = (answer: Answer): Record<string, unknown> => answer.body;
const listOf = (answer: Answer, name: string): Record<string, unknown>[] => of(answer)[name] as Record<string, unknown>[];

/** Adds a task that fails for good with a secret in all its parts, and returns its id. */
async function deadTask(store: Store, options: object = {}): Promise<string> {
  const queue = new Queue(store, 'mail');
  const { id } = await queue.add('welcome', { to: 'ann', password: 'hunter22' }, { maxRetries: 1, metadata: { apiKey: 'k-12345' }, ...options });
  const worker = new Worker(store, {
    queues: ['mail'],
    handlers: {
      welcome: ({ log }) => {
        log.info('with password=hunter22');
        throw new Error('refused: token=abcdef123');
      },
    },
  });
  await worker.start();
  await eventually('the task is dead', async () => (await queue.get(id))?.state === 'dead');
  await worker.stop();
  return id;
}

forEachStore('The admin API', (opening) => {
  const servers = new Servers(opening);
  afterEach(() => servers.close());

  it('shows each queue with its counts, and what is wrong, the worst first', async () => {
    const client = await servers.start();
    await deadTask(client.store);
    await new Queue(client.store, 'lost').addMany([
      { name: 'a', payload: 1 },
      { name: 'a', payload: 2, options: { delayMs: 60_000 } },
    ]);
    await new Queue(client.store, 'held').add('a', 1);
    await new Queue(client.store, 'held').pause();
    const overview = await client.get('/v1/admin/overview');
    expect(listOf(overview, 'queues').map(({ name }) => name)).to.deep.equal(['held', 'lost', 'mail']);
    const [held, lost, mail] = listOf(overview, 'queues');
    expect([held?.['isPaused'], lost?.['counts']]).to.deep.equal([true, { waiting: 1, delayed: 1, running: 0, dead: 0, succeeded: 0, cancelled: 0 }]);
    expect(mail?.['counts']).to.include({ dead: 1, waiting: 0 });
    const health = listOf(overview, 'health');
    expect(health.map(({ level, code }) => `${String(level)} ${String(code)}`)).to.deep.equal([
      'bad queue_unserved',
      'warn queue_paused',
      'warn tasks_dead',
    ]);
    expect(health[0]?.['text']).to.equal('No live process serves “lost”, in which 1 task waits.');
    expect(health[0]?.['link']).to.equal('tasks?q=queue%3Alost+state%3Awaiting');
  });

  it('says that a queue waits because the processes that serve it are draining', async () => {
    const client = await servers.start();
    const worker = new Worker(client.store, { queues: ['mail'], handlers: { a: () => undefined } });
    await worker.start();
    let id = '';
    await eventually('the process is seen', async () => (id = (await client.store.processes.list())[0]?.id ?? '') !== '');
    await client.store.processes.drain(id);
    await eventually('it drains', async () => (await client.store.processes.list())[0]?.isDraining === true);
    await new Queue(client.store, 'mail').add('a', null);
    await eventually('it is said', async () => {
      const [line] = listOf(await client.get('/v1/admin/overview'), 'health');
      return line?.['text'] === 'All processes that serve “mail” are draining, in which 1 task waits.';
    });
    await worker.stop();
  });

  it('counts the messages of queues of the broker, FIFO or not', async () => {
    const client = await servers.start({ allowWrites: true });
    const broker = new Broker(client.store);
    await broker.createQueue('plain');
    await broker.createQueue('ordered', { fifo: true });
    await broker.sendMany('plain', [{ body: 1 }, { body: 2 }]);
    await broker.sendMany('ordered', [1, 2, 3].map((body) => ({ body, group: `g${body}` }))); // prettier-ignore
    await broker.receive('ordered', { max: 1 });
    const [ordered, plain] = listOf(await client.get('/v1/admin/overview'), 'queues');
    expect([ordered?.['name'], ordered?.['isBroker'], ordered?.['isFifo'], ordered?.['oldestSeconds']]).to.deep.equal(['ordered', true, true, 0]);
    expect([plain?.['isBroker'], plain?.['isFifo']]).to.deep.equal([true, false]);
    expect(ordered?.['counts']).to.include({ waiting: 2, running: 1, dead: 0 });
    expect(plain?.['counts']).to.include({ waiting: 2, running: 0 });
    expect((await client.get('/v1/admin/queues/ordered')).text).to.include('"waiting":2');
    await broker.close();
  });

  it('hides in a task what a log would hide, says where, and puts it back in a copy', async () => {
    const client = await servers.start({ allowWrites: true });
    const id = await deadTask(client.store);
    const { text, body } = await client.get(`/v1/admin/queues/mail/tasks/${id}`);
    for (const secret of ['hunter22', 'k-12345', 'abcdef123']) expect(text).to.not.include(secret);
    const { task, explanation } = body as unknown as { task: Record<string, unknown>; explanation: { code: string } };
    expect(task).to.deep.include({ payload: { to: 'ann', password: '[redacted]' }, state: 'dead', failures: 1 });
    expect(task['hidden']).to.include.members(['payload', 'metadata', 'error', 'log']);
    expect(explanation.code).to.be.a('string');
    expect((await client.get(`/v1/admin/tasks/${id}`)).body).to.deep.equal(body);
    const copy = of(await client.post(`/v1/admin/queues/mail/tasks/${id}/copy`, { payload: { to: 'bea', password: '[redacted]' } }))['id'];
    expect((await new Queue(client.store, 'mail').get(copy as string))?.payload).to.deep.equal({ to: 'bea', password: 'hunter22' });
  });

  it('acts on a task as it is now, and tells of one that has moved on what it is', async () => {
    const client = await servers.start({ allowWrites: true });
    const id = await deadTask(client.store);
    const act = (action: string, body: object = {}): Promise<Answer> => client.post(`/v1/admin/queues/mail/tasks/${id}/${action}`, body);
    const refused = await act('cancel');
    expect([refused.status, of(refused)['code'], of(refused)['state']]).to.deep.equal([409, 'task_moved_on', 'dead']);
    const both = await Promise.all([act('retry', { ifState: 'dead' }), act('retry', { ifState: 'dead' })]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal([200, 409]);
    expect(of(await act('run-now'))['task']).to.include({ state: 'waiting', failures: 0 });
    expect(of(await act('cancel'))['task']).to.include({ state: 'cancelled' });
    expect((await act('remove')).status).to.equal(200);
    expect([(await act('retry')).status, of(await act('retry'))['code']]).to.deep.equal([404, 'task_unknown']);
  });

  it('finds tasks of all queues by a search, page by page, and says where a search cannot be read', async () => {
    const client = await servers.start();
    for (const name of ['a', 'b']) await new Queue(client.store, name).addMany([1, 2, 3].map((payload) => ({ name: 'x', payload })));
    const first = await client.get('/v1/admin/tasks?q=state:waiting&limit=4');
    const second = await client.get(`/v1/admin/tasks?q=state:waiting&limit=4&after=${encodeURIComponent(String(of(first)['next']))}`);
    const ids = [...listOf(first, 'tasks'), ...listOf(second, 'tasks')].map(({ id }) => id);
    expect([listOf(first, 'tasks').length, new Set(ids).size]).to.deep.equal([4, 6]);
    expect((await client.get('/v1/admin/tasks/count?q=queue:a')).body).to.deep.equal({ count: 3, isExact: true });
    expect(listOf(await client.get('/v1/admin/tasks/suggest?q=queue:'), 'suggestions').length).to.be.greaterThan(1);
    const fault = of(await client.get('/v1/admin/tasks?q=state:'));
    expect([fault['code'], fault['at']]).to.deep.equal(['search_invalid', 6]);
  });

  it('carries out an action on all tasks of a search, and shows who started it', async () => {
    const client = await servers.start({ allowWrites: true });
    await new Queue(client.store, 'a').addMany([1, 2, 3].map((payload) => ({ name: 'x', payload })));
    const started = await client.post('/v1/admin/batches', { action: 'cancel', q: 'queue:a state:waiting', by: 'ann' });
    expect([started.status, of(started)['by'], of(started)['expected']]).to.deep.equal([202, 'ann', { count: 3, isExact: true }]);
    const path = `/v1/admin/batches/${String(of(started)['id'])}`;
    const done = await eventually('the end of the batch', async () => {
      const batch = of(await client.get(path));
      return batch['state'] === 'done' && batch;
    });
    expect(done).to.include({ changed: 3, clashed: 0 });
    expect(listOf(await client.get('/v1/admin/batches'), 'batches')).to.have.lengthOf(1);
    expect((await client.get('/v1/admin/batches/01a22d46-9b5b-7083-89e2-ed60304b2a2e')).status).to.equal(404);
  });

  it('shows schedules with their next runs, and runs, pauses and removes them', async () => {
    const client = await servers.start({ allowWrites: true });
    const put = await client.call('PUT', '/v1/admin/schedules/nightly', { json: { queue: 'a', cron: '0 2 * * *', payload: { token: 'secret' } } });
    expect(of(put)['schedule']).to.deep.include({ id: 'nightly', payload: { token: '[redacted]' }, isHidden: true });
    expect(of(await client.get('/v1/admin/schedules/nightly/next?count=3'))['times']).to.have.lengthOf(3);
    const run = await client.post('/v1/admin/schedules/nightly/run-now');
    expect((await new Queue(client.store, 'a').get(String(of(run)['id'])))?.payload).to.deep.equal({ token: 'secret' });
    expect(of(await client.post('/v1/admin/schedules/nightly/pause'))['schedule']).to.include({ paused: true, nextAt: null });
    expect((await client.call('DELETE', '/v1/admin/schedules/nightly')).status).to.equal(204);
    expect(await new Scheduler(client.store).list()).to.deep.equal([]);
    expect((await client.post('/v1/admin/schedules/nightly/run-now')).status).to.equal(404);
  });

  it('tells a stream what has changed, also by another process, many changes at once', async () => {
    const client = await servers.start();
    const other = await opening.open();
    let text = '';
    const request = client.begin('GET', '/v1/admin/stream', {}, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    });
    const told = (): string[] => text.split('\n').filter((line) => line.startsWith('data: '));
    await eventually('the stream is open', () => text.includes(': open'));
    for (let count = 0; count < 20; count += 1) await new Queue(client.store, 'a').add('x', count);
    // Who begins to listen to a database is told once of all that may have come before.
    await eventually('the change', () => /"queues":(null|\["a"\])/.test(text));
    const before = told().length;
    expect(before).to.be.lessThan(20);
    await new Queue(other, 'b').add('x', 1);
    await eventually('the change by another', () =>
      told()
        .slice(before)
        .some((line) => /"queues":(null|\[[^\]]*"b")/.test(line)),
    );
    request.destroy();
  });
});
