import { createConnection } from 'mongoose';
import type { ClientSession, Connection } from 'mongoose';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { HOUR } from '../../constants/limits';
import { pause } from '../contract/samples';
import { endOf, startFixture } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forMongo, forSqlite } from '../support/stores';

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (thrown: unknown) => (thrown as { code?: unknown }).code,
  );

const stop = new Error('rolled back');

/** Starts a worker that does not poll, and waits until it is idle. */
async function startIdle(store: Store, ran: unknown[]): Promise<void> {
  const handlers = { work: ({ payload }: { payload: unknown }) => void ran.push(payload) };
  await new Worker(store, { queues: ['q'], pollInterval: { minMs: HOUR, maxMs: HOUR }, handlers }).start();
  await pause(300);
}

forMongo('A transaction of Mongoose', (opening) => {
  let connection: Connection;
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    connection = await createConnection(opening.url).asPromise();
    await connection.createCollection('orders');
    store = await openStore(connection);
    queue = new Queue(store, 'q');
  });

  afterEach(async () => {
    await store.close();
    await connection.close();
  });

  it('commits a task with the writes of the caller', async () => {
    await connection.transaction(async (session) => {
      await connection.collection('orders').insertOne({ n: 1 }, { session });
      await queue.add('work', 1, { session });
      expect((await queue.counts()).waiting, 'seen before the commit').to.equal(0);
    });
    expect((await queue.counts()).waiting).to.equal(1);
  });

  it('rolls a task back with the writes of the caller', async () => {
    const rolledBack = connection.transaction(async (session) => {
      await connection.collection('orders').insertOne({ n: 1 }, { session });
      await queue.addMany(
        [
          { name: 'work', payload: 1 },
          { name: 'work', payload: 2, options: { uniqueKey: 'k' } },
        ],
        { session },
      );
      throw stop;
    });
    expect(await rolledBack.catch((thrown: unknown) => thrown)).to.equal(stop);
    expect((await queue.counts()).waiting).to.equal(0);
    expect(await connection.collection('orders').countDocuments()).to.equal(0);
  });

  it('is not ended by a unique key that is taken', async () => {
    const first = await queue.add('work', 1, { uniqueKey: 'k' });
    await connection.transaction(async (session) => {
      await connection.collection('orders').insertOne({ n: 1 }, { session });
      expect(await queue.add('work', 2, { uniqueKey: 'k', session })).to.deep.equal({ id: first.id, added: false });
      expect(await queue.add('work', 3, { uniqueKey: 'another', session })).to.have.property('added', true);
    });
    expect(await connection.collection('orders').countDocuments()).to.equal(1);
    expect((await queue.counts()).waiting).to.equal(2);
  });

  it('wakes a worker elsewhere that has looked past its task before it was committed, long before the next poll', async () => {
    const ran: unknown[] = [];
    const elsewhere = await opening.open();
    const handlers = { work: ({ payload }: { payload: unknown }) => void ran.push(payload) };
    await new Worker(elsewhere, { queues: ['q'], pollInterval: { minMs: HOUR, maxMs: HOUR }, handlers }).start();
    await connection.transaction(async (session) => {
      await queue.add('work', 'slow', { session });
      await pause(300);
      await queue.add('work', 'meanwhile');
      await eventually('the other one ran', () => ran.length === 1);
      await pause(300);
    });
    await eventually('it ran', () => ran.length === 2);
    expect(ran).to.deep.equal(['meanwhile', 'slow']);
  });

  it('wakes a worker elsewhere when it is committed', async () => {
    const ran: unknown[] = [];
    const elsewhere = await opening.open();
    await new Worker(elsewhere, { queues: ['q'], handlers: { work: ({ payload }) => void ran.push(payload) } }).start();
    await connection.transaction(async (session) => void (await queue.add('work', 'paid', { session })));
    await eventually('it runs', () => ran.length === 1);
  });

  it('wakes a worker of its own process when it is committed, long before the next poll', async () => {
    const ran: unknown[] = [];
    await startIdle(store, ran);
    await connection.transaction(async (session) => {
      await queue.add('work', 'paid', { session });
      await pause(300);
      expect(ran).to.deep.equal([]);
    });
    await eventually('it runs', () => ran.length === 1);
  });

  it('is refused where the session is of another client, has ended, or is none', async () => {
    const another = await createConnection(opening.url).asPromise();
    const foreign = await another.startSession();
    const ended = await connection.startSession();
    await ended.endSession();
    for (const session of [foreign, ended, {} as ClientSession, null as unknown as ClientSession]) {
      expect(await codeOf(queue.add('work', 1, { session }))).to.equal('HOLDFAST_SESSION_UNUSABLE');
    }
    await foreign.endSession();
    await another.close();
    expect((await queue.counts()).waiting).to.equal(0);
  });

  it('leaves the connection to the caller when the store is closed, and may have two stores on it', async () => {
    const second = await openStore({ connection });
    await new Worker(second, { queues: ['q'], handlers: { work: () => 'done' } }).start();
    const { id } = await queue.add('work', 1);
    await eventually('it ran', async () => (await queue.get(id))?.result === 'done');
    await second.close();
    expect(await connection.collection('holdfast_tasks').countDocuments({ queue: 'q' })).to.equal(1);
  });
});

