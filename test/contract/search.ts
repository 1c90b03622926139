import { expect } from 'chai';
import { LISTED_READS } from '../../constants/limits';
import type { TaskState } from '../../constants/states';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { grouped } from '../../modules/errors/failureGroup';
import { searchPlaceOf } from '../../modules/search/searchFault';
import type { SearchPage } from '../../modules/search/searchView';
import { slowSentences } from '../../modules/search/searchView';
import type { Database } from '../../modules/ports/database';
import type { NewTask, Task } from '../../modules/task/task';
import { chunksOf } from '../../modules/values/chunksOf';
import type { Opening } from '../support/stores';
import { CASES, EVERYTHING } from './searchCases';
import { claim, idsOf, sample, samples, settlement, the } from './samples';

const MINUTE = 60_000;

/** The contract of searches. */
export function search(opening: Opening): void {
  let database: Database;
  let store: Store;
  beforeEach(async () => {
    database = await opening.database();
    store = opening.storeOn(database);
  });
  const theStore = (): Store => store;
  const theDatabase = (): Database => database;
  describe('search', () => {
    describe('by a token', () => fieldSuite(theStore, theDatabase));
    describe('in pages', () => pageSuite(theStore, theDatabase));
    describe('without an index', () => boundSuite(theStore, theDatabase, opening.kind !== 'memory'));
    describe('beside namespaces', () => namespaceSuite(opening));
  });
}

const insertAll = async (database: Database, added: readonly NewTask[]): Promise<void> => {
  for (const some of chunksOf(added, 1_000)) await database.tasks.insert(some);
};

/** Ends new tasks of a queue in a state. */
async function ended(
  database: Database,
  queue: string,
  state: Exclude<TaskState, 'waiting' | 'running'>,
  added: readonly NewTask[],
  message = 'boom',
): Promise<Task[]> {
  await insertAll(
    database,
    added.map((task) => ({ ...task, queue, priority: 0 })),
  );
  const claimed = await claim(database.tasks, { queues: [queue], workerId: 'ender' });
  const error = state === 'dead' ? { error: grouped({ name: 'Error', message }), history: historyOf('ender', 45_000) } : {};
  await database.tasks.settle(claimed.map((task) => settlement(task, { state, keepMs: 10 * MINUTE, ...error })));
  return claimed;
}

const historyOf = (workerId: string, durationMs: number): string =>
  JSON.stringify({ attempts: [{ attempt: 1, workerId, durationMs, ending: 'dead' }], log: [] });

/** Finds all that matches, by pages of two. */
async function findAll(store: Store, text: string, within?: string[]): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page: SearchPage = await store.search(text, { limit: 2, ...(within ? { within } : {}), ...(after === undefined ? {} : { after }) });
    found.push(...idsOf(page.tasks));
    after = page.next;
  }
  return found;
}

function fieldSuite(store: () => Store, database: () => Database): void {
  const names: Record<string, string> = {};

  /** One task of each kind, each with a name in the test. */
  beforeEach(async () => {
    const [dead] = await ended(database(), 'mail', 'dead', [sample({ name: 'bounce', payload: '{"to":"x@example.org"}' })], 'Mailbox is full');
    const [cancelled] = await ended(database(), 'mailing', 'cancelled', [sample({ name: 'news' })]);
    const [succeeded] = await ended(database(), 'reports', 'succeeded', [sample({ name: 'daily', uniqueKey: 'day:1' })]);
    const running = sample({ queue: 'reports', name: 'weekly', uniqueKey: 'day:1' });
    await database().tasks.insert([running]);
    await claim(database().tasks, { queues: ['reports'], workerId: 'host.7' });
    const payload = JSON.stringify({
      user: { id: 42, 'first.name': 'Ann' },
      items: [{ sku: 'a-1' }, { sku: 'b,2' }],
      note: 'He said "50% $where"',
      on: true,
      none: null,
    });
    const settings = { tags: ['vip', 'eu'], metadata: '{"tenant":"acme","plan":{"seats":5}}' };
    const waiting = sample({ queue: 'mail', name: 'welcome', uniqueKey: 'user:42', payload, settings });
    const delayed = sample({ queue: 'mail', name: 'reminder', due: { delayMs: 2 * 60 * MINUTE } });
    await database().tasks.insert([waiting, delayed]);
    Object.assign(names, { [the(dead).id]: 'dead', [the(cancelled).id]: 'cancelled', [the(succeeded).id]: 'succeeded' });
    Object.assign(names, { [running.id]: 'running', [waiting.id]: 'waiting', [delayed.id]: 'delayed' });
  });

  const found = async (text: string, within?: string[]): Promise<string[]> =>
    (await findAll(store(), text, within)).map((id) => names[id] ?? id).sort();

  it('finds tasks by each token, and by several', async () => {
    for (const [text, expected] of CASES) expect(await found(text), text).to.deep.equal(expected);
  });

  it('finds a task by its id, and by the group of its failure', async () => {
    const [dead] = (await store().search('state:dead')).tasks;
    const { id, error } = the(dead);
    expect(await found(`id:${id.toUpperCase()}`)).to.deep.equal(['dead']);
    expect(await found(`id:${id} queue:reports`)).to.deep.equal([]);
    expect(await found(`group:${the(error?.group)}`)).to.deep.equal(['dead']);
    expect(await found(`group:${the(error?.group)} state:waiting`)).to.deep.equal([]);
    expect(await found(`-group:${the(error?.group)} queue:mail`)).to.deep.equal(['delayed', 'waiting']);
    expect(await found('group:0123456789abcdef')).to.deep.equal([]);
  });

  boundToSuite(store, found);
}

