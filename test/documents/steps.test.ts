import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endChildren, endOf, startNode } from '../fixtures/children';
import { forEachStore, forSqlite } from '../support/stores';

/** The root of the checkout, seen from the compiled tests. */
const ROOT = join(__dirname, '..', '..', '..');

const page = readFileSync(join(ROOT, 'docs/steps.md'), 'utf8');

forSqlite('The page of steps', (files) => {
  afterEach(endChildren);

  forEachStore('has a workflow', (opening) => {
    it('that prints what the page says', async () => {
      const [, code = ''] = /^```javascript\n(.*?)^```$/ms.exec(page) ?? [];
      const [, ...lines] = /^It prints two lines: `(.*)` and `(.*)`\.$/m.exec(page) ?? [];
      const modules = join(files.folder, 'node_modules');
      mkdirSync(modules);
      symlinkSync(ROOT, join(modules, 'holdfast'));
      const script = join(files.folder, 'orders.cjs');
      writeFileSync(script, code);
      const child = startNode(script, [], { cwd: files.folder, env: { HOLDFAST_URL: opening.url } });
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      expect(child.out.trim().split('\n')).to.deep.equal(lines);
    });
  });
});