forSqlite('A transaction of SQLite', (opening) => {
  let database: DatabaseSync;
  let store: Store;
  let queue: Queue;

  beforeEach(async () => {
    database = new (loadSqlite())(opening.path);
    database.exec('CREATE TABLE orders (n INTEGER)');
    store = await openStore(database);
    queue = new Queue(store, 'q');
  });

  afterEach(async () => {
    await store.close();
    database.close();
  });

  it('commits a task with the writes of the caller', async () => {
    database.exec('BEGIN; INSERT INTO orders VALUES (1)');
    const { id } = await queue.add('work', 1, { session: database });
    database.exec('COMMIT');
    expect((await queue.get(id))?.state).to.equal('waiting');
  });

  it('waits for the lock of another process as the caller has it wait, where adding is the first that it does', async () => {
    const other = startFixture('sqliteLock', { path: opening.path, begin: 'BEGIN IMMEDIATE', heldMs: 500 });
    await eventually('the file is locked', () => other.out.includes('locked'));
    database.exec('PRAGMA busy_timeout = 30000; BEGIN');
    const { id } = await queue.add('work', 1, { session: database });
    database.exec('COMMIT');
    expect((await queue.get(id))?.state).to.equal('waiting');
    await endOf(other);
  });

  it('rolls a task back with the writes of the caller', async () => {
    database.exec('BEGIN; INSERT INTO orders VALUES (1)');
    await queue.addMany(
      [
        { name: 'work', payload: 1 },
        { name: 'work', payload: 2 },
      ],
      { session: database },
    );
    database.exec('ROLLBACK');
    expect((await queue.counts()).waiting).to.equal(0);
  });

  it('is waited for by all else, which gets into none', async () => {
    database.exec('BEGIN; INSERT INTO orders VALUES (1)');
    const other = queue.add('work', 'other');
    await queue.add('work', 'within', { session: database });
    await new Promise((resolve) => setTimeout(resolve, 50));
    database.exec('ROLLBACK');
    const { id } = await other;
    expect((await queue.list()).tasks.map((task) => task.id)).to.deep.equal([id]);
  });

  it('wakes a worker of its own process when it is committed, long before the next poll', async () => {
    const ran: unknown[] = [];
    await startIdle(store, ran);
    for (const end of ['ROLLBACK', 'COMMIT']) {
      database.exec('BEGIN; INSERT INTO orders VALUES (1)');
      await queue.addMany([{ name: 'work', payload: end }], { session: database });
      await pause(300);
      database.exec(end);
    }
    await eventually('it runs', () => ran.length === 1);
    expect(ran).to.deep.equal(['COMMIT']);
  });

  it('is refused where none is open, or it is that of another connection', async () => {
    expect(await codeOf(queue.add('work', 1, { session: database }))).to.equal('HOLDFAST_SESSION_UNUSABLE');
    const other = await opening.open();
    database.exec('BEGIN');
    expect(await codeOf(new Queue(other, 'q').add('work', 1, { session: database }))).to.equal('HOLDFAST_SESSION_UNUSABLE');
    database.exec('ROLLBACK');
    expect((await queue.counts()).waiting).to.equal(0);
  });
});
