import { connect } from 'node:net';
import { findProgram, makeFolder, run, startProgram } from './program';
import type { Server } from './server';

const KEPT: Readonly<Record<'redis' | 'redis-fsync' | 'redis-memory', readonly string[]>> = {
  redis: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
  'redis-fsync': ['--appendonly', 'yes', '--appendfsync', 'always'],
  'redis-memory': ['--appendonly', 'no'],
};

/** Starts a Redis with the durability of its kind. */
export async function startRedis(kind: keyof typeof KEPT): Promise<Server> {
  const path = await findProgram('redis-server');
  const folder = await makeFolder();
  const given = (port: number): string[] => ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', ...KEPT[kind]];
  const { port, stop } = await startProgram(path, given, folder);
  const { stdout } = await run(path, ['--version']);
  return {
    version: `Redis ${/v=(\S+)/.exec(stdout)?.[1] ?? 'unknown'} (${KEPT[kind].join(' ').replaceAll('--', '')})`,
    freshUrl: () => Promise.resolve(`redis://127.0.0.1:${port}`),
    drop: () => tell(port, 'FLUSHALL'),
    stop,
  };
}

/** Sends one command and waits for the answer. */
function tell(port: number, command: string): Promise<void> {
  const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
  return new Promise((resolve, reject) => {
    socket.once('error', reject).once('close', () => reject(new Error(`Redis did not answer ${command}`)));
    socket.once('data', (answer) => {
      if (answer.toString().startsWith('+')) resolve();
      else reject(new Error(`Redis answered ${command} with ${answer.toString()}`));
      socket.destroy();
    });
  });
}
