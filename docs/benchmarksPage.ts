import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKS } from '../bench/works/all';
import { filledPage } from './filledPage';
import { table } from './reference';

/** Writes the table of works in docs/benchmarks.md. A test compares it with the code. */

const inCode = (name: string): string => `\`${name}\``;

/** Marks the names of other works as code. */
const meaningOf = (meaning: string): string =>
  meaning.replace(/\bas ([\w-]+)/g, (text, name: string) => (WORKS.some((work) => work.name === name) ? `as ${inCode(name)}` : text));

/** Returns the page with the current works. */
export const withWorks = (page: string): string =>
  filledPage(page, {
    works: table(
      ['work', 'what is measured'],
      WORKS.map(({ name, meaning }) => [inCode(name), meaningOf(meaning)]),
    ),
  });

if (require.main === module) {
  const path = join(__dirname, '..', '..', 'docs', 'benchmarks.md');
  writeFileSync(path, withWorks(readFileSync(path, 'utf8')));
}
