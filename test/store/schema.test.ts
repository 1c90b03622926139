import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Worker } from '../../classes/worker/worker';
import { MONGO_MIGRATIONS } from '../../modules/mongo/mongoMigrations';
import type { MongoMigration } from '../../modules/mongo/mongoMigrations';
import { META_COLLECTION, SCHEMA_ID, TASKS_COLLECTION } from '../../modules/mongo/mongoSchema';
import type { MetaDocument } from '../../modules/mongo/mongoSchema';
import { SCHEDULES_COLLECTION } from '../../modules/mongo/scheduleDocuments';
import type { ScheduleDocument } from '../../modules/mongo/scheduleDocuments';
import type { Database } from '../../modules/ports/database';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { SQLITE_MIGRATIONS } from '../../modules/sqlite/sqliteMigrations';
import { claim, idsOf, pause, sample } from '../contract/samples';
import { eventually, refusalOf } from '../support/eventually';
import { forMongo, forSqlite } from '../support/stores';

const dueIds = async ({ schedules }: Database): Promise<string[]> => (await schedules.due([], 10)).schedules.map(({ id }) => id);

/** A file of the first release, with one waiting task and one whose lease is over. */
const FIRST_VERSION = `
  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    queue TEXT NOT NULL,
    name TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    max_retries INTEGER NOT NULL,
    suspect INTEGER NOT NULL DEFAULT 0,
    rev INTEGER NOT NULL DEFAULT 0,
    available_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    expire_at INTEGER,
    unique_key TEXT,
    own_lease_ms INTEGER,
    settings TEXT,
    lease_token TEXT,
    lease_worker TEXT,
    lease_expires_at INTEGER,
    lease_ms INTEGER,
    lease_alone INTEGER NOT NULL DEFAULT 0,
    settled_by TEXT,
    result TEXT,
    error TEXT
  ) STRICT;
  CREATE INDEX tasks_claim ON tasks (queue, priority, available_at) WHERE state = 'waiting' AND suspect = 0;
  CREATE INDEX tasks_suspect ON tasks (queue, priority, available_at) WHERE state = 'waiting' AND suspect = 1;
  CREATE INDEX tasks_lease ON tasks (lease_expires_at) WHERE state = 'running';
  CREATE INDEX tasks_expiry ON tasks (expire_at) WHERE expire_at IS NOT NULL;
  CREATE UNIQUE INDEX tasks_unique ON tasks (queue, unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running');
  CREATE TABLE queues (
    name TEXT PRIMARY KEY,
    paused INTEGER NOT NULL
  ) STRICT;
  INSERT INTO tasks (id, queue, name, payload, state, priority, max_retries, available_at, created_at)
    VALUES (x'01900000000070008000000000000001', 'q', 'work', '{"n":1}', 'waiting', 0, 3, 1000, 1000);
  INSERT INTO tasks (id, queue, name, payload, state, priority, attempt, failures, max_retries, available_at, created_at, unique_key,
      lease_token, lease_worker, lease_expires_at, lease_ms)
    VALUES (x'01900000000070008000000000000002', 'q', 'work', '{"n":2}', 'running', 0, 2, 1, 3, 1000, 1000, 'key', 'token', 'worker', 2000, 500);
  INSERT INTO queues (name, paused) VALUES ('held', 1);
  PRAGMA user_version = 1;
`;

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

  const versionOfFile = (): number => inFile((file) => (file.prepare('PRAGMA user_version').get() as { user_version: number }).user_version);

  it('of the first release is brought up to date, and its tasks are run', async () => {
    inFile((file) => file.exec(FIRST_VERSION));
    const { tasks, settings } = await opening.database();
    expect(versionOfFile()).to.equal(released);
    const [waiting] = await claim(tasks);
    expect(waiting).to.include({ id: '01900000-0000-7000-8000-000000000001', payload: '{"n":1}', attempt: 1, failures: 0 });
    const [expired] = await tasks.expired(10);
    expect(expired).to.include({ id: '01900000-0000-7000-8000-000000000002', attempt: 2, failures: 1, uniqueKey: 'key' });
    expect([...(await settings.paused())]).to.deep.equal(['held']);
  });

  it('gives schedules that an older release stores the namespace of their ids', async () => {
    const [unnamed, staging] = [await opening.database(), await opening.database({}, { namespace: 'staging' })];
    const older = 'INSERT INTO schedules (declared, wake_at, body, last_task_id, id, rev) VALUES (0, ?, ?, NULL, ?, 1)';
    inFile((file) => ['plain', 'staging\u001fnamed'].forEach((id) => file.prepare(older).run(1_000, '{}', id)));
    expect([await dueIds(unnamed), await dueIds(staging)]).to.deep.equal([['plain'], ['named']]);
  });

  it('is made by each change once, however many open the file at the same time', async () => {
    await (await opening.database()).close();
    migrations.push('ALTER TABLE tasks ADD COLUMN one TEXT', 'ALTER TABLE queues ADD COLUMN two TEXT');
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
    migrations.push('ALTER TABLE tasks ADD COLUMN one TEXT', 'ALTER TABLE tasks ADD COLUMN two TEXT; ALTER TABLE nowhere ADD COLUMN three TEXT');
    expect(await refusalOf(() => opening.database())).to.have.property('code', 'HOLDFAST_FILE_UNUSABLE');
    expect(versionOfFile()).to.equal(released + 1);
    migrations.splice(released + 1, 1, 'ALTER TABLE tasks ADD COLUMN two TEXT');
    await opening.database();
    expect(versionOfFile()).to.equal(released + 2);
  });

  it('of a newer release is refused, with both versions, and left as it is', async () => {
    const database = await opening.database();
    await database.tasks.insert([sample()]);
    await database.close();
    inFile((file) => file.exec('PRAGMA user_version = 99'));
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
    inFile((file) => file.exec(`PRAGMA user_version = ${released + 1}`));
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

  const meta = () => opening.db().collection<MetaDocument>(META_COLLECTION);
  const version = async () => (await meta().findOne({ _id: SCHEMA_ID }))?.version;
  const setVersion = (to: number) => meta().updateOne({ _id: SCHEMA_ID }, { $set: { version: to } }, { upsert: true });

  it('has its version in the database', async () => {
    await opening.database();
    expect(await version()).to.equal(released);
  });

  it('of a database from before there were versions is brought up to date, with its tasks', async () => {
    const batch = [sample(), sample()];
    const first = await opening.database();
    await first.tasks.insert(batch);
    await meta().drop();
    const { tasks } = await opening.database();
    expect([await version(), idsOf(await claim(tasks))]).to.deep.equal([released, idsOf(batch)]);
  });

  it('gives schedules that an older release stores the namespace of their ids, also while it runs', async () => {
    const [unnamed, staging] = [await opening.database(), await opening.database({}, { namespace: 'staging' })];
    const older = ['plain', 'staging\u001fnamed'].map((_id) => ({
      _id,
      rev: 1,
      declared: false,
      wakeAt: new Date(1_000),
      body: '{}',
      lastTaskId: null,
    }));
    const stored = opening.db().collection<ScheduleDocument>(SCHEDULES_COLLECTION);
    await stored.insertMany(older);
    expect([await dueIds(unnamed), await dueIds(staging)]).to.deep.equal([['plain'], ['named']]);
    await stored.updateMany({}, { $unset: { namespace: '' } });
    await setVersion(4);
    await opening.database();
    expect((await stored.find().sort({ _id: 1 }).toArray()).map(({ namespace }) => namespace)).to.deep.equal(['', 'staging']);
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
    await opening.db().collection(TASKS_COLLECTION).dropIndexes();
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
