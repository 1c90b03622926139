import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { endChildren, startNode } from '../fixtures/children';

const run = promisify(execFile);

const ROOT = join(__dirname, '..', '..', '..');

const read = (file: string): Promise<string> => readFile(join(ROOT, file), 'utf8');

describe('The files of the package', () => {
  let files: string[];

  before(async function () {
    this.timeout(60_000);
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
    const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    files = packed.files.map(({ path }) => path);
  });

  afterEach(endChildren);

  it('hold a command of its own, and neither the demo of a checkout nor tests nor examples', async () => {
    const { bin } = JSON.parse(await read('package.json')) as { bin: { holdfast: string } };
    expect(bin.holdfast).to.equal('bin/holdfast.js');
    expect(files).to.include.members([bin.holdfast, 'build/index.js', 'build/index.d.ts']);
    expect(files.filter((file) => /^(index\.js|bin\/prepare|build\/(test|examples|bench|docs)\/)/.test(file))).to.deep.equal([]);
  });

  it('hold the dashboard as it was built, with files that it names, and not its sources', async () => {
    const named = [...(await read('dashboard/dist/index.html')).matchAll(/"(assets\/[^"]+)"/g)].map(([, name]) => `dashboard/dist/${name}`);
    expect(files.filter((file) => file.startsWith('dashboard/'))).to.have.members(['dashboard/dist/index.html', ...named]);
  });

  it('have source maps that hold their sources', async () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    const bare: string[] = [];
    for (const file of maps) {
      const { sourcesContent = [] } = JSON.parse(await read(file)) as { sourcesContent?: unknown[] };
      if (typeof sourcesContent[0] !== 'string') bare.push(file);
    }
    expect(maps).to.have.length.above(100);
    expect(bare).to.deep.equal([]);
  });

  it('print help where the command is called without arguments, and touch no store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bare-'));
    try {
      const child = startNode(join(ROOT, 'bin/holdfast.js'), [], { cwd: folder, env: { HOLDFAST_URL: `sqlite:${folder}/x.db` } });
      expect(await child.ended).to.deep.equal({ code: 0, signal: null });
      expect(child.out).to.match(/^Usage: holdfast /);
      expect(['seed', 'stats', 'copy', 'backup'].filter((command) => !child.out.includes(command))).to.deep.equal([]);
      expect(child.err).to.equal('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('are not built, and fail no install, without the tools of development', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-production-'));
    try {
      await cp(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
      await cp(join(ROOT, 'index.js'), join(folder, 'index.js'));
      const prepared = startNode(join(folder, 'bin/prepare.js'), [], { cwd: folder });
      expect([(await prepared.ended).code, prepared.err]).to.deep.equal([0, 'holdfast: without its devDependencies nothing is built\n']);
      const started = startNode(join(folder, 'index.js'), [], { cwd: folder });
      expect([(await started.ended).code, started.err]).to.deep.equal([69, 'Holdfast is not built yet: run npm ci\n']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('name no script of the checkout where users read commands, but for those said to be of a checkout', async () => {
    for (const page of ['docs/operations.md', 'docs/recipes.md', 'docs/reference.md', 'docs/backup.md'])
      expect(await read(page)).not.to.match(/npm run (copy|seed|stats)/);
  });
});
