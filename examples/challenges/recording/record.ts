import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { animate } from './animate';
import { Screen } from './screen';

/** Records `npm run challenges -- --kill` as an animated SVG: `npm run record:challenges -- docs/images/challenges.svg`. */
async function record(file: string, given: readonly string[]): Promise<number> {
  const screen = new Screen();
  const began = performance.now();
  const now = (): number => (performance.now() - began) / 1_000;
  screen.write(`$ npm run challenges -- ${given.join(' ')}\n`, 0);
  const demo = spawn(process.execPath, [join(__dirname, '../demo.js'), ...given, '--live'], { stdio: ['ignore', 'pipe', 'inherit'] });
  demo.stdout.setEncoding('utf8').on('data', (text: string) => screen.write(withoutFolder(text), now()));
  const [code] = (await once(demo, 'exit')) as [number];
  writeFileSync(file, animate(screen.lines, screen.rows, now()));
  return code;
}

/** A picture tells nothing of the machine that it was made on. */
const withoutFolder = (text: string): string => text.replace(/ The journals are in \S+/, '').replace(/\/tmp\/\S+/g, '…');

const [file = 'docs/images/challenges.svg', ...given] = process.argv.slice(2);
void record(file, given.length > 0 ? given : ['--kill']).then((code) => process.exit(code));
