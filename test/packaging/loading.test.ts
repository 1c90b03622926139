import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const BUILD = join(__dirname, '..', '..');

/** Runs a program in a Node.js that refuses to load an ES module by `require`, as Jest and older versions do. */
async function loadedBy(program: string): Promise<string[]> {
  const tell = 'process.stdout.write(JSON.stringify(Object.keys(require.cache)))';
  const script = `(async () => { ${program}; ${tell}; })()`;
  const { stdout } = await run(process.execPath, ['--no-experimental-require-module', '--no-warnings', '-e', script], { cwd: BUILD });
  return JSON.parse(stdout) as string[];
}

const packagesOf = (files: readonly string[]): string[] => [
  ...new Set(files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'holdfast')),
];

/** Returns the packages that a program loads, without Holdfast and what measures coverage, which loads itself into every process. */
async function packagesOfBy(program: string): Promise<string[]> {
  const beside = new Set([...packagesOf(await loadedBy('')), 'holdfast']);
  return packagesOf(await loadedBy(program)).filter((name) => !beside.has(name));
}

describe('The package', () => {
  it('is loaded by require without an ES module, with both stores, the log, a schema and the tools for tests', async () => {
    const files = await loadedBy(`
      const { openStore, defineEvent, EventHub, Scheduler, logEvents, redactFormat } = require('./index');
      const { testStore } = require('./classes/testing/testing');
      require('./classes/mongo/mongoDatabase');
      const store = await openStore('sqlite::memory:');
      logEvents(store.events);
      redactFormat();
      for (const dialect of ['2019-09', '2020-12']) defineEvent({ name: 'a', schema: { $schema: 'https://json-schema.org/draft/' + dialect + '/schema' }, process: () => 1 });
      await new Scheduler(store).upsert('nightly', { queue: 'mail', cron: '@daily' });
      await store.close()`);
    expect(packagesOf(files)).to.include.members(['holdfast', 'mongoose', 'winston', 'ajv', 'ajv-formats', 'croner']);
  });

  it('is loaded with nothing but itself and what removes secrets', async () => {
    expect(await packagesOfBy("require('./index')")).to.have.members(['@pinojs/redact']);
  });

  it('loads what a program does not use only when it is used', async () => {
    const packages = await packagesOfBy(`
      const { openStore, Queue, Worker } = require('./index');
      const store = await openStore('sqlite::memory:');
      await new Queue(store, 'mail').add('welcome', {});
      await new Worker(store, { queues: ['mail'], handlers: { welcome: () => 1 } }).drain();
      await store.close()`);
    for (const late of ['winston', 'mongoose', 'ajv-formats', 'commander', 'croner']) expect(packages).to.not.include(late);
  });
});
