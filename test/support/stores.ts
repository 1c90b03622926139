import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { mongo as driver } from 'mongoose';
import { openMongoDatabase } from '../../classes/mongo/mongoDatabase';
import { openSqliteDatabase } from '../../classes/sqlite/sqliteDatabase';
import { openStore } from '../../classes/store/openStore';
import { Store } from '../../classes/store/store';
import type { Surroundings } from '../../modules/time/clock';
import type { Database } from '../../modules/ports/database';
import { storeOptions } from '../../config/options';
import type { StoreOptions } from '../../config/optionTypes';
import { systemClock } from '../../modules/time/clock';
import { namespaceOf } from '../../modules/ports/namespace';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { openReference } from '../specification/referenceDatabase';
import { ReferenceStore } from '../specification/referenceStore';
import { ReferenceTables } from '../specification/referenceTables';
import { isLongRun, mongo } from './hooks';
import { giveDatabaseBack, newDatabase, takeDatabase } from './mongoPool';
import { BY_HAND, watchCommands } from './mongoCommands';
import { shardFaults } from './shardFaults';

/** Opens stores for one test, always on the same file or database, which no other test uses. After the test all of them are closed. */
export interface Opening {
  readonly kind: 'sqlite' | 'mongodb' | 'memory';
  /** The URL of the file or database of this test. */
  readonly url: string;
  open(overrides?: Partial<StoreOptions>, surroundings?: Partial<Surroundings>): Promise<Store>;
  /** Opens the ports alone, without sweeps and heartbeats. */
  database(surroundings?: Partial<Surroundings>, overrides?: Partial<StoreOptions>): Promise<Database>;
  /** Makes a store on ports that a test has wrapped. */
  storeOn(database: Database, overrides?: Partial<StoreOptions>, surroundings?: Partial<Surroundings>): Store;
}

export interface SqliteOpening extends Opening {
  readonly path: string;
  /** The folder of this test, in which the file is alone. */
  readonly folder: string;
}

export interface MongoOpening extends Opening {
  /** Returns the database of the driver. */
  db(): driver.Db;
}

const AROUND: Surroundings = { clock: systemClock, random: Math.random };

/** Keeps track of all that a test opened, and closes it. */
abstract class Openings implements Opening {
  abstract readonly kind: Opening['kind'];
  abstract get url(): string;
  readonly #opened: { close(): Promise<void> }[] = [];

  async open(overrides: Partial<StoreOptions> = {}, surroundings: Partial<Surroundings> = {}): Promise<Store> {
    return this.#remember(await openStore({ url: this.url, ...overrides }, surroundings));
  }

  async database(surroundings: Partial<Surroundings> = {}, overrides: Partial<StoreOptions> = {}): Promise<Database> {
    return this.#remember(await this.openPorts(this.#options(overrides), { ...AROUND, ...surroundings }));
  }

  storeOn(database: Database, overrides: Partial<StoreOptions> = {}, surroundings: Partial<Surroundings> = {}): Store {
    return this.#remember(new Store(database, this.#options(overrides), { ...AROUND, ...surroundings }));
  }

  /** Closes stores before their databases. */
  async closeAll(): Promise<void> {
    for (const opened of this.#opened.splice(0).reverse()) await opened.close();
  }

  protected abstract openPorts(options: StoreOptions, surroundings: Surroundings): Promise<Database>;

  #options(overrides: Partial<StoreOptions>): Readonly<StoreOptions> {
    return resolveOptions(storeOptions, { url: this.url, ...overrides }, 'store');
  }

  #remember<T extends { close(): Promise<void> }>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }
}

/** Openings of the specification. Opening again uses the same tables. */
class MemoryOpenings extends Openings {
  readonly kind = 'memory';
  readonly url = 'memory:';
  tables = new ReferenceTables();

  override async open(overrides: Partial<StoreOptions> = {}, surroundings: Partial<Surroundings> = {}): Promise<Store> {
    return this.storeOn(await this.database(surroundings, overrides), overrides, surroundings);
  }

