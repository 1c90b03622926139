import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

const FLOORS = ['constants', 'config', 'modules', 'classes'];

/** The floors with rooms. */
const DIVIDED = ['modules', 'classes'] as const;

/** The test folders that are not rooms: each holds one kind of test. */
const KINDS = [
  'bench',
  'contract',
  'dashboard',
  'documents',
  'examples',
  'failover',
  'fixtures',
  'packaging',
  'processes',
  'specification',
  'support',
];

type Rooms = Readonly<Record<(typeof DIVIDED)[number], readonly (string | readonly string[])[]>>;

const foldersIn = (path: string): string[] =>
  readdirSync(join(ROOT, path), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

const filesIn = (path: string): string[] =>
  readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(path, file));

/** Returns the files of the project that a file imports, type imports included. */
const importsOf = (file: string): string[] =>
  ts
    .preProcessFile(readFileSync(join(ROOT, file), 'utf8'))
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => `${relative(ROOT, resolve(ROOT, dirname(file), fileName))}.ts`);

/** Returns the first circle of imports, with its first file at both ends. It is empty if there is none. */
function circleOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const clear = new Set<string>();
  const follow = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (clear.has(file)) return [];
    for (const next of imports.get(file) ?? []) {
      const circle = follow(next, [...path, file]);
      if (circle.length > 0) return circle;
    }
    clear.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = follow(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

describe('The rooms of the code', () => {
  let rooms: Rooms;

  before(async () => {
    const config = (await import(pathToFileURL(join(ROOT, 'eslint.config.mjs')).href)) as { readonly ROOMS: Rooms };
    rooms = config.ROOMS;
  });

  it('import each other in no circle', () => {
    const imports = new Map(FLOORS.flatMap(filesIn).map((file) => [file, importsOf(file)]));
    expect(imports.get('classes/store/openStore.ts')).to.include.members(['classes/store/store.ts', 'config/optionTypes.ts']);
    const circle = circleOf(imports);
    expect(circle, circle.join(' imports ')).to.deep.equal([]);
  });

  for (const floor of DIVIDED) {
    it(`are the folders of ${floor}/: the linter has all of them in order, and docs/architecture.md tells of each`, () => {
      expect(rooms[floor].flat()).to.have.members(foldersIn(floor));
      const page = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8');
      const untold = foldersIn(floor).filter((room) => !page.includes(`\`${room}/\``));
      expect(untold).to.deep.equal([]);
    });
  }

  it('give their names to the folders of tests, beside those of the kinds of proof', () => {
    const known = [...DIVIDED.flatMap((floor) => rooms[floor].flat()), ...KINDS];
    expect(known).to.include.members(foldersIn('test'));
  });
});

describe('A circle of imports', () => {
  it('is told from its first file to the same file', () => {
    expect(
      circleOf(
        new Map([
          ['a', ['b', 'd']],
          ['b', ['c']],
          ['c', ['d', 'b']],
          ['d', []],
        ]),
      ),
    ).to.deep.equal(['b', 'c', 'b']);
    expect(circleOf(new Map([['a', ['a']]]))).to.deep.equal(['a', 'a']);
    expect(circleOf(new Map([['a', ['b']]]))).to.deep.equal([]);
  });
});
