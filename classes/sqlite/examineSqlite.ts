import { existsSync, statSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreOptions } from '../../config/optionTypes';
import { HoldfastError, isHoldfastError } from '../../modules/errors/holdfastError';
import type { Examination, Finding } from '../../modules/ports/examination';
import { schemaVersion } from '../../modules/sqlite/migrateSqlite';
import { loadSqlite, versionOf } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { unusable } from '../../modules/sqlite/sqliteErrors';
import { roundTrips } from '../../modules/time/roundTrips';
import type { RoundTrip } from '../../modules/time/roundTrips';
import { NAMED_PREFIX, SQLITE_MIGRATIONS } from '../../modules/sqlite/sqliteMigrations';

/** The part of a disk that should be free, and the size of a log that a reader has kept from being emptied. */
const FREE_PART = 0.05;
const LONG_LOG_BYTES = 256 * 1024 * 1024;

const MIB = 1024 * 1024;

/**
 * Looks at the file of a store without changing it.
 *
 * @throws HOLDFAST_FILE_UNUSABLE, HOLDFAST_STORE_NEWER, HOLDFAST_PREFIX_TAKEN or HOLDFAST_SQLITE_MISSING.
 */
export async function examineSqlite(path: string, { prefix, durability }: Pick<StoreOptions, 'prefix' | 'durability'>): Promise<Examination> {
  if (!existsSync(path)) throw new HoldfastError('HOLDFAST_FILE_UNUSABLE', { field: path, because: 'there is no such file' });
  const Driver = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new Driver(path, { readOnly: true });
    database.exec('PRAGMA busy_timeout = 1000');
    const version = schemaVersion({ database, schema: 'main', prefix });
    const facts = { mode: pragma(database, 'journal_mode'), durability, path, version: versionOf(Driver) };
    return {
      ...{ version, newest: SQLITE_MIGRATIONS.length },
      missingIndexes: version === 0 ? [] : missingIndexes(database, prefix, version),
      trips: await tripsOf(database),
      findings: [durabilityOf(facts), logOf(path), diskOf(path)],
    };
  } catch (error) {
    throw isHoldfastError(error) ? error : unusable(error, path);
  } finally {
    database?.close();
  }
}

/** A file has the clock of this machine. */
function tripsOf(database: DatabaseSync): Promise<RoundTrip[]> {
  const read = database.prepare('SELECT count(*) FROM sqlite_master');
  return roundTrips(() => {
    read.get();
    return Promise.resolve(Date.now());
  });
}

const pragma = (database: DatabaseSync, name: string): string => String(Object.values(database.prepare(`PRAGMA ${name}`).get() as object)[0]);

/** The indexes that the migrations up to a version have made and not dropped. */
function missingIndexes(database: DatabaseSync, prefix: string, version: number): string[] {
  const wanted = new Set<string>();
  for (const migration of SQLITE_MIGRATIONS.slice(0, version)) {
    for (const [, verb, name = ''] of migration.matchAll(/\b(CREATE|DROP)(?: UNIQUE)? INDEX (?:IF (?:NOT )?EXISTS )?(\w+)/g)) {
      if (verb === 'CREATE') wanted.add(name.replace(NAMED_PREFIX, prefix));
      else wanted.delete(name.replace(NAMED_PREFIX, prefix));
    }
  }
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'index'").all() as { name: string }[];
  const there = new Set(rows.map(({ name }) => name));
  return [...wanted].filter((name) => !there.has(name));
}

function durabilityOf({ mode, durability, version }: { readonly mode: string; readonly durability: string; readonly version: string }): Finding {
  const check = 'durability';
  if (mode !== 'wal') return { check, level: 'bad', text: `The journal mode of the file is ${mode}, and should be wal: open the store once` };
  const text = `SQLite ${version} with a write-ahead log`;
  if (durability === 'full') return { check, level: 'ok', text: `${text}; every acknowledged write is on the disk (synchronous=FULL)` };
  return { check, level: 'warn', text: `${text}; durability is relaxed: a power cut may lose the last acknowledged writes` };
}

function logOf(path: string): Finding {
  const bytes = existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0;
  const text = `The log beside the file has ${Math.round(bytes / MIB)} MiB`;
  if (bytes < LONG_LOG_BYTES) return { check: 'log', level: 'ok', text };
  return { check: 'log', level: 'warn', text: `${text}: a reader that stays open keeps it from being emptied` };
}

function diskOf(path: string): Finding {
  const { bavail, blocks, bsize } = statfsSync(dirname(path));
  const text = `${Math.round((bavail * bsize) / MIB).toLocaleString('en-US')} MiB of the disk are free; the file has ${Math.ceil(statSync(path).size / MIB)} MiB`;
  return { check: 'disk', level: bavail < blocks * FREE_PART ? 'bad' : 'ok', text };
}