type Find = (text: string, within?: string[]) => Promise<string[]>;

function boundToSuite(store: () => Store, found: Find): void {
  it('stays within the queues that it is bound to', async () => {
    expect(await found('', ['reports'])).to.deep.equal(['running', 'succeeded']);
    expect(await found('state:dead,cancelled', ['mail*'])).to.deep.equal(['cancelled', 'dead']);
    expect(await found('queue:mail', ['reports'])).to.deep.equal([]);
  });

  it('takes what a user writes as text, whatever it means to a database', async () => {
    for (const text of [
      'queue:"$ne"',
      'name:"\'; DROP TABLE holdfast_tasks; --"',
      'meta.$where:1',
      'payload.$gt.x:1',
      '".*"',
      'key:"%"',
      'queue:"*"',
      'error:"(a+)+$"',
    ])
      expect(await found(text), text).to.deep.equal([]);
    expect(await found('')).to.deep.equal(EVERYTHING);
  });

  it('counts what it finds', async () => {
    expect(await store().countMatching('queue:mail*')).to.deep.equal({ count: 4, isExact: true });
    expect(await store().countMatching('payload.user.id:42')).to.deep.equal({ count: 1, isExact: true });
    expect(await store().countMatching('state:dead', { within: ['reports'] })).to.deep.equal({ count: 0, isExact: true });
  });

  it('says which tokens no index serves', async () => {
    const { slow, looked } = await store().search('state:dead error:full payload.to:x@example.org');
    expect(slow).to.deep.equal(slowSentences(['error', 'payload.to'], looked));
    expect((await store().search('state:dead queue:mail')).slow).to.deep.equal([]);
  });

  it('suggests queues, and the names and tags of the newest tasks', async () => {
    expect((await store().suggest('queue:ma')).map(({ text }) => text)).to.deep.equal(['mail', 'mailing']);
    expect((await store().suggest('name:w')).map(({ text }) => text)).to.have.members(['weekly', 'welcome', 'news']);
    expect((await store().suggest('tag:')).map(({ text }) => text)).to.have.members(['vip', 'eu']);
  });
}

function pageSuite(store: () => Store, database: () => Database): void {
  it('goes from the newest to the oldest over all queues, without loss or doubles', async () => {
    const added = Array.from({ length: 60 }, (_, at) => sample({ queue: `q${at % 7}` }));
    await database().tasks.insert(added);
    const newestFirst = idsOf(added).reverse();
    for (const text of ['', 'state:waiting', 'queue:q*', 'name:work', 'state:waiting,dead queue:q0,q1,q2,q3,q4,q5,q6'])
      expect(await findAll(store(), text), text).to.deep.equal(newestFirst);
  });

  it('counts by queue and state alone more than it reads', async () => {
    await insertAll(database(), [...samples(1_200, { queue: 'a' }), ...samples(9_000, { queue: 'b' }), ...samples(5, { queue: 'c' })]);
    expect(await store().countMatching('state:waiting')).to.deep.equal({ count: 10_000, isExact: false });
    expect(await store().countMatching('state:waiting,dead queue:a,c')).to.deep.equal({ count: 1_205, isExact: true });
    expect(await store().countMatching('-state:waiting')).to.deep.equal({ count: 0, isExact: true });
  });

  it('merges the queues of finished tasks in one order', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 24; at += 1) ids.unshift(...idsOf(await ended(database(), `q${at % 5}`, at % 2 ? 'dead' : 'succeeded', [sample()])));
    expect(await findAll(store(), 'state:dead,succeeded')).to.deep.equal(ids);
    expect(await findAll(store(), 'finished:<1h -state:cancelled')).to.deep.equal(ids);
    const odd = ids.filter((_, at) => (ids.length - 1 - at) % 2 === 1);
    expect(await findAll(store(), 'state:dead')).to.deep.equal(odd);
    expect(await findAll(store(), 'state:dead queue:q*')).to.deep.equal(odd);
  });

  it('loses nothing of what was there when tasks come and go between pages', async () => {
    const added = Array.from({ length: 20 }, (_, at) => sample({ queue: `q${at % 3}` }));
    await database().tasks.insert(added);
    const first = await store().search('state:waiting', { limit: 8 });
    await database().tasks.insert(samples(5, { queue: 'q1' }));
    const gone = first.tasks.slice(0, 3);
    await database().tasks.settle(
      gone.map(({ id, queue }) => ({ id, queue, guard: { state: 'waiting', rev: 0 }, change: { state: 'removed' }, by: 'test' })),
    );
    const second = await store().search('state:waiting', { limit: 100, after: the(first.next) });
    expect([...idsOf(first.tasks), ...idsOf(second.tasks)]).to.deep.equal(idsOf(added).reverse());
    expect(second.next).to.equal(null);
  });

  it('lists one queue with a search and the other filters', async () => {
    const queue = new Queue(store(), 'q');
    const { id } = await queue.add('one', { n: 1 });
    await queue.add('two', { n: 1 });
    const page = await queue.list({ search: 'payload.n:1', name: 'one' });
    expect(idsOf(page.tasks)).to.deep.equal([id]);
    expect(page).to.include({ isComplete: true, looked: 2, next: null });
    const fault = await queue.list({ search: 'name:' }).catch((error: unknown) => error);
    expect(searchPlaceOf(fault)).to.equal(5);
  });
}

