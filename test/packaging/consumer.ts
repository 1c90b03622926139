import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

interface LockedPackage {
  readonly dev?: boolean;
}

/** A project beside the checkout that has the packed package installed, and the test runners and bundlers of its own lock file. */
export class Consumer {
  readonly folder: string;
  /** The stores that its programs open. */
  urls: readonly string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws an Error if npm cannot install. */
  static async install(): Promise<Consumer> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-packaging-'));
    const consumer = new Consumer(folder);
    try {
      await cp(join(ROOT, 'test', 'packaging', 'consumer'), folder, { recursive: true });
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder });
      await consumer.#addPackage();
      return consumer;
    } catch (error) {
      await consumer.remove();
      throw error;
    }
  }

  /** Runs a program of the project and returns its output. Its environment has none of the checkout. */
  async run(script: string, ...given: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], STORE_URLS: this.urls.join(' '), CI: '1' };
    const { stdout } = await run(process.execPath, [join(this.folder, script), ...given], { cwd: this.folder, env });
    return stdout;
  }

  /** Writes a file of the project. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Unpacks what `npm pack` makes, with the dependencies that the package declares and no others. */
  async #addPackage(): Promise<void> {
    const into = join(this.folder, 'node_modules', 'holdfast');
    await mkdir(into, { recursive: true });
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', this.folder], { cwd: ROOT });
    const packed = (await readdir(this.folder)).find((name) => name.endsWith('.tgz')) ?? '';
    await run('tar', ['-xzf', join(this.folder, packed), '-C', into, '--strip-components=1']);
    const own = new Set(await readdir(join(this.folder, 'node_modules')));
    // As npm does: beside the package, or inside it where the project has another version.
    for (const name of await shippedPackages()) await link(name, join(own.has(name.split('/')[0] ?? '') ? into : this.folder, 'node_modules', name));
  }
}

/** Returns the packages of the lock file that a user of the package gets. */
async function shippedPackages(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> };
  const names = Object.entries(packages).flatMap(([path, { dev }]) => (dev || path.split('node_modules/').length !== 2 ? [] : [path.slice(13)]));
  const present = await Promise.all(names.map((name) => readdir(join(ROOT, 'node_modules', name)).catch(() => null)));
  return names.filter((_, index) => present[index]);
}

async function link(name: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await symlink(join(ROOT, 'node_modules', name), to);
}
