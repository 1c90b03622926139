import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { withTables } from '../../docs/eventsPage';
import { referencePage } from '../../docs/reference';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

const testSources = (): string =>
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read('test', file))
    .join('\n');

describe('The documents', () => {
  it('have a reference that says what the tables say: npx gulp docs writes it', () => {
    expect(read('docs', 'reference.md')).to.equal(referencePage());
  });

  it('have a page of events whose tables say what the tables in the code say', () => {
    const page = read('docs', 'events.md');
    expect(page).to.include('| `concurrency` | integer, 1 to 10000 | `10` |');
    expect(page).to.equal(withTables(page));
  });

  it('name tests that exist behind each guarantee', () => {
    const sources = testSources().replace(/\$\{title\}/g, 'under load');
    const named = [...read('docs', 'guarantees.md').matchAll(/^- (.*)$/gm)].flatMap(([, line = '']) => [...line.matchAll(/`([^`]{15,})`/g)]);
    const missing = named.map(([, name = '']) => name).filter((name) => !sources.includes(name));
    expect(named).to.have.length.above(20);
    expect(missing).to.deep.equal([]);
  });

  it('name files that exist', () => {
    const files = [...read('docs', 'architecture.md').matchAll(/^ {2,4}([a-zA-Z]+\.ts) /gm)].map(([, file = '']) => file);
    const known = ['classes', 'config', 'constants', 'modules'].flatMap((folder) => readdirSync(join(ROOT, folder)));
    expect(files).to.have.length.above(20);
    expect(files.filter((file) => !known.includes(file))).to.deep.equal([]);
  });
});
