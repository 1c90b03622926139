import { expect } from 'chai';
import { openStore } from '../../classes/store/openStore';
import { Queue } from '../../classes/queue/queue';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { refusalOf } from '../support/eventually';
import { forEachStore, forMongo, forSqlite } from '../support/stores';

/** The names that both stores have when they are opened. */
const TABLES = ['attendance', 'fifo', 'fifo_groups', 'meta', 'queues', 'records', 'schedules', 'tasks'];

forEachStore('The prefix of a store', (opening) => {
  it('keeps stores of other prefixes in the same database apart', async () => {
    const [one, other] = [new Queue(await opening.open(), 'mail'), new Queue(await opening.open({ prefix: 'jobs_' }), 'mail')];
    const { id } = await one.add('welcome', {});
    expect([(await one.get(id))?.id, await other.get(id)]).to.deep.equal([id, null]);
    await other.add('welcome', {}, { uniqueKey: 'k' });
    expect([(await one.counts()).waiting, (await other.counts()).waiting]).to.deep.equal([1, 1]);
  });

  for (const prefix of ['', '_x', '1x', 'a-b', 'a.b', 'a$', 'a"b', 'sqlite_', 'SQLite_', 'system_', 'x'.repeat(41)])
    it(`is refused as ${JSON.stringify(prefix)}`, async () => {
      expect(await refusalOf(() => opening.open({ prefix }))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'store.prefix' });
    });
});

/** Tables of what MongoDB keeps in the documents of tasks. */
const SQLITE_ONLY = ['holdfast_fifo_sent', 'holdfast_follow_ups', 'holdfast_steps', 'holdfast_signals'];

forSqlite('A file of another application', (opening) => {
  function inFile<T>(use: (file: DatabaseSync) => T): T {
    const file = new (loadSqlite())(opening.path);
    try {
      return use(file);
    } finally {
      file.close();
    }
  }
  const tables = (): string[] =>
    inFile((file) =>
      (
        file.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name`).all() as { name: string }[]
      ).map(({ name }) => name),
    );

  it('keeps its tables and its user_version, with those of Holdfast beside them', async () => {
    const own = ['attendance', 'meta', 'queues', 'records', 'schedules', 'tasks'];
    inFile((file) => own.forEach((name) => file.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, title TEXT)`)));
    inFile((file) => file.exec(`PRAGMA user_version = 7; INSERT INTO tasks (title) VALUES ('mine')`));
    const queue = new Queue(await opening.open(), 'mail');
    await queue.add('welcome', {});
    expect(tables()).to.deep.equal([...SQLITE_ONLY, ...TABLES.map((name) => `holdfast_${name}`), ...own].sort());
    expect(inFile((file): unknown => file.prepare('PRAGMA user_version').get())).to.deep.equal({ user_version: 7 });
    expect(inFile((file): unknown => file.prepare('SELECT title FROM tasks').all())).to.deep.equal([{ title: 'mine' }]);
  });

  for (const [what, sql] of [
    ['a table of its own', 'CREATE TABLE holdfast_tasks (id INTEGER)'],
    ['a table of its own in other letters', 'CREATE TABLE Holdfast_Queues (id INTEGER)'],
    ['a view', 'CREATE VIEW holdfast_schedules AS SELECT 1'],
    ['a table meta of another shape', 'CREATE TABLE holdfast_meta (version INTEGER)'],
    [
      'a table meta of the same shape',
      `CREATE TABLE holdfast_meta (key TEXT PRIMARY KEY, value INTEGER); INSERT INTO holdfast_meta VALUES ('version', 3)`,
    ],
  ] as const)
    it(`is refused where one of the names is that of ${what}, and left as it is`, async () => {
      inFile((file) => file.exec(sql));
      const before = tables();
      const error = await refusalOf(() => opening.open());
      expect(error).to.include({ code: 'HOLDFAST_PREFIX_TAKEN', field: 'prefix' });
      expect(error.message)
        .to.match(/holdfast_(tasks|queues|schedules|meta)/i)
        .and.to.include("prefix: 'jobs_'");
      expect(tables()).to.deep.equal(before);
      await opening.open({ prefix: 'jobs_' });
    });
});

forMongo('A database of another application', (opening) => {
  const names = async (): Promise<string[]> => (await opening.db().listCollections().toArray()).map(({ name }) => name).sort();

  it('keeps its collections, with those of Holdfast beside them', async () => {
    await Promise.all(
      TABLES.map((name) =>
        opening
          .db()
          .collection(name)
          .insertOne({ title: 'mine', expireAt: new Date(0), state: 'waiting' }),
      ),
    );
    const queue = new Queue(await opening.open(), 'mail');
    await queue.add('welcome', {});
    expect((await names()).filter((name) => !name.startsWith('holdfast_'))).to.deep.equal(TABLES);
    const indexes = await Promise.all(TABLES.map((name) => opening.db().collection(name).indexes()));
    expect(indexes.map((all) => all.length)).to.deep.equal(TABLES.map(() => 1));
  });

  for (const name of TABLES)
    it(`is refused where holdfast_${name} is a collection of its own, and left as it is`, async () => {
      await opening
        .db()
        .collection(`holdfast_${name}`)
        .insertOne({ _id: 'schema' as never, version: 1 });
      const error = await refusalOf(() => opening.open());
      expect(error).to.include({ code: 'HOLDFAST_PREFIX_TAKEN', field: 'prefix' });
      expect(error.message).to.include(`holdfast_${name}`);
      expect(await names()).to.deep.equal([`holdfast_${name}`]);
      expect(await opening.db().collection(`holdfast_${name}`).indexes()).to.have.length(1);
    });

  it('may hold empty collections of these names, as after a test that has emptied all', async () => {
    await (await opening.open()).close();
    await Promise.all((await names()).map((name) => opening.db().collection(name).deleteMany({})));
    const queue = new Queue(await opening.open(), 'mail');
    await queue.add('welcome', {});
    expect((await queue.counts()).waiting).to.equal(1);
  });

  it('can be opened by many at the same time while it is empty', async () => {
    for (let round = 0; round < 5; round += 1) {
      await opening.db().dropDatabase();
      const stores = await Promise.all(Array.from({ length: 8 }, () => openStore(opening.url)));
      await Promise.all(stores.map((store) => store.close()));
    }
    expect(await names()).to.deep.equal(
      TABLES.map((name) => `holdfast_${name}`).filter((name) => !['holdfast_attendance', 'holdfast_queues'].includes(name)),
    );
  });
});
