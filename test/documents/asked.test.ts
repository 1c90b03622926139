import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The rows of the page: what was asked for, what shows it, and why it is answered otherwise. */
const ROWS = read('docs/asked.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| asked for') && !line.startsWith('| ---'))
  .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')));

/** Returns the code in a text that looks like the file of a project. */
const filesIn = (text: string): string[] => [...text.matchAll(/`((?:[\w-]+\/)*[\w.-]+\.(?:ts|js|md|json))`/g)].map(([, file = '']) => file);

/** Returns the scripts of the commands in a text. */
const scriptsIn = (text: string): string[] => [...text.matchAll(/`npm (?:run )?([\w:]+)/g)].map(([, script = '']) => script);

describe('The page of what was asked for', () => {
  it('names files that exist, and commands that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const text = ROWS.flat().join('\n');
    expect(filesIn(text).length).to.be.above(60);
    expect(filesIn(text).filter((file) => !existsSync(join(ROOT, file)))).to.deep.equal([]);
    expect(scriptsIn(text).filter((script) => !(script in scripts))).to.deep.equal([]);
  });

  it('shows each row by a file or a command, or says that it is still to be built', () => {
    for (const [asked, shown = ''] of ROWS)
      expect(filesIn(shown).length + scriptsIn(shown).length > 0 || shown.includes('still to be built'), `${asked} is shown by: ${shown}`).to.equal(
        true,
      );
  });
});
