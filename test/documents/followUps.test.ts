import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, endOf, startNode } from '../fixtures/children';
import { forEachStore, forSqlite } from '../support/stores';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

const page = readFileSync(join(ROOT, 'docs/follow-ups.md'), 'utf8');

forSqlite('The page of follow-ups', (files) => {
  afterEach(endChildren);

  forEachStore('has a program', (opening) => {
    it('that prints what the page says', async () => {
      const [, code = ''] = /^```javascript\n(.*?)^```$/ms.exec(page) ?? [];
      const [, line = ''] = /^It prints one line: `(.*)`\.$/m.exec(page) ?? [];
      const modules = join(files.folder, 'node_modules');
      mkdirSync(modules);
      symlinkSync(ROOT, join(modules, 'holdfast'));
      const script = join(files.folder, 'orders.cjs');
      writeFileSync(script, code);
      const child = startNode(script, [], { cwd: files.folder, env: { HOLDFAST_URL: opening.url } });
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      expect(child.out.trim()).to.equal(line);
    });
  });
});
