import { expect } from 'chai';
import { endChildren, endOf } from '../fixtures/children';
import { forEachStore, forSqlite } from '../support/stores';
import { pageAt, startScript } from './pageProgram';

const page = pageAt('docs/steps.md');

forSqlite('The page of steps', (files) => {
  afterEach(endChildren);

  forEachStore('has a workflow', (opening) => {
    it('that prints what the page says', async () => {
      const [, code = ''] = /^```javascript\n(.*?)^```$/ms.exec(page) ?? [];
      const [, ...lines] = /^It prints two lines: `(.*)` and `(.*)`\.$/m.exec(page) ?? [];
      const child = startScript({ folder: files.folder, code, env: { HOLDFAST_URL: opening.url } });
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      expect(child.out.trim().split('\n')).to.deep.equal(lines);
    });
  });
});
