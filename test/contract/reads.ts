import { expect } from 'chai';
import type { Database } from '../../modules/ports/database';
import type { ListRequest, TaskStore } from '../../modules/ports/taskStore';
import { TASK_STATES } from '../../constants/states';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, idsOf, listed, QUEUE, sample, samples, settlement, the } from './samples';

const MINUTE = 60_000;

/** The contract of reading tasks and queues. */
export function reads(opening: Opening): void {
  let database: Database;
  let tasks: TaskStore;
  beforeEach(async () => {
    database = await opening.database();
    ({ tasks } = database);
  });
  describe('find', () => findSuite(() => tasks));
  describe('list', () => listSuite(() => tasks));
  describe('counts', () => countsSuite(() => tasks));
  describe('nextDueMs', () => nextDueSuite(() => tasks));
  describe('the settings of queues', () => settingsSuite(() => database, opening));
  describe('a database that was closed', () => closedSuite(() => database));
}

function findSuite(tasks: () => TaskStore): void {
  it('returns a task of any state, or null', async () => {
    const batch = await claimed(tasks(), 4);
    const states = ['succeeded', 'dead', 'cancelled'] as const;
    await tasks().settle(states.map((state, index) => settlement(the(batch[index]), { state, keepMs: MINUTE })));
    const found = await Promise.all(batch.map(({ id }) => tasks().find(null, id)));
    expect(found.map((task) => task?.state)).to.deep.equal([...states, 'running']);
    expect(await tasks().find(null, sample().id)).to.equal(null);
  });
}

function listSuite(tasks: () => TaskStore): void {
  /** Reads all pages, as a caller does. */
  async function walk(request: Omit<ListRequest, 'after'>): Promise<string[][]> {
    const pages: string[][] = [];
    for (let after: string | undefined; ;) {
      const page = idsOf(await listed(tasks(), { ...request, ...(after === undefined ? {} : { after }) }));
      if (page.length > 0) pages.push(page);
      if (page.length < request.limit) return pages;
      after = page.at(-1);
    }
  }

  it('goes from the newest to the oldest, in pages without loss or doubles', async () => {
    const batch = samples(25);
    await tasks().insert(batch);
    const pages = await walk({ queue: QUEUE, limit: 10 });
    expect(pages.map(({ length }) => length)).to.deep.equal([10, 10, 5]);
    expect(pages.flat()).to.deep.equal(idsOf(batch).reverse());
  });

  it('loses nothing of what was there when tasks come and change between pages', async () => {
    const batch = samples(20);
    await tasks().insert(batch);
    const first = idsOf(await listed(tasks(), { queue: QUEUE, limit: 8 }));
    await tasks().insert(samples(5));
    await claim(tasks(), { limit: 3 });
    const rest = await listed(tasks(), { queue: QUEUE, limit: 100, after: the(first.at(-1)) });
    expect([...first, ...idsOf(rest)]).to.deep.equal(idsOf(batch).reverse());
  });

  it('shows one queue, and of it the states and the name that are asked for', async () => {
    const [welcome, report] = [samples(3, { name: 'welcome' }), samples(2, { name: 'report' })];
    await tasks().insert([...welcome, ...report, ...samples(2, { queue: 'other' })]);
    const running = idsOf(await claim(tasks(), { limit: 2 }));
    const list = async (filter: Partial<ListRequest>): Promise<string[]> => idsOf(await listed(tasks(), { queue: QUEUE, limit: 100, ...filter }));
    expect(await list({})).to.have.members(idsOf([...welcome, ...report]));
    expect(await list({ name: 'report' })).to.have.members(idsOf(report));
    expect(await list({ states: ['running'] })).to.have.members(running);
    expect(await list({ states: ['running', 'waiting'] })).to.have.lengthOf(5);
    expect(await list({ states: ['running'], name: 'report' })).to.deep.equal([]);
    expect(await list({ states: ['dead', 'succeeded', 'cancelled'] })).to.deep.equal([]);
  });

  it('pages through a filtered listing', async () => {
    const batch = samples(30).map((task, index) => ({ ...task, name: index % 2 === 0 ? 'even' : 'odd' }));
    await tasks().insert(batch);
    const pages = await walk({ queue: QUEUE, name: 'odd', states: ['waiting'], limit: 4 });
    expect(pages).to.have.lengthOf(4);
    expect(pages.flat()).to.deep.equal(idsOf(batch.filter(({ name }) => name === 'odd')).reverse());
  });

  it('shows tasks as the store has them', async () => {
    const task = await claimedOne(tasks());
    await tasks().settle([settlement(task, { state: 'dead', keepMs: MINUTE, error: { name: 'Error', message: 'm' } })]);
    expect(await listed(tasks(), { queue: QUEUE, limit: 1 })).to.deep.equal([await tasks().find(null, task.id)]);
  });
}

