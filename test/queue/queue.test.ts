import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { DAY, HOUR, LATEST_INSTANT, SECOND } from '../../constants/limits';
import type { TaskView } from '../../modules/task/taskView';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const EMPTY = { waiting: 0, running: 0, succeeded: 0, dead: 0, cancelled: 0, atLeast: [] as string[] };

const numbered = (count: number) => Array.from({ length: count }, (_, number) => ({ name: 'welcome', payload: { number } }));

const numberOf = ({ payload }: TaskView): number => (payload as { number: number }).number;

forEachStore('A queue', (opening) => {
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    store = await opening.open();
    queue = new Queue(store, 'mail');
  });

  const serve = async (handler: () => unknown): Promise<Worker> => {
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: handler } });
    await worker.start();
    return worker;
  };

  it('adds a task that waits under a UUIDv7, with what was given and the defaults', async () => {
    const before = Date.now();
    const { id } = await queue.add('welcome', { to: 'a@example.org' });
    expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const task = await queue.get(id);
    expect(task).to.deep.include({ id, queue: 'mail', name: 'welcome', payload: { to: 'a@example.org' }, state: 'waiting' });
    expect(task).to.deep.include({ priority: 0, maxRetries: 3, attempt: 0, failures: 0, lease: null, result: undefined, error: null });
    // The clock of the store may differ a little.
    expect(task?.createdAt.getTime()).to.be.within(before - SECOND, Date.now() + SECOND);
    expect(task?.availableAt.getTime()).to.be.at.most(Date.now() + SECOND);
  });

  it('keeps payloads as JSON carries them, whatever they hold', async () => {
    const payload = { $set: { 'a.b': 1 }, '': '', at: new Date(0), gone: undefined, list: [null, true, 1.5], text: 'zoë 😀 \u0000 "$$NOW"' };
    const { id } = await queue.add('welcome', payload);
    expect((await queue.get(id))?.payload).to.deep.equal(JSON.parse(JSON.stringify(payload)));
    const { id: none } = await queue.add('$where', undefined);
    expect(await queue.get(none)).to.deep.include({ name: '$where', payload: null });
  });

  it('tells of what it added', async () => {
    const told: object[] = [];
    store.events.on('task-added', (event) => told.push(event));
    await queue.addMany(numbered(3));
    expect(told).to.deep.equal([{ queue: 'mail', count: 3 }]);
  });

  it('adds many in order, each with its own id and options', async () => {
    const added = await queue.addMany([...numbered(2), { name: 'bill', payload: { number: 2 }, options: { priority: 4, maxRetries: 7 } }]);
    expect(new Set(added.map(({ id }) => id)).size).to.equal(3);
    const tasks = await Promise.all(added.map(({ id }) => queue.get(id)));
    expect(tasks.map((task) => task && numberOf(task))).to.deep.equal([0, 1, 2]);
    expect(tasks[2]).to.deep.include({ name: 'bill', priority: 4, maxRetries: 7 });
    expect(await queue.addMany([])).to.deep.equal([]);
  });

  it('adds more at once than one write takes', async () => {
    const added = await queue.addMany(numbered(2_500));
    expect(new Set(added.map(({ id }) => id)).size).to.equal(2_500);
    expect(await queue.counts()).to.deep.equal({ ...EMPTY, waiting: 2_500 });
  });

  it('adds all of many although its store is closed meanwhile', async () => {
    const adding = queue.addMany(numbered(12_000));
    await store.close();
    expect(await adding).to.have.length(12_000);
    const again = new Queue(await opening.open(), 'mail');
    expect(await again.counts({ upTo: 20_000 })).to.deep.equal({ ...EMPTY, waiting: 12_000 });
  });

  it('takes the options of each task as they are when it is added', async () => {
    const options = { delayMs: HOUR, retention: { succeededMs: HOUR }, tags: ['first'] };
    const [{ id: first }, { id: same }] = await Promise.all([queue.add('welcome', {}, options), queue.add('welcome', {}, options)]);
    options.retention.succeededMs = DAY;
    options.tags.push('second');
    options.delayMs = DAY;
    const [second, plain] = await queue.addMany([
      { name: 'welcome', payload: {}, options },
      { name: 'welcome', payload: {} },
    ]);
    const tasks = await Promise.all([first, same, second?.id ?? '', plain?.id ?? ''].map((id) => queue.get(id)));
    expect(tasks.map((task) => [task?.settings, task?.tags])).to.deep.equal([
      [{ retention: { succeededMs: HOUR } }, ['first']],
      [{ retention: { succeededMs: HOUR } }, ['first']],
      [{ retention: { succeededMs: DAY } }, ['first', 'second']],
      [{}, []],
    ]);
    const delays = tasks.map((task) => task && Math.round((task.availableAt.getTime() - task.createdAt.getTime()) / HOUR));
    expect(delays).to.deep.equal([1, 1, 24, 0]);
  });

  it('gets nothing of another queue, and nothing of what never was', async () => {
    const { id } = await new Queue(store, 'other').add('welcome', {});
    expect(await queue.get(id)).to.equal(null);
    expect(await queue.get('0198c0de-0000-7000-8000-000000000000')).to.equal(null);
  });

  it('lists newest first, page by page, each task once', async () => {
    await queue.addMany(numbered(7));
    const pages: number[][] = [];
    for (let after: string | undefined; ;) {
      const page = await queue.list({ limit: 3, ...(after === undefined ? {} : { after }) });
      pages.push(page.tasks.map(numberOf));
      if (page.next === null) break;
      after = page.next;
    }
    expect(pages).to.deep.equal([[6, 5, 4], [3, 2, 1], [0]]);
  });

  it('ends a listing whose last page is full', async () => {
    await queue.addMany(numbered(4));
    const { tasks, next } = await queue.list({ limit: 4 });
    expect([tasks.length, next]).to.deep.equal([4, null]);
    expect(await new Queue(store, 'other').list()).to.deep.equal({ tasks: [], next: null });
  });

  it('lists fifty without a limit, and by state and name', async () => {
    await queue.addMany(numbered(51));
    const { id } = await queue.add('bill', {});
    await queue.cancel(id);
    expect((await queue.list()).tasks).to.have.length(50);
    expect((await queue.list({ states: ['cancelled', 'dead'] })).tasks.map((task) => task.id)).to.deep.equal([id]);
    expect((await queue.list({ name: 'bill' })).tasks.map((task) => task.id)).to.deep.equal([id]);
    expect((await queue.list({ name: 'bill', states: ['waiting'] })).tasks).to.deep.equal([]);
  });

  it('counts by state, only its own', async () => {
    expect(await queue.counts()).to.deep.equal(EMPTY);
    await queue.addMany(numbered(3));
    const { id } = await queue.add('welcome', {}, { delayMs: HOUR });
    await queue.cancel(id);
    await new Queue(store, 'other').addMany(numbered(2));
    expect(await queue.counts()).to.deep.equal({ ...EMPTY, waiting: 3, cancelled: 1 });
  });

  it('runs a task no sooner than its delay or its instant allows', async () => {
    const began = new Map<string, number>();
    const worker = new Worker(store, { queues: ['mail'], handlers: { welcome: ({ id }) => void began.set(id, Date.now()) } });
    await worker.start();
    const { id: late } = await queue.add('welcome', {}, { delayMs: HOUR });
    const { id: past } = await queue.add('welcome', {}, { runAt: new Date(0) });
    await eventually('that of the past ran', () => began.has(past));
    const now = Date.now();
    const { id: delayed } = await queue.add('welcome', {}, { delayMs: 400 });
    const { id: timed } = await queue.add('welcome', {}, { runAt: new Date(now + 600) });
    await eventually('both ran', () => began.size === 3);
    expect(began.get(delayed)).to.be.at.least(now + 400);
    expect(began.get(timed)).to.be.at.least(now + 600);
    expect(began.has(late)).to.equal(false);
  });

  it('takes a runAt that changes afterwards as it was', async () => {
    const runAt = new Date(Date.now() + HOUR);
    const due = runAt.getTime();
    const adding = queue.add('welcome', {}, { runAt });
    runAt.setTime(0);
    const { id } = await adding;
    expect((await queue.get(id))?.availableAt.getTime()).to.equal(due);
  });

  it('lets a task wait far beyond 24.8 days, and claims no more often for it', async () => {
    let asked = 0;
    const claim = store.parts.tasks.claim.bind(store.parts.tasks);
    const nextDueMs = store.parts.tasks.nextDueMs.bind(store.parts.tasks);
    store.parts.tasks.claim = (request) => ((asked += 1), claim(request));
    store.parts.tasks.nextDueMs = (queues) => ((asked += 1), nextDueMs(queues));
    let runs = 0;
    await serve(() => (runs += 1));
    await queue.addMany([30 * DAY, 400 * DAY].map((delayMs) => ({ name: 'welcome', payload: {}, options: { delayMs } })));
    await queue.add('welcome', {}, { runAt: new Date(LATEST_INSTANT) });
    const until = performance.now() + 3_000;
    await eventually('three seconds are over', () => performance.now() > until);
    expect(runs).to.equal(0);
    expect(await queue.counts()).to.deep.equal({ ...EMPTY, waiting: 3 });
    // Claims 20 ms to 1 s apart make about ten in three seconds. A timer that fires at once would make thousands.
    expect(asked).to.be.within(1, 100);
  });

  it('refuses every call once the store is closed', async () => {
    const { id } = await queue.add('welcome', {});
    await store.close();
    const calls = [
      () => queue.add('welcome', {}),
      () => queue.addMany(numbered(2)),
      () => queue.get(id),
      () => queue.list(),
      () => queue.counts(),
      () => queue.cancel(id),
      () => queue.remove(id),
      () => queue.purge(),
      () => queue.pause(),
    ];
    const codes = await Promise.all(calls.map((call) => call().then(String, ({ code }: { code?: string }) => code ?? 'no code')));
    expect(codes).to.deep.equal(calls.map(() => 'HOLDFAST_STORE_CLOSED'));
  });
});