function boundSuite(store: () => Store, database: () => Database, isBounded: boolean): void {
  it('looks at a bounded number of tasks for a page, and says how far it came', async () => {
    const rare = sample({ queue: 'q', payload: '{"rare":true}' });
    await insertAll(database(), [rare, ...samples(LISTED_READS + 500)]);
    const first = await store().search('payload.rare:true');
    expect(first.tasks).to.deep.equal([]);
    expect(first.isComplete).to.equal(false);
    expect(first.looked).to.be.within(1, LISTED_READS);
    expect(first.slow).to.deep.equal(slowSentences(['payload.rare'], first.looked));
    expect(await findAll(store(), 'payload.rare:true')).to.deep.equal([rare.id]);
    const count = await store().countMatching('payload.rare:true');
    expect(count).to.deep.equal({ count: 1, isExact: true });
  });

  it('finds the live task of a unique key at once, behind however many others', async () => {
    const keyed = sample({ uniqueKey: 'k' });
    await insertAll(database(), [keyed, ...samples(LISTED_READS + 500)]);
    const { tasks, next } = await store().search('key:k');
    expect(idsOf(tasks)).to.deep.equal([keyed.id]);
    if (next !== null) expect((await store().search('key:k', { after: next })).tasks).to.deep.equal([]);
  });

  it('finds waiting tasks behind more of other queues than a page looks at', async () => {
    const own = samples(3, { queue: 'own' });
    await insertAll(database(), [...own, ...samples(LISTED_READS + 500)]);
    const { tasks, isComplete } = await store().search('queue:own state:waiting');
    expect(idsOf(tasks)).to.deep.equal(idsOf(own).reverse());
    expect(isComplete).to.equal(true);
    const many = await store().countMatching('state:waiting');
    expect(many).to.deep.equal({ count: LISTED_READS + 503, isExact: true });
  });

  if (isBounded)
    it('ends a page where its answer would be too large', async () => {
      const payload = JSON.stringify('x'.repeat(1_000_000));
      for (let at = 0; at < 8; at += 1) await insertAll(database(), samples(5, { payload }));
      const found: string[] = [];
      let pages = 0;
      for (let after: string | null | undefined; after !== null; pages += 1) {
        const page: SearchPage = await store().search('name:work', after === undefined ? {} : { after });
        found.push(...idsOf(page.tasks));
        after = page.next;
      }
      expect(pages).to.be.greaterThan(1);
      expect(new Set(found).size).to.equal(40);
    });
}

function namespaceSuite(opening: Opening): void {
  it('sees nothing of another namespace', async () => {
    const [one, other] = await Promise.all([opening.database({}, { namespace: 'one' }), opening.database({}, { namespace: 'other' })]);
    const plain = await opening.database();
    await one.tasks.insert([sample()]);
    await other.tasks.insert(samples(2, { uniqueKey: null }));
    await plain.tasks.insert(samples(3));
    const counts = await Promise.all([one, other, plain].map((database) => findAll(opening.storeOn(database), '')));
    expect(counts.map(({ length }) => length)).to.deep.equal([1, 2, 3]);
    expect(await findAll(opening.storeOn(one), 'queue:q* state:waiting')).to.have.lengthOf(1);
  });
}
