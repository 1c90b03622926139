import { readdirSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { mongo } from 'mongoose';
import type { MongoMemoryServer } from 'mongodb-memory-server';
import { storeOptions } from '../../config/options';
import { openExistingStore, openStore } from '../../classes/store/openStore';
import { exitCodeOf } from '../../modules/errors/exitCodeOf';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { refusalOf } from '../support/eventually';
import { launchStandalone, whyNoMongo } from '../support/mongod';
import { forEachStore, forMongo, forSqlite } from '../support/stores';

const options = (url: string) => resolveOptions(storeOptions, { url }, 'store');

describe('openStore of a server that asks for a login', function () {
  this.timeout(120_000);
  let server: MongoMemoryServer | undefined;
  let root: mongo.MongoClient;
  const url = (login: string, database = 'shop'): string => `mongodb://${login}@127.0.0.1:${server?.instanceInfo?.port}/${database}?authSource=admin`;

  before(async function () {
    const why = process.env['MONGODB_TEST_URI'] ? 'the server of MONGODB_TEST_URI has logins of its own' : await whyNoMongo();
    if (why !== null) {
      process.stdout.write(`Refusals of a standalone MongoDB skipped: ${why}\n`);
      return this.skip();
    }
    server = await launchStandalone();
    root = await mongo.MongoClient.connect(url('root:secret', 'admin'));
    await root.db('admin').command({ createUser: 'reader', pwd: 'secret', roles: [{ role: 'read', db: 'shop' }] });
    await root.db('admin').command({ createUser: 'writer', pwd: 'secret', roles: [{ role: 'readWrite', db: 'shop' }] });
  });
  after(async () => {
    await root?.close();
    await server?.stop({ doCleanup: true });
  });

  it('tells a wrong password as such, without quoting it', async () => {
    for (const login of ['root:geheim', 'nobody:geheim']) {
      const error = await refusalOf(() => openStore(url(login)));
      expect(error).to.have.property('code', 'HOLDFAST_LOGIN_REFUSED');
      expect(error.message).to.include('Authentication failed').and.include('authSource').and.not.include('geheim').and.not.include('network');
      expect(exitCodeOf(error).code).to.equal(77);
    }
  });

  it('tells a missing right as such, and names the role', async () => {
    for (const given of [url('reader:secret'), url('writer:secret', 'other')]) {
      const error = await refusalOf(() => openStore(given));
      expect(error).to.have.property('code', 'HOLDFAST_RIGHTS_MISSING');
      expect(error.message).to.include('not authorized').and.include('readWrite').and.not.include('MongoDB 6.0');
      expect(exitCodeOf(error).code).to.equal(77);
    }
  });

  it('needs no more than the role readWrite', async () => {
    await (await openStore(url('writer:secret'))).close();
  });

  it('warns of a standalone server, and of a URL without a database, also whoever listens later', async () => {
    const store = await openStore(url('root:secret', ''));
    const told: string[][] = [[], []];
    const end = store.events.on('store-warning', ({ warning }) => told[0]?.push(warning));
    await store.parts.tasks.counts(['waiting']);
    store.events.on('store-warning', ({ message }) => told[1]?.push(message));
    store.events.on('store-warning', () => told[1]?.push('of one who has left'))();
    await Promise.resolve();
    end();
    await store.close();
    expect(told[0]).to.deep.equal(['standalone', 'default-database']);
    expect(told[1]?.map((text) => /standalone server|database holdfast is used/.exec(text)?.[0])).to.deep.equal([
      'standalone server',
      'database holdfast is used',
    ]);
  });
});

forEachStore('a store that is only read', (opening) => {
  it('is opened where it is', async () => {
    await (await opening.open()).close();
    const store = await openExistingStore(options(opening.url));
    expect(await store.parts.tasks.counts(['waiting'])).to.deep.equal({});
    await store.close();
  });

  it('is not found under another prefix', async () => {
    await (await opening.open()).close();
    const other = resolveOptions(storeOptions, { url: opening.url, prefix: 'other_' }, 'store');
    expect(await refusalOf(() => openExistingStore(other))).to.have.property('code', 'HOLDFAST_STORE_MISSING');
  });
});

forMongo(
  'a database that is only read and has no store',
  (opening) => {
    it('of a replica set warns of nothing', async () => {
      const warned: unknown[] = [];
      const store = await opening.open();
      store.events.on('store-warning', (event) => void warned.push(event));
      await store.parts.tasks.counts(['waiting']);
      expect(warned).to.deep.equal([]);
    });

    it('is refused, and is not made', async () => {
      const error = await refusalOf(() => openExistingStore(options(opening.url)));
      expect(error).to.have.property('code', 'HOLDFAST_STORE_MISSING');
      expect(error.message).to.include(opening.db().databaseName);
      expect(await opening.db().listCollections().toArray()).to.deep.equal([]);
      expect(exitCodeOf(error).code).to.equal(69);
    });
  },
  { isFresh: true },
);

forSqlite('a file that is only read and has no store', (opening) => {
  it('is refused, and nothing is made in it or beside it', async () => {
    const Driver = loadSqlite();
    const database = new Driver(opening.path);
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    expect(await refusalOf(() => openExistingStore(options(opening.url)))).to.include({ code: 'HOLDFAST_STORE_MISSING', field: opening.path });
    expect(readdirSync(opening.folder)).to.deep.equal(['tasks.db']);
    rmSync(opening.path);
    expect(await refusalOf(() => openExistingStore(options(opening.url)))).to.have.property('code', 'HOLDFAST_FILE_UNUSABLE');
    expect(readdirSync(opening.folder)).to.deep.equal([]);
  });
});
