import { spawn } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PEERS_FOLDER } from './systems/common';

const INSTALL_MS = 300_000;

/** Tells whether the packages of all peers are installed. */
export async function arePeersInstalled(): Promise<boolean> {
  const names = Object.keys(await declared());
  return Promise.all(names.map((name) => access(join(PEERS_FOLDER, 'node_modules', name, 'package.json')))).then(
    () => true,
    () => false,
  );
}

/**
 * Installs the packages of the peers from their lock file into their own folder.
 *
 * @throws an Error if npm fails.
 */
export async function installPeers(): Promise<void> {
  const given = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const child = spawn('npm', given, { cwd: PEERS_FOLDER, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_MS });
  const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  if (code !== 0) throw new Error(`npm ci ended with ${String(code)}`);
}

/** Returns the versions of the peers from their package.json. */
export async function peerVersions(): Promise<string[]> {
  return Object.entries(await declared()).map(([name, version]) => `${name} ${version}`);
}

async function declared(): Promise<Record<string, string>> {
  const { dependencies } = JSON.parse(await readFile(join(PEERS_FOLDER, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return dependencies;
}
