import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

/** Where the examples stand: beside the modules of the reader's that they import. */
const FOLDER = join(ROOT, 'test', 'fixtures', 'yours');

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const documents = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`)].filter((path) => path.endsWith('.md'));

/** The blocks of code of a page. */
const blocksOf = (page: string): string[] => [...page.matchAll(/^```(?:ts|js)\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** The programs of a page: its blocks in order, as one goes on from those before it; a block that imports openStore begins another. */
const programsOf = (page: string): string[] =>
  blocksOf(page).reduce<string[]>((programs, block) => {
    const goesOn = programs.length > 0 && !/^import .*\bopenStore\b/m.test(block);
    return goesOn ? [...programs.slice(0, -1), `${programs.at(-1)}${block}`] : [...programs, block];
  }, []);

/** What the compiler has against programs, by their names. */
function faultsOf(programs: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.Node20,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.es2024.string.d.ts'],
    strict: true,
    exactOptionalPropertyTypes: true,
    esModuleInterop: true,
    noEmit: true,
    types: ['node'],
    paths: { holdfast: [join(ROOT, 'index.ts')] },
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => programs.has(file) || disk.fileExists(file),
    readFile: (file) => programs.get(file) ?? disk.readFile(file),
    getSourceFile: (file, settings, ...rest) => {
      const text = programs.get(file);
      return text === undefined ? disk.getSourceFile(file, settings, ...rest) : ts.createSourceFile(file, text, settings);
    },
  };
  const program = ts.createProgram([...programs.keys()], options, host);
  return [...programs.keys()].flatMap((name) => {
    const file = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ messageText, start = 0 }) => {
      const line = file?.text.slice(0, start).split('\n').length;
      return `${name.slice(FOLDER.length + 1)}, line ${line} of the blocks: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

describe('The examples', () => {
  it('of the documents compile, each block after those before it', function () {
    this.timeout(120_000);
    const programs = documents.flatMap((path) =>
      programsOf(read(path)).map((code, index) => [join(FOLDER, `${path.replace('/', '-')}.${index}.mts`), code] as const),
    );
    expect(programs).to.have.length.above(2);
    expect(faultsOf(new Map(programs))).to.deep.equal([]);
  });
});
