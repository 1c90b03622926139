import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { STATE_MOVES } from '../../constants/states';
import { withWorks } from '../../docs/benchmarksPage';
import { withCommands } from '../../docs/cliPage';
import { withTables } from '../../docs/eventsPage';
import { withPatterns } from '../../docs/howToPage';
import { referencePage } from '../../docs/reference';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

/** Titles of tests and suites: the quoted text after `it(` and `describe(`. */
const TITLES = /\b(?:it|describe)\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g;
const HOLE = /\$\{[^}]*\}/;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Tells whether a source has a test of this title. The value of a `${…}` in a title must appear in the source as a text or a number. If a title
 * starts with `${…}`, the value may be the whole title.
 */
function hasTitle(source: string, named: string): boolean {
  const isText = (filling: string): boolean => source.includes(`'${filling}'`);
  const isNumber = (filling: string): boolean => /^\d+$/.test(filling) && new RegExp(`\\b${filling}\\b`).test(source);
  return [...source.matchAll(TITLES)].some(([, single, double, template = '']) => {
    if (named === (single ?? double)) return true;
    const parts = template.split(HOLE);
    const filled = new RegExp(`^${parts.map(escaped).join('(.+)')}$`).exec(named);
    return (
      (parts[0] === '' && parts.length > 1 && isText(named)) || (filled?.slice(1).every((filling) => isText(filling) || isNumber(filling)) ?? false)
    );
  });
}

/** Returns the tests that a page lists, each with the file at the end of its line. */
const namedTests = (page: string): { readonly name: string; readonly file: string }[] =>
  [...page.matchAll(/^- `.*$/gm)].flatMap(([line]) => {
    const file = /\((test\/[\w./]+\.ts)\)$/.exec(line)?.[1] ?? 'no file is named';
    return [...line.matchAll(/`([^`]{15,})`/g)].map(([, name = '']) => ({ name, file }));
  });

/** The pages in the package. */
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pagesIn('docs')];

function pagesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.md')).map((file) => join(folder, file));
}

/** What else the package has of the documents. */
const filesIn = (folder: string): string[] => readdirSync(join(ROOT, folder)).map((file) => join(folder, file));

const OTHERS = ['docs/openapi.json', ...filesIn(join('docs', 'images')), ...filesIn(join('docs', 'deploy'))];

/** Returns the files behind the relative links of a page. */
const linksOf = (page: string): string[] =>
  [...read(page).matchAll(/\]\(((?!https?:|#)[^)#\s]+)[^)]*\)/g)].map(([, link = '']) => join(dirname(page), link));

describe('The documents', () => {
  it('have a reference that says what the tables say: npx gulp docs writes it', () => {
    expect(read('docs', 'reference.md')).to.equal(referencePage());
  });

  it('have a page of events whose tables say what the tables in the code say', () => {
    const page = read('docs', 'events.md');
    expect(page).to.include('| `concurrency` | integer, 1 to 10000 | `10` |');
    expect(page).to.equal(withTables(page));
  });

  it('have a page of patterns that shows the files as they are: npx gulp docs writes it', () => {
    const page = read('docs', 'how-to-add-a-worker.md');
    expect(page).to.include("from './endTrials';");
    expect(page).to.equal(withPatterns(page));
  });

  it('have a page of the command line that says what the help says: npx gulp docs writes it', () => {
    const page = read('docs', 'cli.md');
    expect(page).to.include('### holdfast task list');
    expect(page.match(/^Examples:$/gm)).to.have.length(page.match(/^### holdfast /gm)?.length ?? 0);
    expect(page).to.equal(withCommands(page));
  });

  it('have a page of benchmarks whose table says what each work measures', () => {
    const page = read('docs', 'benchmarks.md');
    expect(page).to.include('| `drain-5ms` | as `drain`, each handler waits 5 ms |');
    expect(page).to.equal(withWorks(page));
  });

  it('name tests that exist behind each guarantee, in the file that is named', () => {
    const named = namedTests(read('docs', 'guarantees.md'));
    const missing = named.filter(({ name, file }) => !existsSync(join(ROOT, file)) || !hasTitle(read(file), name));
    expect(missing).to.deep.equal([]);
    expect(named).to.have.length.above(60);
  });

  it('link to nothing that the package does not have', () => {
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    expect(files).to.include.members(['docs/**/*.md', 'docs/images/*.svg', ...PAGES.filter((page) => !page.includes('/') && page !== 'README.md')]);
    const broken = PAGES.flatMap((page) => linksOf(page).map((link) => ({ page, link }))).filter(
      ({ link }) => ![...PAGES, ...OTHERS].includes(link) && !PAGES.some((page) => page.startsWith(link) && link.endsWith('/')),
    );
    expect(broken).to.deep.equal([]);
    expect(PAGES.flatMap(linksOf)).to.have.length.above(50);
  });

  it('draw the moves between states as the code allows them', () => {
    const arrows = [...read('docs', 'architecture.md').matchAll(/^ {2}(\S+) --> (\S+):/gm)].map(([, from = '', to = '']) => `${from} ${to}`);
    const moves = Object.entries(STATE_MOVES).flatMap(([from, all]) => all.map((to) => `${from} ${to === 'removed' ? '[*]' : to}`));
    expect([...new Set(arrows)]).to.have.members(['[*] waiting', ...moves]);
  });
});
