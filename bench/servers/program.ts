import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const START_MS = 30_000;
const END_MS = 10_000;

export const run = promisify(execFile);

/** The user that a program runs as; by default that of this process. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** A running server program. */
export interface Program {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Looks for a program on the PATH and in further folders. */
export async function findProgram(name: string, folders: readonly string[] = []): Promise<string> {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...folders]) {
    const path = join(folder, name);
    if (folder && (await canRun(path))) return path;
  }
  throw new Error(`no ${name} is on the PATH`);
}

/** Makes a temporary folder that belongs to a user. */
export async function makeFolder({ uid, gid }: User = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  return folder;
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** Returns the subfolders of a folder in reverse order. The folder may be missing. */
export const subfolders = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).sort().reverse();

/** Starts a program, waits until its port answers, and removes its folder when it ends. */
export async function startProgram(path: string, given: (port: number) => string[], folder: string, user: User = {}): Promise<Program> {
  const port = await freePort();
  // A process group of its own keeps Ctrl-C away from the server until its clients have ended.
  const child = spawn(path, given(port), { stdio: 'ignore', detached: true, cwd: folder, ...user });
  const stop = async (): Promise<void> => {
    await end(child);
    await removeFolder(folder);
  };
  try {
    await untilAnswer(child, port);
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const canRun = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function untilAnswer(child: ChildProcess, port: number): Promise<void> {
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  for (const startedAt = Date.now(); Date.now() - startedAt < START_MS;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    if (await Promise.race([answers(port), failed])) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${child.spawnfile} does not answer`);
}

function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).then((isThere) => {
    socket.destroy();
    return Boolean(isThere);
  });
}

/** Sends SIGINT, which is the fast shutdown of PostgreSQL and suits the other servers as well. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(timer);
}
