import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import mongoose, { createConnection, mongo } from 'mongoose';
import { expect } from 'chai';
import { openStore } from '../../classes/store/openStore';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { storeOptions, workerOptions } from '../../config/options';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { refusalOf } from '../support/eventually';
import { forMongo, forSqlite } from '../support/stores';

/** A driver whose SQLite is too old. */
class OldSqlite {
  prepare = () => ({ get: () => ({ version: '3.50.4' }) });
  exec = () => undefined;
  open = () => undefined;
  close = () => undefined;
}

describe('openStore', () => {
  const client = new mongo.MongoClient('mongodb://127.0.0.1:1');

  const NEIGHBOURS: readonly (readonly [string, unknown])[] = [
    ['the Mongoose object', mongoose],
    ['a Db of the driver', client.db('shop')],
    ['a database of another SQLite library', { prepare: () => ({}), exec: () => undefined, open: true }],
  ];

  for (const [got, given] of NEIGHBOURS) {
    it(`refuses ${got}, and says what to pass`, async () => {
      for (const [field, args] of [['store', given] as const, ['store.connection', { connection: given }] as const]) {
        const error = await refusalOf(() => openStore(args as never));
        expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field });
        expect(error.message).to.include('as mongoose.connection').and.to.include(`, got ${got}. `);
      }
    });
  }

  it('refuses a connection that is none', async () => {
    for (const connection of [null, 5, {}, 'mongodb://host', () => client]) {
      const error = await refusalOf(() => openStore({ connection } as never));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'store.connection' });
    }
  });

  it('refuses a connection in the place of a URL', async () => {
    for (const url of [mongoose.connection, mongoose, client, client.db('shop')]) {
      expect(await refusalOf(() => openStore({ url } as never))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'store.url' });
    }
  });

  it('refuses a connection that was never told where to connect to', async () => {
    const error = await refusalOf(() => openStore(createConnection()));
    expect(error).to.have.property('code', 'HOLDFAST_STORE_UNREACHABLE');
    expect(error.message).to.include('the connection given must be connected: call connect() first');
  });
});

describe('openStore on a database of the caller', () => {
  it('refuses one whose SQLite is not safe with several processes', async () => {
    const old = new OldSqlite();
    const error = await refusalOf(() => openStore(old));
    expect(error).to.have.property('code', 'HOLDFAST_SQLITE_MISSING');
    expect(error.message).to.include('that of the connection given must be 3.51.3 or later, got 3.50.4. ');
  });
});

describe('openStore of a URL that cannot be used', () => {
  const FAULTS = [
    ['mongodb://anna:gehe@im@host', 'HOLDFAST_URL_INVALID', /Invalid connection string/],
    ['mongodb://anna:gehe/im@host', 'HOLDFAST_URL_INVALID', /unescaped characters/],
    ['mongodb://anna:geheim@host/?replicaSet=', 'HOLDFAST_URL_INVALID', /"replicaSet" cannot be specified with no value/],
    ['mongodb://anna:geheim@127.0.0.1:1/', 'HOLDFAST_STORE_UNREACHABLE', /ECONNREFUSED.* server /],
  ] as const;

  for (const [url, code, said] of FAULTS) {
    it(`tells what the driver says of ${url}, and no secret`, async () => {
      const error = await refusalOf(() => openStore({ url, callTimeoutMs: 300 }));
      expect(error).to.have.property('code', code);
      expect(error.message)
        .to.match(said)
        .and.not.match(/gehe|file/);
    });
  }

  it('says of a file what SQLite says, and nothing of a server', async () => {
    const error = await refusalOf(() => openStore(`sqlite:${tmpdir()}`));
    expect(error).to.include({ code: 'HOLDFAST_FILE_UNUSABLE', field: tmpdir() });
    expect(error.message).to.include('unable to open database').and.not.include('server');
  });
});

forSqlite('openStore of a file that may only be read', (opening) => {
  const IS_READ_ONLY = /: it, or its folder, is read-only\. .*HOLDFAST_FILE_UNUSABLE/;
  const Driver = loadSqlite() as unknown as new (path: string, options: object) => DatabaseSync;

  beforeEach(async () => (await opening.open()).close());

  it('is refused with its path', async function () {
    if (process.getuid?.() === 0) {
      process.stdout.write('root may write every file: that of a file which may only be read is skipped\n');
      this.skip();
    }
    chmodSync(opening.path, 0o444);
    const error = await refusalOf(() => opening.open());
    expect(error).to.have.property('field', opening.path);
    expect(error.message).to.match(IS_READ_ONLY);
  });

  it('is refused if the caller opened it read-only', async () => {
    const database = new Driver(opening.path, { readOnly: true });
    expect((await refusalOf(() => openStore(database))).message).to.match(IS_READ_ONLY);
    database.close();
  });

  it('is not taken for one that another process writes to', async () => {
    const other = new Driver(opening.path, {});
    other.exec('BEGIN IMMEDIATE');
    await (await opening.open()).close();
    other.close();
  });
});

forMongo('openStore', (opening) => {
  it('refuses the name of a database that MongoDB cannot take as a fault of the URL', async () => {
    const url = opening.url.replace(/\/holdfast_test_\w+/, '/a b');
    const error = await refusalOf(() => openStore(url));
    expect(error).to.have.property('code', 'HOLDFAST_URL_INVALID');
    expect(error.message).to.match(/must be one whose database has a valid name: .*'a b/);
  });

  it('refuses a connection that was closed', async () => {
    const connection = await createConnection(opening.url).asPromise();
    await connection.close();
    expect(await refusalOf(() => openStore(connection))).to.have.property('code', 'HOLDFAST_STORE_UNREACHABLE');
  });
});

describe('resolveOptions', () => {
  it('neither walks through nor freezes what a class made', () => {
    class Node {
      readonly self = this;
    }
    const handlers = { welcome: Object.assign(() => 1, { node: new Node() }) };
    expect(Object.isFrozen(resolveOptions(workerOptions, { queues: ['q'], handlers }, 'worker', {}).handlers)).to.equal(true);
    expect(Object.isFrozen(handlers.welcome)).to.equal(false);
    expect(() => resolveOptions(storeOptions, { url: new Node() }, 'store', {})).to.throw(/store\.url must be a string/);
  });

  it('copies options that a class made where the table has some', () => {
    class Bounds {
      readonly minMs = 5;
    }
    const pollInterval = new Bounds();
    expect(resolveOptions(workerOptions, { queues: ['q'], pollInterval }, 'worker', {}).pollInterval).to.deep.equal({ minMs: 5, maxMs: 1_000 });
    expect(Object.isFrozen(pollInterval)).to.equal(false);
  });
});
