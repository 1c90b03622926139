import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { MONGO_MIGRATIONS } from '../../modules/mongo/mongoMigrations';
import type { MongoMigration } from '../../modules/mongo/mongoMigrations';
import { SCHEMA_ID } from '../../modules/mongo/mongoSchema';
import type { MetaDocument } from '../../modules/mongo/mongoSchema';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { SQLITE_MIGRATIONS } from '../../modules/sqlite/sqliteMigrations';
import { claim, idsOf, pause, sample } from '../contract/samples';
import { eventually, refusalOf } from '../support/eventually';
import { forMongo, forSqlite } from '../support/stores';

forSqlite('the schema', (opening) => {
  const migrations = SQLITE_MIGRATIONS as string[];
  const released = migrations.length;
  afterEach(() => migrations.splice(released));

  /** Uses the file directly, without a store. */
  function inFile<T>(use: (file: DatabaseSync) => T): T {
    const Driver = loadSqlite();
    const file = new Driver(opening.path);
    try {
      return use(file);
    } finally {
      file.close();
    }
  }

  const versionOfFile = (): number => inFile((file) => (file.prepare('SELECT value FROM holdfast_meta').get() as { value: number }).value);

  it('is made by each change once, however many open the file at the same time', async () => {
    await (await opening.database()).close();
    migrations.push('ALTER TABLE holdfast_tasks ADD COLUMN one TEXT', 'ALTER TABLE holdfast_queues ADD COLUMN two TEXT');
    const Driver = loadSqlite();
    const locker = new Driver(opening.path);
    locker.exec('BEGIN IMMEDIATE');
    const opened = Promise.all(Array.from({ length: 4 }, () => opening.database()));
    await pause(50);
    locker.exec('COMMIT');
    locker.close();
    await opened;
    expect(versionOfFile()).to.equal(released + 2);
  });

  it('stays at the last complete change if one fails, and goes on from there', async () => {
    migrations.push(
      'ALTER TABLE holdfast_tasks ADD COLUMN one TEXT',
      'ALTER TABLE holdfast_tasks ADD COLUMN two TEXT; ALTER TABLE nowhere ADD COLUMN three TEXT',
    );
    expect(await refusalOf(() => opening.database())).to.have.property('code', 'HOLDFAST_FILE_UNUSABLE');
    expect(versionOfFile()).to.equal(released + 1);
    migrations.splice(released + 1, 1, 'ALTER TABLE holdfast_tasks ADD COLUMN two TEXT');
    await opening.database();
    expect(versionOfFile()).to.equal(released + 2);
  });

  it('of a newer release is refused, with both versions, and left as it is', async () => {
    const database = await opening.database();
    await database.tasks.insert([sample()]);
    await database.close();
    inFile((file) => file.exec('UPDATE holdfast_meta SET value = 99'));
    const error = await refusalOf(() => opening.open());
    expect(error).to.have.property('code', 'HOLDFAST_STORE_NEWER');
    expect(error.message).to.include('Run this process with that release').and.not.to.include('MongoDB');
    expect(error)
      .to.have.property('message')
      .that.matches(new RegExp(`at most ${released} .*99`));
    expect(versionOfFile()).to.equal(99);
  });

  it('that a newer release changes while a store is open is refused by workers that start then', async () => {
    const store = await opening.open();
    const early = new Worker(store, { queues: ['q'], handlers: { work: () => 'done' } });
    await early.start();
    inFile((file) => file.exec(`UPDATE holdfast_meta SET value = ${released + 1}`));
    const late = new Worker(store, { queues: ['q'] });
    expect(await refusalOf(() => late.start())).to.have.property('code', 'HOLDFAST_STORE_NEWER');
    await late.stop();
    const queue = new Queue(store, 'q');
    const { id } = await queue.add('work', {});
    await eventually('the early worker runs on', async () => (await queue.get(id))?.state === 'succeeded');
  });
});

forMongo('the schema', (opening) => {
  const migrations = MONGO_MIGRATIONS as MongoMigration[];
  const released = migrations.length;
  afterEach(() => migrations.splice(released));

  const meta = () => opening.db().collection<MetaDocument>('holdfast_meta');
  const version = async () => (await meta().findOne({ _id: SCHEMA_ID }))?.version;
  const setVersion = (to: number) => meta().updateOne({ _id: SCHEMA_ID }, { $set: { version: to } }, { upsert: true });

  it('has its version in the database', async () => {
    await opening.database();
    expect(await version()).to.equal(released);
  });

  it('is changed by the steps that are missing, in order, and by none twice afterwards', async () => {
    await opening.database();
    const run: string[] = [];
    const step = (name: string): MongoMigration => ({ name, run: () => Promise.resolve(run.push(name)) });
    migrations.push(step('one'), step('two'));
    await opening.database();
    await opening.database();
    expect([run, await version()]).to.deep.equal([['one', 'two'], released + 2]);
  });

  it('goes on from the step that failed', async () => {
    let fails = true;
    const step = { name: 'fails once', run: () => (fails ? Promise.reject(new Error('not now')) : Promise.resolve()) };
    migrations.push({ name: 'runs', run: () => Promise.resolve() }, step);
    expect(await refusalOf(() => opening.database())).to.have.property('code', 'HOLDFAST_STORE_UNFIT');
    expect(await version()).to.equal(released + 1);
    fails = false;
    await opening.database();
    expect(await version()).to.equal(released + 2);
  });

  it('can be made by several that open an empty database at the same time', async () => {
    const opened = await Promise.all(Array.from({ length: 6 }, () => opening.database()));
    expect([opened.length, await version(), await meta().countDocuments()]).to.deep.equal([6, released, 1]);
  });

  it('never falls: one that opens while a newer release changes the database is refused', async () => {
    migrations.push({ name: 'overtaken', run: () => setVersion(99) });
    const error = await refusalOf(() => opening.database());
    expect(error).to.have.property('code', 'HOLDFAST_STORE_NEWER');
    expect(await version()).to.equal(99);
  });

  it('of a newer release is refused, with both versions', async () => {
    await setVersion(99);
    const error = await refusalOf(() => opening.open());
    expect(error).to.have.property('code', 'HOLDFAST_STORE_NEWER');
    expect(error)
      .to.have.property('message')
      .that.matches(new RegExp(`at most ${released} .*99`));
    expect(await version()).to.equal(99);
  });

  it('is made whole where an index was dropped', async () => {
    await opening.database();
    await opening.db().collection('holdfast_tasks').dropIndexes();
    const { tasks } = await opening.database();
    const task = sample();
    await tasks.insert([task]);
    expect(idsOf(await claim(tasks))).to.deep.equal([task.id]);
  });

  it('that a newer release changes while a store is open is refused by workers that start then', async () => {
    const store = await opening.open();
    await setVersion(99);
    const late = new Worker(store, { queues: ['q'] });
    expect(await refusalOf(() => late.start())).to.have.property('code', 'HOLDFAST_STORE_NEWER');
    await late.stop();
    await setVersion(released);
    const worker = new Worker(store, { queues: ['q'] });
    await worker.start();
  });
});
