import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { mongo } from '../support/hooks';
import { Consumer } from './consumer';

/** What a program does that is typed by the Node.js types of another version than those that Holdfast was built with. */
const TYPED = `import { openStore, type SqliteConnection } from 'holdfast';
import { DatabaseSync } from 'node:sqlite';
const database = new DatabaseSync(':memory:');
export const connection: SqliteConnection = database;
export const store = openStore(database);
export const other = openStore({ connection: database });
`;

/** A program that only speaks to a broker, with the types of the package checked as well. */
const CLIENT = `import { BrokerClient, BrokerError, type BrokerErrorCode } from 'holdfast/client';
const client = new BrokerClient({ url: 'http://127.0.0.1:9324' });
export const { id } = await client.send('mail', { body: 1, delaySeconds: 5 });
export const code: BrokerErrorCode = 'queue_unknown';
for await (const message of client.consume('mail', { concurrency: 20 })) {
  const at: Date = message.visibleAt;
  if (at > new Date()) await message.ack().catch((error: unknown) => error instanceof BrokerError);
}
`;

describe('The packed package', function () {
  this.timeout(180_000);
  let consumer: Consumer;

  before(async function () {
    try {
      consumer = await Consumer.install();
    } catch (error) {
      const why = (error as Error).message.split('\n').slice(0, 3).join(' ');
      if (process.env['HOLDFAST_REQUIRE_PACKAGING'] === '1') throw new Error(`HOLDFAST_REQUIRE_PACKAGING is set, but npm cannot install: ${why}`);
      process.stdout.write(`tests of the packed package skipped: ${why}\n`);
      this.skip();
    }
    const server = mongo()?.uri(`packaging_${process.pid}`);
    consumer.urls = [`sqlite:${join(consumer.folder, 'store.db')}`, ...(server ? [server] : [])];
  });

  after(() => consumer?.remove());

  it('runs a task on both stores in Jest, without settings', () => consumer.run('node_modules/jest/bin/jest.js', '--silent'));

  for (const pool of ['forks', 'threads', 'vmThreads']) {
    it(`runs a task on both stores in Vitest, in the pool ${pool}`, () =>
      consumer.run('node_modules/vitest/vitest.mjs', 'run', '--globals', `--pool=${pool}`));
  }

  for (const [how, bundle] of [
    ['esbuild-cjs', 'esbuild-cjs.cjs'],
    ['esbuild-esm', 'esbuild-esm.mjs'],
    ['webpack', 'webpack.cjs'],
  ] as const) {
    it(`runs a task on both stores from a bundle of ${how}`, async () => {
      await consumer.run('bundle.js', how);
      await consumer.run(bundle);
    });
  }

  it('refuses the schemas of libraries from before Standard Schema', async () => {
    const codes = JSON.parse(await consumer.run('schemas.js')) as unknown;
    const refused = 'HOLDFAST_OPTION_INVALID';
    expect(codes).to.deep.equal({ zod: refused, joi: refused, yup: refused });
  });

  /** Returns what the compiler says of a program. */
  async function faultsIn(text: string, types: string, skipLibCheck: boolean): Promise<string[]> {
    const file = await consumer.write('typed.mts', text);
    const program = ts.createProgram([file], {
      module: ts.ModuleKind.Node16,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      skipLibCheck,
      noEmit: true,
      types: [types],
      typeRoots: [join(consumer.folder, 'node_modules')],
    });
    return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  for (const types of ['types-node-old', 'types-node-new']) {
    it(`takes a DatabaseSync as ${types} declare it`, async () => {
      expect(await faultsIn(TYPED, types, true)).to.deep.equal([]);
    });
  }

  it('has a client whose types need no others', async () => {
    expect(await faultsIn(CLIENT, 'types-node-new', false)).to.deep.equal([]);
  });
});
