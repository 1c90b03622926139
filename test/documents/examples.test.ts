import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import * as holdfast from '../../index';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

/** The examples are compiled in this folder, beside the modules of the reader that they import. */
const FOLDER = join(ROOT, 'test', 'fixtures', 'yours');

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Returns the pages of a folder. */
const pagesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`);

const documents = ['README.md', ...pagesIn('docs')];
const apiPages = [...pagesIn('docs/api'), ...pagesIn('docs/api/classes')];

/** Returns the blocks of code of a page. */
const blocksOf = (page: string): string[] => [...page.matchAll(/^```(?:ts|js)\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** Returns the programs of a page. Blocks in sequence make one program; a block that imports openStore starts another. */
const programsOf = (page: string): string[] =>
  blocksOf(page).reduce<string[]>((programs, block) => {
    const goesOn = programs.length > 0 && !/^import .*\bopenStore\b/m.test(block);
    return goesOn ? [...programs.slice(0, -1), `${programs.at(-1)}${block}`] : [...programs, block];
  }, []);

/** The lines before each example of a doc comment. */
const PRELUDE = `import { ${Object.keys(holdfast).join(', ')} } from 'holdfast';
import type { DeclaredEvent, ReceivedMessage, Store, TaskContext } from 'holdfast';
import * as winston from 'winston';
import { createLogger, format } from 'winston';
import type { Connection } from 'mongoose';
import { Type } from 'typebox';
import { sendWelcome } from './mailer.js';
type Tasks = { welcome: { to: string }; 'welcome-file': { file: string }; index: string; resize: { url: string } };
declare const store: Store, connection: Connection;
declare const mail: Queue<Tasks>, worker: Worker<Tasks>, scheduler: Scheduler, hub: EventHub, signUp: DeclaredEvent<{ to: string }, string>;
declare const payment: typeof signUp, payload: { to: string; url: string };
declare const { signal, log, progress, extend, snooze, release, add, step, sleepFor, sleepUntil, waitForSignal }: TaskContext;
declare const bank: { charge(customer: string, options: object): Promise<{ id: string }> };
declare const broker: Broker, message: ReceivedMessage, messages: ReceivedMessage[], receipt: string;
declare const id: string, addresses: string[], page: number, pages: number, license: { isFree: boolean };
declare const logger: winston.Logger, metrics: { count(name: string, labels: object): void };
declare const search: { indexAll(pages: string[]): Promise<(Error | undefined)[]> };
declare const saveWhatIsDone: () => Promise<void>, upload: (payload: unknown) => Promise<string>, index: (page: string) => unknown;
declare const isReady: (payload: unknown) => Promise<boolean>, timer: (name: string) => () => void;
declare const resize: (picture: { url: string }, options: { signal: AbortSignal }) => Promise<void>;
`;

/** Returns the examples of doc comments in docs/api, each as a program. */
const exampleProgramsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ Example\n\n```ts\n(.*?)^```$/gms)].map(([, code = '']) => `${PRELUDE}void (async () => {\n${code}});\n`);

/** Compiles programs, given by their names, and returns the errors. */
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
    paths: {
      holdfast: [join(ROOT, 'index.ts')],
      'holdfast/client': [join(ROOT, 'classes', 'client', 'client.ts')],
      'holdfast/http': [join(ROOT, 'classes', 'http', 'http.ts')],
      'holdfast/mail': [join(ROOT, 'classes', 'mail', 'mail.ts')],
      'holdfast/server': [join(ROOT, 'classes', 'server', 'server.ts')],
      'holdfast/testing': [join(ROOT, 'classes', 'testing', 'testing.ts')],
    },
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
  const named = (path: string, programs: readonly string[]): [string, string][] =>
    programs.map((code, index) => [join(FOLDER, `${path.replace(/\//g, '-')}.${index}.mts`), code]);
  const inDocuments = documents.flatMap((path) => named(path, programsOf(read(path))));
  const inComments = apiPages.flatMap((path) => named(path, exampleProgramsOf(read(path))));
  let faults: string[];

  before(function () {
    this.timeout(120_000);
    faults = faultsOf(new Map([...inDocuments, ...inComments]));
  });

  it('of the documents compile, each block after those before it', () => {
    expect(inDocuments).to.have.length.above(2);
    expect(faults.filter((fault) => !fault.startsWith('docs-api-'))).to.deep.equal([]);
  });

  it('of the doc comments compile', () => {
    expect(inComments).to.have.length.above(50);
    expect(faults.filter((fault) => fault.startsWith('docs-api-'))).to.deep.equal([]);
  });
});
