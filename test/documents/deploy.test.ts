import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Command } from 'commander';
import { parseAllDocuments } from 'yaml';
import { makeProgram } from '../../classes/cli/runner';
import { newToken, startServer } from '../../classes/server/server';
import { openStore } from '../../classes/store/openStore';
import { endChildren, startNode } from '../fixtures/children';
import { eventually } from '../support/eventually';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..', '..');
const FOLDER = join(ROOT, 'docs', 'deploy');

const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

interface Compose {
  readonly services: Readonly<Record<string, { readonly image: string; readonly command: string[] }>>;
}

interface Manifest {
  readonly spec: {
    readonly template?: { readonly spec: { readonly enableServiceLinks: boolean; readonly containers: readonly { readonly args: string[] }[] } };
  };
}

/** Reads a file of YAML documents. A key that stands twice, and the like, is a fault. */
function yamlOf<Document>(file: string): Document[] {
  const documents = parseAllDocuments(read(file), { merge: true });
  if (!Array.isArray(documents)) throw new Error('no document');
  for (const { errors, warnings } of documents) expect([...errors, ...warnings].map(String), file).to.deep.equal([]);
  return documents.map((document) => document.toJS() as Document);
}

/** Returns the instructions of the Dockerfile, with continued lines as one. */
const instructions = (): string[][] =>
  read('Dockerfile')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);

/** Returns the last value of an instruction, which for these is a command in JSON. */
const commandOf = (name: string): string[] => {
  const [, text = ''] = instructions().findLast(([instruction]) => instruction === name) ?? [];
  return JSON.parse(text.slice(text.indexOf('['))) as string[];
};

/** The command lines that the files give. */
function commandLines(): string[][] {
  const services = yamlOf<Compose>('compose.yaml').flatMap((compose) => Object.values(compose.services));
  const containers = yamlOf<Manifest>('kubernetes.yaml').flatMap(({ spec }) => spec.template?.spec.containers ?? []);
  const units = ['holdfast-server.service', 'holdfast-worker.service'].map((file) => /^ExecStart=.*bin\/holdfast\.js (.*)$/m.exec(read(file))?.[1]);
  return [
    commandOf('CMD'),
    ...services.filter(({ image }) => image === 'holdfast').map(({ command }) => command),
    ...containers.map(({ args }) => args),
    ...units.map((line = '') => line.split(' ')),
  ];
}

const longsOf = ({ options }: Command): (string | undefined)[] => options.map(({ long }) => long ?? undefined);

