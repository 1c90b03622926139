import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
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

/**
 * Returns the packages that a program loads, without Holdfast and what measures coverage, which loads itself into every process.
 *
 * What measures coverage prepares a file, with libraries of its own, where no process has loaded it before. So the program runs once
 * before it is measured.
 */
async function packagesOfBy(program: string): Promise<string[]> {
  await loadedBy(program);
  const beside = new Set([...packagesOf(await loadedBy('')), 'holdfast']);
  return packagesOf(await loadedBy(program)).filter((name) => !beside.has(name));
}

/** A program in a process that finds none of the optional peers. */
const withoutPeers = (program: string): string => `
  const Module = require('node:module');
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (name, ...rest) {
    if (!['undici', 'ipaddr.js', 'cockatiel', 'nodemailer', 'handlebars'].includes(name)) return resolve.call(this, name, ...rest);
    throw Object.assign(new Error(\`Cannot find module '\${name}'\`), { code: 'MODULE_NOT_FOUND' });
  };
  try { ${program} } catch (error) { console.log(error.message) }`;

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

  it('loads no library of HTTP and mail tasks before a client is made', async () => {
    expect(await packagesOfBy("require('./index'); require('./classes/http/http'); require('./classes/mail/mail')")).to.have.members([
      '@pinojs/redact',
    ]);
    const files = await packagesOfBy(`
      const { httpClient } = require('./classes/http/http');
      const { mailClient } = require('./classes/mail/mail');
      httpClient();
      mailClient({ smtp: 'smtp://127.0.0.1', from: 'a@example.org', templates: { a: { subject: '', text: '' } } })`);
    expect(files).to.include.members(['undici', 'ipaddr.js', 'cockatiel', 'nodemailer', 'handlebars']);
  });

  it('loads nothing else of itself for the client of the broker, and no package', async () => {
    const files = await loadedBy("require('./classes/client/client')");
    const beside = new Set(await loadedBy(''));
    const own = files.filter((file) => !beside.has(file)).map((file) => relative(BUILD, file).replaceAll('\\', '/'));
    expect(own).to.include('classes/client/brokerClient.js');
    expect(own.filter((file) => !/^(classes|modules)\/client\//.test(file))).to.deep.equal([]);
  });

  for (const [program, command] of [
    ["require('./classes/http/http').httpClient()", 'npm install undici@7 ipaddr.js@2 cockatiel@3'],
    [
      "require('./classes/mail/mail').mailHandler({ smtp: 'smtp://a', from: 'a@b.c', templates: { a: { subject: '', text: '' } } })",
      'npm install nodemailer@10 handlebars@4',
    ],
  ] as const) {
    it(`says ${command} where the libraries are missing`, async () => {
      const { stdout } = await run(process.execPath, ['-e', withoutPeers(program)], { cwd: BUILD });
      expect(stdout).to.include('HOLDFAST_PEER_MISSING').and.include(command);
    });
  }

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
