import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import type { eventOptions, eventRetentionOptions, hubOptions, repeatOptions, scheduleOptions } from '../../config/eventOptions';
import type { listOptions } from '../../config/searchOptions';
import type { countOptions, purgeOptions, redriveOptions } from '../../config/bulkOptions';
import type * as tables from '../../config/options';
import type * as types from '../../config/optionTypes';
import type { ValueOf } from '../../config/schema';
import { COMMENTED, optionTypes, withComments } from '../../docs/optionTypes';
import type { EventArguments } from '../../modules/events/eventPlan';
import type { PayloadSchema } from '../../modules/events/payloadSchema';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');
const BUILD = join(ROOT, 'build');

const read = (...path: string[]): string => readFileSync(join(ROOT, ...path), 'utf8');

type Plain<T> = T extends (...given: never[]) => unknown ? T : T extends Date ? T : { readonly [Key in keyof T]: Plain<T[Key]> };
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

/** Compiles only if each type is that of its table. */
const SAME: [
  Same<types.Backoff, ValueOf<typeof tables.backoffOptions>>,
  Same<types.Retention, ValueOf<typeof tables.retentionOptions>>,
  Same<types.TaskOptions, ValueOf<typeof tables.taskOptions>>,
  Same<types.BatchOptions, ValueOf<typeof tables.batchOptions>>,
  Same<types.WorkerOptions, ValueOf<typeof tables.workerOptions>>,
  Same<types.StoreOptions, ValueOf<typeof tables.storeOptions>>,
  Same<types.ListOptions, ValueOf<typeof listOptions>>,
  Same<types.CountOptions, ValueOf<typeof countOptions>>,
  Same<types.PurgeOptions, ValueOf<typeof purgeOptions>>,
  Same<types.RedriveOptions, ValueOf<typeof redriveOptions>>,
  Same<types.ScheduleOptions, ValueOf<typeof scheduleOptions>>,
  Same<types.RepeatOptions, ValueOf<typeof repeatOptions>>,
  Same<types.EventRetention, ValueOf<typeof eventRetentionOptions>>,
  Same<types.HubOptions, ValueOf<typeof hubOptions>>,
  Same<keyof EventArguments<PayloadSchema, unknown>, keyof ValueOf<typeof eventOptions>>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

/** The mark stands before each option in a program that uses the published types. */
const MARK = '/**/';
const PROGRAM = `import { defineEvent, EventHub, openStore, Queue, Scheduler, Worker } from './index.js';
const store = await openStore({ /**/url: 'sqlite::memory:', /**/connection: undefined! });
const queue = new Queue<{ mail: { to: string } }>(store, 'mail');
const added = await queue.add('mail', { to: 'a' }, { /**/delayMs: 1, /**/uniqueKey: 'a', retention: { /**/succeededMs: 1 }, backoff: { type: 'fixed', /**/delayMs: 1 } });
added./**/added;
new Worker<{ mail: { to: string } }>(store, { /**/queues: ['mail'], /**/prefetch: 1, /**/leaseMs: 200, pollInterval: { /**/minMs: 1 }, /**/handlers: {} });
const event = defineEvent({ name: 'a', /**/schema: {}, /**/concurrency: 1, /**/process: () => 1, repeat: { payload: 1, /**/misfire: 'all' }, retry: { /**/maxRetries: 1 }, hooks: { /**/onDead: () => 1 } });
new EventHub(store, [event], { /**/signals: true, /**/logger: null });
await new Scheduler(store).upsert('a', { /**/queue: 'mail', /**/cron: '@daily', options: { /**/priority: 1 } });
await queue.list({ /**/limit: 1 });
store.events.on('task-dead', (told) => told.error./**/code);
export const told: import('./index.js').HoldfastEvents = { /**/'task-added': undefined!, ...({} as import('./index.js').HoldfastEvents) };
`;

/** Opens that program in an editor's language service, beside the published files. */
function openEditor(name: string): ts.LanguageService {
  const settings = { module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022, strict: true, exactOptionalPropertyTypes: true, types: ['node'] };
  return ts.createLanguageService({
    getCompilationSettings: () => settings,
    getScriptFileNames: () => [name],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const text = file === name ? PROGRAM : ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === name || ts.sys.fileExists(file),
    readFile: (file) => ts.sys.readFile(file),
    directoryExists: (folder) => ts.sys.directoryExists(folder),
    getDirectories: (folder) => ts.sys.getDirectories(folder),
  });
}

describe('The types of options', () => {
  it('say what the tables say: npx gulp types writes them', () => {
    expect(SAME).to.not.include(false);
    expect(read('config', 'optionTypes.ts')).to.equal(optionTypes());
  });

  it('that are written by hand have the comments of their tables: npx gulp types writes them', () => {
    for (const [path, interfaces] of Object.entries(COMMENTED)) expect(read(path)).to.equal(withComments(read(path), interfaces));
    expect(read('modules', 'events', 'eventPlan.ts')).to.include(
      '  /** Maximum number that run at once in this process. (integer, 1 to 10000; by default `10`) */\n  readonly concurrency',
    );
  });

  it('get the comments that are new, and lose those that are old', () => {
    const source = "export interface A {\n  /**\n   * Old.\n   */\n  readonly b?: {\n    c: 1;\n  };\n  /** By hand. */\n  d: 2;\n  'e-f': 3;\n}\n";
    const made = withComments(source, { A: { b: 'New: */ as @daily.', 'b.c': 'Within.', 'e-f': `${'x'.repeat(140)} long words` } });
    expect(made).to.equal(
      `export interface A {\n  /** New: *\\/ as \`@daily\`. */\n  readonly b?: {\n    /** Within. */\n    c: 1;\n  };\n  /** By hand. */\n  d: 2;\n` +
        `  /**\n   * ${'x'.repeat(140)} long\n   * words\n   */\n  'e-f': 3;\n}\n`,
    );
  });

  describe('as they are published', () => {
    const name = join(BUILD, 'hover.mts');
    const editor = openEditor(name);

    after(() => editor.dispose());

    it('show nothing of the inside of Holdfast', function () {
      this.timeout(120_000);
      const seen = ['const store', 'const queue', 'events'].map((text) => {
        const at = PROGRAM.indexOf(text) + text.length;
        return editor.getTypeDefinitionAtPosition(name, at - 1)?.map(({ fileName }) => ts.sys.readFile(fileName) ?? '') ?? [];
      });
      expect(seen.flat()).to.have.length(3);
      for (const declared of seen.flat()) expect(declared).to.not.match(/@internal|StoreParts|TaskStore/);
    });

    it('show in an editor what each option does', function () {
      this.timeout(120_000);
      const marks = [...PROGRAM.matchAll(/\/\*\*\/'?([\w-]+)/g)];
      const untold = marks.filter(({ index }) => {
        const { documentation } = editor.getQuickInfoAtPosition(name, index + MARK.length) ?? {};
        return ts.displayPartsToString(documentation) === '';
      });
      expect(untold.map(([, option]) => option)).to.deep.equal([]);
      const delay = editor.getQuickInfoAtPosition(name, PROGRAM.indexOf('delayMs'));
      expect(ts.displayPartsToString(delay?.documentation)).to.match(/^Delay before the task is due.*\(integer, 0 to \d+ ms\)$/s);
    });

    it('need the types of no library that a CommonJS program cannot have', function () {
      this.timeout(120_000);
      const program = editor.getProgram();
      const published = (program?.getSourceFiles() ?? []).filter(({ fileName }) => fileName.startsWith(`${BUILD}/`) && fileName !== name);
      expect(published).to.have.length.above(30);
      const faults = published.flatMap((file) => editor.getSemanticDiagnostics(file.fileName));
      expect(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).to.deep.equal([]);
      const importers = published.filter(({ text }) => text.includes("from 'typebox"));
      expect(importers.map(({ fileName }) => fileName)).to.deep.equal([]);
    });
  });
});