describe('The files of docs/deploy', () => {
  afterEach(endChildren);

  it('name commands and flags that there are', () => {
    const program = makeProgram('all', () => undefined);
    const lines = commandLines();
    expect(lines.map(([name]) => name).sort()).to.deep.equal(['server', 'server', 'server', 'server', 'server', 'worker', 'worker']);
    for (const [name, ...words] of lines) {
      const command = program.commands.find((each) => each.name() === name) as Command;
      expect(longsOf(command)).to.include.members(words.filter((word) => word.startsWith('--')));
    }
  });

  it('name variables that there are', () => {
    const known = readFileSync(join(ROOT, 'docs', 'reference.md'), 'utf8');
    const files = ['Dockerfile', 'compose.yaml', 'holdfast-server.service', 'holdfast-worker.service', 'kubernetes.yaml', 'README.md'];
    const named = new Set(files.flatMap((file) => read(file).match(/HOLDFAST_[A-Z_]+/g) ?? []));
    expect([...named].filter((name) => !known.includes(name))).to.deep.equal([]);
    expect(named.size).to.be.above(5);
  });

  it('have probes that a broker with tokens answers, whatever the host is called', async () => {
    const store = await openStore('sqlite::memory:');
    const server = await startServer({ store, port: 0, tokens: [{ name: 'a', hash: newToken().hash }] });
    try {
      const probed = [...read('kubernetes.yaml').matchAll(/httpGet: \{ path: ([^,]+), port: http \}/g)].map(([, path]) => path);
      expect(probed).to.deep.equal(['/livez', '/livez', '/readyz']);
      for (const path of probed) expect((await fetch(`${server.url}${path}`, { headers: { host: '10.0.0.7' } })).status, path).to.equal(200);
      const [node = '', ...given] = commandOf('HEALTHCHECK');
      expect(node).to.equal('node');
      const check = (port: number) => run(process.execPath, given, { env: { ...process.env, HOLDFAST_PORT: String(port) } });
      await check(server.port);
      await server.close();
      expect(await check(server.port).catch((error: unknown) => (error as { readonly code: number }).code)).to.equal(1);
    } finally {
      await server.close();
      await store.close();
    }
  });

  it('have an image of no root, whose first process is Node.js and ends at SIGTERM', async () => {
    expect(instructions().filter(([name]) => name === 'USER')).to.deep.equal([['USER', 'node']]);
    const [node, file = ''] = commandOf('ENTRYPOINT');
    expect([node, file]).to.deep.equal(['node', '/app/node_modules/holdfast/bin/holdfast.js']);
    const variables = instructions().flatMap(([name, text = '']) => (name === 'ENV' ? text.split(' ') : []));
    const env = Object.fromEntries(variables.map((each) => each.split('=') as [string, string]).filter(([name]) => name.startsWith('HOLDFAST_')));
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-deploy-'));
    try {
      const start = (more: Record<string, string> = {}) =>
        startNode(join(ROOT, file.slice(file.indexOf('bin/'))), commandOf('CMD'), {
          cwd: folder,
          env: { ...env, HOLDFAST_URL: `sqlite:${folder}/x.db`, HOLDFAST_PORT: '0', NODE_ENV: 'production', ...more },
        });
      const open = start();
      expect((await open.ended).code).not.to.equal(0);
      expect(open.err).to.include('HOLDFAST_SERVER_OPEN');
      await writeFile(join(folder, 'tokens.json'), JSON.stringify({ tokens: [{ name: 'a', hash: newToken().hash }] }));
      const broker = start({ HOLDFAST_TOKENS_FILE: join(folder, 'tokens.json') });
      await eventually('it listens', () => `${broker.out}${broker.err}`.includes('listens'), 30_000);
      broker.kill('SIGTERM');
      expect(await broker.ended).to.deep.equal({ code: 0, signal: null });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keep the variables of a service in Kubernetes away from those of Holdfast', () => {
    const pods = yamlOf<Manifest>('kubernetes.yaml').flatMap(({ spec }) => (spec.template ? [spec.template.spec] : []));
    expect(pods.map(({ enableServiceLinks }) => enableServiceLinks)).to.deep.equal([false, false]);
  });

  it('give whoever is stopped longer than it takes', () => {
    const seconds = [
      ...['holdfast-server.service', 'holdfast-worker.service'].map((file) => /^TimeoutStopSec=(\d+)$/m.exec(read(file))?.[1]),
      ...[...read('kubernetes.yaml').matchAll(/terminationGracePeriodSeconds: (\d+)/g)].map(([, found]) => found),
      /broker: &broker[^]*?stop_grace_period: (\d+)s/.exec(read('compose.yaml'))?.[1],
    ];
    expect(seconds).to.have.lengthOf(5);
    for (const each of seconds) expect(Number(each)).to.be.at.least(40);
  });

  it('have units that systemd reads without a word', function () {
    const { error, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...['server', 'worker'].map((name) => join(FOLDER, `holdfast-${name}.service`))], { encoding: 'utf8' }); // prettier-ignore
    if (error) return expect(read('holdfast-server.service')).to.include('[Service]');
    // The program is not installed here, and a machine may have faults in units of its own.
    const told = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('holdfast') && !/is not executable|No such file/.test(line));
    expect(told).to.deep.equal([]);
  });
});
