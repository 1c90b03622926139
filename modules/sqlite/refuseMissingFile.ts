import { existsSync } from 'node:fs';
import { HoldfastError, isHoldfastError } from '../errors/holdfastError';
import { schemaVersion } from './migrateSqlite';
import { loadSqlite } from './sqliteDriver';
import type { DatabaseSync } from './sqliteDriver';

/**
 * Refuses a path where there is no file, or none with tables of Holdfast. Writes nothing.
 *
 * @throws HOLDFAST_STORE_MISSING, HOLDFAST_FILE_UNUSABLE if there is no file, or as `schemaVersion`.
 */
export function refuseMissingFile(path: string, prefix: string): void {
  if (!existsSync(path)) throw new HoldfastError('HOLDFAST_FILE_UNUSABLE', { field: path, because: 'there is no such file' });
  if (versionAt(path, prefix) === 0) throw new HoldfastError('HOLDFAST_STORE_MISSING', { field: path });
}

/** Reads the version of a file; undefined where it cannot be read, which opening it will explain. */
function versionAt(path: string, prefix: string): number | undefined {
  const Driver = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new Driver(path, { readOnly: true });
    return schemaVersion({ database, schema: 'main', prefix });
  } catch (error) {
    if (isHoldfastError(error)) throw error;
    return undefined;
  } finally {
    database?.close();
  }
}
