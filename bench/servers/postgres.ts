import { basename, join } from 'node:path';
import { requirePeer } from '../systems/common';
import { findProgram, makeFolder, removeFolder, run, startProgram, subfolders } from './program';
import type { User } from './program';
import type { Server } from './server';

const DEBIAN = '/usr/lib/postgresql';

/** Memory settings that PostgreSQL's guide advises for a machine of this size. Durability keeps its defaults. */
const SETTINGS = ['shared_buffers=512MB', 'max_wal_size=4GB', 'max_connections=200'];

interface PgModule {
  readonly Client: new (url: string) => { connect(): Promise<void>; query(sql: string): Promise<unknown>; end(): Promise<void> };
}

/** Starts PostgreSQL with synchronous commits. */
export async function startPostgres(): Promise<Server> {
  const folders = (await subfolders(DEBIAN)).map((version) => join(DEBIAN, version, 'bin'));
  const [postgres, initdb] = await Promise.all([findProgram('postgres', folders), findProgram('initdb', folders)]);
  const user = await unprivileged();
  const folder = await makeFolder(user);
  try {
    await run(initdb, ['-D', folder, '-U', 'bench', '--auth=trust', '--encoding=UTF8', '--locale=C'], { ...user, cwd: folder });
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
  const given = (port: number): string[] => [
    ...['-D', folder, '-h', '127.0.0.1', '-p', String(port), '-k', folder],
    ...SETTINGS.flatMap((setting) => ['-c', setting]),
  ];
  const { port, stop } = await startProgram(postgres, given, folder, user);
  const { stdout } = await run(postgres, ['--version']);
  let databases = 0;
  return {
    version: `PostgreSQL ${/\d+(\.\d+)*/.exec(stdout)?.[0] ?? 'unknown'} (${SETTINGS.join(', ')}, synchronous_commit=on)`,
    freshUrl: async () => {
      const name = `bench${++databases}`;
      await tell(port, `CREATE DATABASE ${name}`);
      return `${serverAt(port)}/${name}`;
    },
    drop: (url) => tell(port, `DROP DATABASE ${basename(url)} WITH (FORCE)`),
    stop,
  };
}

/** Returns an unprivileged user: PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<User> {
  if (process.getuid?.() !== 0) return {};
  const idOf = async (name: string): Promise<User> => {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  };
  return idOf('postgres').catch(() => idOf('nobody'));
}

const serverAt = (port: number): string => `postgres://bench@127.0.0.1:${port}`;

async function tell(port: number, sql: string): Promise<void> {
  const client = new (requirePeer<PgModule>('pg').Client)(`${serverAt(port)}/postgres`);
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
