import { join } from 'node:path';
import { loadSqlite, sqliteVersionOf } from '../../modules/sqliteDriver';
import { makeFolder, removeFolder } from './program';
import type { Server } from './server';

/** A folder of SQLite files. */
export async function startSqlite(): Promise<Server> {
  const database = new (loadSqlite())(':memory:');
  const version = sqliteVersionOf(database);
  database.close();
  const folder = await makeFolder();
  let files = 0;
  return {
    version: `SQLite ${version} (WAL, synchronous=FULL)`,
    freshUrl: () => Promise.resolve(`sqlite:${join(folder, `${++files}.db`)}`),
    stop: () => removeFolder(folder),
  };
}
