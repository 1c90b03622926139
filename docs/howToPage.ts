import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filledPage } from './filledPage';

/** Writes the patterns and their tests into docs/how-to-add-a-worker.md. A test compares them with the files. */

const ROOT = join(__dirname, '..', '..');

const FOLDERS = ['examples/patterns', 'test/examples/patterns'];

/** The page shows a test beside its pattern. */
const shown = (code: string): string => `\`\`\`typescript\n${code.replace(/'(?:\.\.\/)+examples\/patterns\//, "'./").trimEnd()}\n\`\`\``;

const filesIn = (folder: string): [string, string][] =>
  readdirSync(join(ROOT, folder)).map((name) => [name, shown(readFileSync(join(ROOT, folder, name), 'utf8'))]);

/** Returns the page with the files as they are now. */
export const withPatterns = (page: string): string => {
  const isNamed = ([name]: [string, string]): boolean => page.includes(`<!-- table: ${name} -->`);
  return filledPage(page, Object.fromEntries(FOLDERS.flatMap(filesIn).filter(isNamed)));
};

if (require.main === module) {
  const path = join(ROOT, 'docs', 'how-to-add-a-worker.md');
  writeFileSync(path, withPatterns(readFileSync(path, 'utf8')));
}
