import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSqlite, versionOf } from '../../modules/sqlite/sqliteDriver';
import { makeFolder, removeFolder } from './program';
import type { Server } from './server';

const SCHEME = 'sqlite:';

/** Makes a temporary folder for SQLite files. */
export async function startSqlite(): Promise<Server> {
  const database = new (loadSqlite())(':memory:');
  const version = versionOf(loadSqlite());
  database.close();
  const folder = await makeFolder();
  let files = 0;
  return {
    version: `SQLite ${version} (WAL, synchronous=FULL)`,
    freshUrl: () => Promise.resolve(`${SCHEME}${join(folder, `${++files}.db`)}`),
    drop: async (url) => {
      const path = url.slice(SCHEME.length);
      await Promise.all(['', '-wal', '-shm'].map((part) => rm(`${path}${part}`, { force: true })));
    },
    stop: () => removeFolder(folder),
  };
}
