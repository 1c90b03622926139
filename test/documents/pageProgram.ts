import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

/** Returns the text of a page of the checkout. */
export const pageAt = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A program of a page, and where it runs. */
export interface PageProgram {
  /** An empty folder, which becomes the project of a user. */
  readonly folder: string;
  readonly code: string;
  /** The variables of its process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The packages that the project has beside Holdfast. */
  readonly packages?: readonly string[];
}

/** Starts a program in CommonJS, as a user does who has installed Holdfast. */
export const startScript = (program: PageProgram): Child => start('program.cjs', program);

/** Starts a program in TypeScript with ES modules. */
export function startModule({ code, ...rest }: PageProgram): Child {
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
  return start('program.mjs', { ...rest, code: outputText });
}

function start(name: string, { folder, code, env, packages = [] }: PageProgram): Child {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'holdfast'));
  for (const each of packages) symlinkSync(join(ROOT, 'node_modules', each), join(modules, each));
  const script = join(folder, name);
  writeFileSync(script, code);
  return startNode(script, [], { cwd: folder, env });
}
