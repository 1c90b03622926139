import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

/** Measures the way of a task on SQLite in a process of its own, without the instruments of coverage. */
async function measuredTable(): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && !name.startsWith('NYC_')));
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'build', 'docs', 'taskWay.js'), 'sqlite::memory:'], { env });
  return stdout;
}

/** The table that the page has of one store. */
const writtenTable = (page: string, store: string): string => new RegExp(`<!-- table: way on ${store} -->([^]*?)<!-- end -->`).exec(page)?.[1] ?? '';

const filesIn = (table: string): string[] => [...table.matchAll(/`((?:classes|modules)\/[\w/.]+)`/g)].map(([, file = '']) => file).sort();

describe('The architecture', () => {
  const page = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8');

  it('names the files that the way of a task really takes: node build/docs/taskWay.js --write', async function () {
    this.timeout(120_000);
    const measured = filesIn(await measuredTable());
    expect(measured).to.have.length.above(10);
    expect(filesIn(writtenTable(page, 'SQLite'))).to.deep.equal(measured);
  });

  it('has the same table for MongoDB, with the adapter of MongoDB', () => {
    const files = filesIn(writtenTable(page, 'MongoDB'));
    expect(files).to.include.members(['classes/worker/executor.ts', 'classes/lease/recorder.ts', 'classes/mongo/mongoTaskStore.ts']);
    expect(files.join('\n')).to.not.include('/sqlite/');
  });
});