  protected openPorts({ namespace }: StoreOptions, { clock }: Surroundings): Promise<Database> {
    return Promise.resolve(openReference(this.tables, () => clock.now(), ReferenceStore, namespaceOf(namespace)));
  }
}

class SqliteOpenings extends Openings implements SqliteOpening {
  readonly kind = 'sqlite';
  folder = '';

  get path(): string {
    return join(this.folder, 'tasks.db');
  }

  get url(): string {
    return `sqlite:${this.path}`;
  }

  protected openPorts(options: StoreOptions, { clock, random }: Surroundings): Promise<Database> {
    return openSqliteDatabase(this.path, options, clock, random);
  }
}

class MongoOpenings extends Openings implements MongoOpening {
  readonly kind = 'mongodb';
  readonly #client: () => driver.MongoClient;
  name = '';

  constructor(client: () => driver.MongoClient) {
    super();
    this.#client = client;
  }

  get url(): string {
    return uriOf(this.name);
  }

  db(): driver.Db {
    return this.#client().db(this.name);
  }

  protected openPorts(options: StoreOptions, { clock, random }: Surroundings): Promise<Database> {
    return openMongoDatabase(options.url, options, clock, random);
  }
}

/** Defines tests on SQLite and on MongoDB. Those on MongoDB are skipped if there is none; the root hooks print the reason. */
export function forEachStore(title: string, define: (opening: Opening) => void): void {
  forSqlite(title, define);
  forMongo(title, define);
}

/** Defines tests of commands, which reach a store through its ports only, on SQLite; in a long run on MongoDB as well. */
export function forSqliteFirst(title: string, define: (opening: Opening) => void): void {
  forSqlite(title, define);
  if (isLongRun) forMongo(title, define);
}

/** Defines tests on the specification, which must keep its own contract. */
export function forReference(title: string, define: (opening: Opening) => void): void {
  describe(`${title} on the reference store`, () => {
    const opening = new MemoryOpenings();
    beforeEach(() => {
      opening.tables = new ReferenceTables();
    });
    afterEach(() => opening.closeAll());
    define(opening);
  });
}

/** Defines tests on SQLite, each with a fresh file. */
export function forSqlite(title: string, define: (opening: SqliteOpening) => void): void {
  describe(`${title} on SQLite`, () => {
    const opening = new SqliteOpenings();
    beforeEach(async () => {
      opening.folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    });
    afterEach(async () => {
      await opening.closeAll();
      await rm(opening.folder, { recursive: true, force: true });
    });
    define(opening);
  });
}

/** Defines tests on MongoDB, each with a database as a store makes it, or, for tests of making it, with one that is not there. A test fails if a store sends what a sharded cluster forbids. */
export function forMongo(title: string, define: (opening: MongoOpening) => void, { isFresh = false } = {}): void {
  describe(`${title} on MongoDB`, () => {
    let client: driver.MongoClient | undefined;
    let endWatch = (): void => undefined;
    const faults: string[] = [];
    const opening = new MongoOpenings(() => client as driver.MongoClient);
    before(async function () {
      const server = mongo();
      if (!server) this.skip();
      client = await driver.MongoClient.connect(server.uri('admin'), { appName: BY_HAND });
      endWatch = watchCommands(({ database, name, command }) => {
        if (database === opening.name && command[name] === 'holdfast_tasks') faults.push(...shardFaults(name, command));
      });
    });
    beforeEach(() => {
      opening.name = isFresh ? newDatabase() : takeDatabase();
    });
    afterEach(async () => {
      await opening.closeAll();
      if (isFresh) await opening.db().dropDatabase();
      else await giveDatabaseBack(opening.db(), uriOf);
      expect(faults.splice(0), 'commands that a sharded cluster forbids').to.deep.equal([]);
    });
    after(() => {
      endWatch();
      return client?.close();
    });
    define(opening);
  });
}

const uriOf = (database: string): string => mongo()?.uri(database) ?? 'mongodb://none';
