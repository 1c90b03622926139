import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { DatabaseSyncInstance as DatabaseSync, backup } from '@photostructure/sqlite';
import { HoldfastError } from '../errors/holdfastError';

export type { DatabaseSyncInstance as DatabaseSync, StatementSyncInstance as StatementSync } from '@photostructure/sqlite';

/** The class of a driver. */
export type DatabaseConstructor = new (path: string, options?: { readonly readOnly?: boolean }) => DatabaseSync;

/** A driver: the class of its connections, and its online backup. */
export interface SqliteDriver {
  readonly DatabaseSync: DatabaseConstructor;
  readonly backup: typeof backup;
}

/** The first release of SQLite without the WAL-reset bug, which corrupts a file that several processes write. */
const FIRST_SAFE_VERSION = [3, 51, 3] as const;

const CANDIDATES = ['node:sqlite', '@photostructure/sqlite'] as const;

/**
 * Finds a SQLite with the `node:sqlite` API that several processes can use safely: the built-in one where it is new enough,
 * else the prebuilt package.
 *
 * See https://sqlite.org/wal.html for the bug that sets the lowest version.
 *
 * @throws HOLDFAST_SQLITE_MISSING where neither is to be had.
 */
export function loadDriver(load: (name: string) => unknown = createRequire(placeOf())): SqliteDriver {
  for (const name of CANDIDATES) {
    const driver = tryLoad(name, load);
    if (driver) return driver;
  }
  throw new HoldfastError('HOLDFAST_SQLITE_MISSING');
}

/** Returns the file from which a driver is looked for. A bundle of ES modules has no `__filename`: there it is the program itself. */
const placeOf = (): string => (typeof __filename === 'string' ? __filename : (process.argv[1] ?? join(process.cwd(), 'index.js')));

/** The class of the connections of the driver that `loadDriver` finds. */
export const loadSqlite = (load?: (name: string) => unknown): DatabaseConstructor => loadDriver(load).DatabaseSync;

function tryLoad(name: string, load: (name: string) => unknown): SqliteDriver | null {
  try {
    const driver = load(name) as SqliteDriver;
    return isSafe(versionOf(driver.DatabaseSync)) ? driver : null;
  } catch {
    return null;
  }
}

/** The version of the SQLite of a driver. */
export function versionOf(Driver: DatabaseConstructor): string {
  const database = new Driver(':memory:');
  try {
    return (database.prepare('SELECT sqlite_version() AS version').get() as { version: string }).version;
  } finally {
    database.close();
  }
}

/** Tells whether a version such as 3.53.0 is free of the bug. */
export function isSafe(version: string): boolean {
  const parts = version.split('.').map(Number);
  const differing = FIRST_SAFE_VERSION.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (FIRST_SAFE_VERSION[differing] ?? 0);
}