function countsSuite(tasks: () => TaskStore): void {
  it('counts by queue and state, delayed tasks as waiting', async () => {
    await tasks().insert([...samples(7), ...samples(2, { queue: 'other' }), sample({ queue: 'other', due: { delayMs: MINUTE } })]);
    const running = await claim(tasks(), { limit: 5 });
    const ends = ['succeeded', 'succeeded', 'dead', 'cancelled'] as const;
    await tasks().settle(ends.map((state, index) => settlement(the(running[index]), { state, keepMs: MINUTE })));
    expect(await tasks().counts(TASK_STATES)).to.deep.equal({
      [QUEUE]: { waiting: 2, running: 1, succeeded: 2, dead: 1, cancelled: 1 },
      other: { waiting: 3, running: 0, succeeded: 0, dead: 0, cancelled: 0 },
    });
  });

  it('counts suspects as waiting', async () => {
    const [first, second] = await claimed(tasks(), 2);
    await tasks().settle([settlement(the(first), { state: 'waiting', suspect: true }), settlement(the(second), { state: 'waiting' })]);
    expect(await tasks().counts(['waiting'])).to.have.nested.property(`${QUEUE}.waiting`, 2);
  });

  it('counts only the states that are asked for, and is empty where there is nothing', async () => {
    expect(await tasks().counts(TASK_STATES)).to.deep.equal({});
    await tasks().insert(samples(2));
    expect(await tasks().counts(['running', 'dead'])).to.deep.equal({});
    expect(await tasks().counts(['waiting'])).to.have.nested.property(`${QUEUE}.waiting`, 2);
  });
}

function nextDueSuite(tasks: () => TaskStore): void {
  it('is null where nothing waits', async () => {
    await claimedOne(tasks());
    await tasks().insert([sample({ queue: 'other' })]);
    expect(await tasks().nextDueMs([QUEUE])).to.equal(null);
    expect(await tasks().nextDueMs([])).to.equal(null);
  });

  it('is that of the next task of many queues, and of those that patterns name without those that are left out', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `mail.${n}`);
    const dueIn = (minutes: number) => ({ due: { delayMs: minutes * MINUTE } });
    await tasks().insert(names.map((queue, n) => sample({ queue, priority: n % 10, ...dueIn(40 - n) })));
    await tasks().insert([sample({ queue: 'other', ...dueIn(2) }), sample({ queue: 'another', ...dueIn(5) })]);
    const minutes = async (queues: string[], except?: string[]): Promise<number> => Math.round(the(await tasks().nextDueMs(queues, except)) / MINUTE);
    expect(await minutes(names)).to.equal(11);
    expect(await minutes([...names, 'other'])).to.equal(2);
    expect(await minutes(['mail.*'])).to.equal(11);
    expect(await minutes(['mail.*'], ['mail.29', 'mail.28'])).to.equal(13);
    expect(await minutes(['mail.*', 'another'])).to.equal(5);
    expect(await minutes(['*'])).to.equal(2);
    expect(await minutes(['*'], ['other'])).to.equal(5);
    expect(await minutes([...names.map((name) => `${name}*`), ...names.map((name) => `x${name}*`)])).to.equal(11);
    expect(await tasks().nextDueMs(['letters.*'])).to.equal(null);
  });

  it('is 0 where a task is due', async () => {
    await tasks().insert([sample({ due: { delayMs: MINUTE }, priority: 0 }), sample({ due: { at: new Date(0) }, priority: 7 })]);
    expect(await tasks().nextDueMs([QUEUE])).to.equal(0);
  });

  it('is the time to the next delayed task of all priorities and queues', async () => {
    await tasks().insert([sample({ due: { delayMs: 10 * MINUTE }, priority: 0 }), sample({ due: { delayMs: 2 * MINUTE }, priority: 9 })]);
    expect(await tasks().nextDueMs([QUEUE])).to.be.within(1, 2 * MINUTE + 1_000);
    await tasks().insert([sample({ due: { delayMs: MINUTE }, queue: 'other' })]);
    expect(await tasks().nextDueMs([QUEUE, 'other'])).to.be.within(1, MINUTE + 1_000);
    expect(await tasks().nextDueMs([QUEUE])).to.be.within(MINUTE + 2_000, 2 * MINUTE + 1_000);
  });

  it('knows of a suspect that waits', async () => {
    const task = await claimedOne(tasks());
    await tasks().settle([settlement(task, { state: 'waiting', delayMs: MINUTE, suspect: true })]);
    expect(await tasks().nextDueMs([QUEUE])).to.be.within(1, MINUTE + 1_000);
  });
}

function settingsSuite(database: () => Database, opening: Opening): void {
  it('know which queues are paused, in every process', async () => {
    const other = await opening.database();
    expect(await database().settings.paused()).to.deep.equal(new Set());
    await database().settings.setPaused('a', true);
    await database().settings.setPaused('b', true);
    await database().settings.setPaused('b', true);
    expect(await other.settings.paused()).to.deep.equal(new Set(['a', 'b']));
    await other.settings.setPaused('a', false);
    await other.settings.setPaused('never paused', false);
    expect(await database().settings.paused()).to.deep.equal(new Set(['b']));
  });
}

function closedSuite(database: () => Database): void {
  const verbs: Record<string, (tasks: TaskStore) => Promise<unknown>> = {
    insert: (tasks) => tasks.insert(samples(1)),
    claim: (tasks) => claim(tasks),
    held: (tasks) => tasks.held({ token: 'token' }),
    find: (tasks) => tasks.find(null, sample().id),
    expired: (tasks) => tasks.expired(1),
  };
  for (const [verb, call] of Object.entries(verbs)) {
    // This code ends the search for an unanswered claim.
    it(`refuses ${verb} by HOLDFAST_STORE_CLOSED`, async () => {
      await database().close();
      const error: unknown = await call(database().tasks).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).to.have.property('code', 'HOLDFAST_STORE_CLOSED');
    });
  }

  it('is closed twice without harm', async () => {
    await database().close();
    await database().close();
  });
}
