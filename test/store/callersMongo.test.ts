import { createRequire } from 'node:module';
import mongoose, { createConnection, mongo, Mongoose } from 'mongoose';
import type { Schema } from 'mongoose';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { MongoConnection as CallersClient, MongooseConnection as CallersMongoose } from '../../modules/store/callersConnection';
import { eventually, refusalOf } from '../support/eventually';
import { forMongo } from '../support/stores';

/** What is used here of a Mongoose of another version. */
interface Mongoose8 {
  createConnection(url: string): Omit<CallersMongoose, 'startSession' | 'close'> & { close(): Promise<void>; startSession(): Promise<Session> };
  readonly mongo: {
    readonly MongoClient: new (url: string) => Omit<CallersClient, 'startSession' | 'close' | 'db'> & {
      db(): { databaseName: string; dropDatabase(): Promise<unknown> };
      close(): Promise<void>;
      startSession(): Session;
    };
  };
}

interface Session {
  readonly hasEnded: boolean;
  inTransaction(): boolean;
  withTransaction(run: () => Promise<unknown>): Promise<unknown>;
  endSession(): Promise<void>;
}

const mongoose8 = createRequire(__filename)('mongoose8') as Mongoose8;

/** Adds a task, one twice under a unique key and one by a transaction, and runs them. */
async function runTasks(store: Store, startSession: () => Promise<Session> | Session): Promise<unknown[]> {
  const queue = new Queue(store, 'q');
  const ran: unknown[] = [];
  const { id } = await queue.add('work', 'once', { uniqueKey: 'k' });
  expect((await queue.add('work', 'again', { uniqueKey: 'k' })).id).to.equal(id);
  const session = await startSession();
  await session.withTransaction(() => queue.add('work', 'in a transaction', { session }));
  await session.endSession();
  const worker = new Worker(store, { queues: ['q'], handlers: { work: ({ payload }) => void ran.push(payload) } });
  await worker.start();
  await eventually('two succeeded', async () => (await queue.counts()).succeeded === 2);
  expect((await queue.get(id))?.payload).to.equal('once');
  await worker.stop();
  return ran.sort();
}

const ALL = ['in a transaction', 'once'];

forMongo('A store on what the caller has connected', (opening) => {
  it('runs on a connection of Mongoose 8, and in its sessions', async () => {
    const connection = mongoose8.createConnection(opening.url);
    const store = await openStore(connection);
    expect(await runTasks(store, () => connection.startSession())).to.deep.equal(ALL);
    await store.close();
    await connection.close();
  });

  it('runs on a connection of another Mongoose of the same version', async () => {
    const connection = new Mongoose().createConnection(opening.url);
    const store = await openStore(connection);
    expect(await runTasks(store, () => connection.startSession())).to.deep.equal(ALL);
    await store.close();
    await connection.close();
  });

  for (const [name, { MongoClient }] of [['6', mongoose8.mongo] as const, ['7', mongo as unknown as Mongoose8['mongo']] as const]) {
    it(`runs on a MongoClient of version ${name}, and in its sessions`, async () => {
      const client = new MongoClient(opening.url);
      const store = await openStore(client);
      expect(await runTasks(store, () => client.startSession())).to.deep.equal(ALL);
      await store.close();
      expect(client.db().databaseName, 'left open').to.be.a('string');
      await client.close();
    });
  }

  it('refuses a driver that is too old, and names its version', async () => {
    const client = { options: { metadata: { driver: { version: '5.9.2|7.8.0' } } }, db: () => ({}), connect: () => ({}), startSession: () => ({}) };
    const error = await refusalOf(() => openStore(client as never));
    expect(error).to.have.property('code', 'HOLDFAST_DRIVER_UNFIT');
    expect(error.message).to.include('5.9.2');
  });

  it('registers no model on the connection', async () => {
    const connection = await createConnection(opening.url).asPromise();
    const store = await openStore(connection);
    expect(connection.modelNames()).to.deep.equal([]);
    await store.close();
    await connection.close();
  });

  it('keeps its indexes when the application synchronises those of its models', async () => {
    const application = new Mongoose();
    await application.connect(opening.url);
    application.model('Task', new application.Schema({ title: String }));
    const store = await openStore(application.connection);
    const queue = new Queue(store, 'q');
    await application.syncIndexes();
    const { id } = await queue.add('work', 1, { uniqueKey: 'k' });
    expect(await queue.add('work', 2, { uniqueKey: 'k' })).to.deep.equal({ id, added: false });
    await store.close();
    await application.disconnect();
  });

  it('reads and writes by options of its own, whatever the client prefers', async () => {
    for (const options of [{ promoteBuffers: true }, { promoteValues: false }, { raw: true }, { useBigInt64: true, promoteLongs: true }]) {
      const client = new mongo.MongoClient(opening.url, options);
      const store = await openStore(client);
      expect(await runTasks(store, () => client.startSession())).to.deep.equal(ALL);
      await store.close();
      await client.db().dropDatabase();
      await client.close();
    }
  });

  it('says that the caller has disconnected, and goes on when it has connected again', async () => {
    const connection = new Mongoose().createConnection();
    await connection.openUri(opening.url);
    const store = await openStore(connection);
    const queue = new Queue(store, 'q');
    const told: string[] = [];
    store.events.on('store-lost', () => told.push('lost'));
    store.events.on('store-returned', () => told.push('back'));
    await connection.close();
    expect(await refusalOf(() => queue.counts())).to.have.property('code', 'HOLDFAST_STORE_UNREACHABLE');
    await eventually('lost', () => told.join() === 'lost');
    await connection.openUri(opening.url);
    await eventually('an answer', async () => (await queue.counts()).waiting === 0);
    await queue.add('work', 1);
    await eventually('back', () => told.join() === 'lost,back');
    await store.close();
    await connection.close();
  });
});

forMongo('A store opened by URL', (opening) => {
  it('is out of the reach of the Mongoose of the application', async () => {
    const before = mongoose.connections.length;
    const plugged: unknown[] = [];
    mongoose.plugin((schema: Schema) => void plugged.push(schema));
    const store = await openStore(opening.url);
    expect(mongoose.connections).to.have.length(before);
    expect(plugged).to.deep.equal([]);
    await mongoose.disconnect();
    await new Queue(store, 'q').add('work', 1);
    await store.close();
  });

  it('leaves no connection behind when it is closed', async () => {
    const before = mongoose.connections.length;
    await (await openStore(opening.url)).close();
    expect(mongoose.connections).to.have.length(before);
  });
});
