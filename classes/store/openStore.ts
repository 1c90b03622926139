import type { Connection } from 'mongoose';
import { storeOptions } from '../../config/options';
import type { StoreOptions } from '../../config/optionTypes';
import { HoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import type { Database } from '../../modules/ports/database';
import type { Examination } from '../../modules/ports/examination';
import { parseStoreUrl } from '../../modules/ports/storeUrl';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { isSqlite, splitArguments } from '../../modules/store/storeSource';
import type { CallersConnection } from '../../modules/store/callersConnection';
import type { StoreArguments } from '../../modules/store/storeSource';
import { callRetryDelay } from '../../modules/time/callRetryDelay';
import { sleep, systemClock } from '../../modules/time/clock';
import type { Surroundings } from '../../modules/time/clock';
import type * as mongoExamination from '../mongo/examineMongo';
import type * as mongo from '../mongo/mongoDatabase';
import type * as sqliteExamination from '../sqlite/examineSqlite';
import type * as backup from '../sqlite/sqliteBackup';
import type * as sqlite from '../sqlite/sqliteDatabase';
import { Store } from './store';

const SURROUNDINGS: Surroundings = { clock: systemClock, random: Math.random };

/**
 * Opens a store by its URL: `mongodb://…`, `mongodb+srv://…`, `sqlite:./path` or `sqlite::memory:`. The default is the environment variable
 * `HOLDFAST_URL`, else `sqlite:./data/holdfast.db`.
 *
 * @param given a URL; or a Mongoose connection, a client of the `mongodb` package or a database of the `node:sqlite` API, whose transactions `add`
 *   can then join; or options of `config/options` (`url`, `callTimeoutMs`, `waitMs`, `durability`, `namespace`), with a `connection` in place of the `url` if you
 *   like.
 * @param surroundings the clock and random numbers of a test or simulation, in place of the real ones.
 * @throws HOLDFAST_URL_INVALID, HOLDFAST_STORE_UNREACHABLE, HOLDFAST_STORE_UNFIT, HOLDFAST_DRIVER_UNFIT, HOLDFAST_STORE_NEWER, HOLDFAST_FILE_UNUSABLE,
 *   HOLDFAST_SQLITE_MISSING or HOLDFAST_OPTION_….
 * @example
 * const store = await openStore('mongodb://localhost:27017/shop');
 * await store.close();
 */
export async function openStore(given: StoreArguments = {}, surroundings: Partial<Surroundings> = {}): Promise<Store> {
  const { options: own, connection } = splitArguments(given);
  const options = resolveOptions(storeOptions, own, 'store');
  const around = { ...SURROUNDINGS, ...surroundings };
  const database = await untilThere(options.waitMs, around, () => openDatabase(options, connection, around));
  return new Store(database, options, around);
}

/**
 * Opens a store that is there already, for commands that only read: a misspelt name would otherwise become a new and empty store.
 *
 * @throws as `openStore`, and HOLDFAST_STORE_MISSING.
 * @internal
 */
export async function openExistingStore(options: StoreOptions): Promise<Store> {
  const database = await untilThere(options.waitMs, SURROUNDINGS, () => openDatabase(options, undefined, SURROUNDINGS, true));
  return new Store(database, options, SURROUNDINGS);
}

/** Opens again while the database cannot be reached, until the time to wait is over. Any other refusal stays one. */
async function untilThere<T>(waitMs: number, { clock, random }: Surroundings, open: () => Promise<T>): Promise<T> {
  const endMs = clock.monotonic() + waitMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await open();
    } catch (error) {
      const leftMs = endMs - clock.monotonic();
      if (leftMs <= 0 || !isUnanswered(error)) throw error;
      await sleep(clock, Math.min(leftMs, callRetryDelay(tries, random)));
    }
  }
}

/**
 * Writes a backup of a store on SQLite to a new file. Returns its size in bytes.
 *
 * @throws HOLDFAST_BACKUP_OF_MONGODB, HOLDFAST_BACKUP_EXISTS, or as `openExistingStore`.
 * @internal
 */
export async function backUpStore({ url, prefix }: Pick<StoreOptions, 'url' | 'prefix'>, file: string): Promise<number> {
  const source = parseStoreUrl(url);
  if (source.kind !== 'sqlite') throw new HoldfastError('HOLDFAST_BACKUP_OF_MONGODB');
  const { SqliteBackup } = require('../sqlite/sqliteBackup') as typeof backup;
  return new SqliteBackup(source.path, prefix).write(file);
}

/**
 * Looks at the database of a store without changing it: its schema is not brought up to date.
 *
 * @throws as `openExistingStore`, but that a database without a store has the version 0.
 * @internal
 */
export async function examineStore(options: StoreOptions): Promise<Examination> {
  const source = parseStoreUrl(options.url);
  if (source.kind === 'sqlite') return (require('../sqlite/examineSqlite') as typeof sqliteExamination).examineSqlite(source.path, options);
  return (require('../mongo/examineMongo') as typeof mongoExamination).examineMongo(source.url, options);
}

/**
 * The code of a database is loaded only when it is opened: Mongoose alone takes a third of a second. It is loaded by `require`, because Jest refuses
 * `import()` in a package of CommonJS modules.
 */
function openDatabase(
  options: StoreOptions,
  connection: CallersConnection | undefined,
  { clock, random }: Surroundings,
  mustExist = false,
): Promise<Database> {
  const source = connection ?? parseStoreUrl(options.url);
  if (isSqlite(source) || ('kind' in source && source.kind === 'sqlite')) {
    const { openSqliteDatabase } = require('../sqlite/sqliteDatabase') as typeof sqlite;
    return openSqliteDatabase(isSqlite(source) ? source : source.path, options, clock, random, mustExist);
  }
  const { openMongoDatabase } = require('../mongo/mongoDatabase') as typeof mongo;
  return openMongoDatabase('kind' in source ? source.url : (source as Connection), options, clock, random, mustExist);
}
