import { expect } from 'chai';
import { endChildren, endOf } from '../fixtures/children';
import { forEachStore, forSqlite } from '../support/stores';
import { pageAt, startScript } from './pageProgram';

const page = pageAt('docs/follow-ups.md');

forSqlite('The page of follow-ups', (files) => {
  afterEach(endChildren);

  forEachStore('has a program', (opening) => {
    it('that prints what the page says', async () => {
      const [, code = ''] = /^```javascript\n(.*?)^```$/ms.exec(page) ?? [];
      const [, line = ''] = /^It prints one line: `(.*)`\.$/m.exec(page) ?? [];
      const child = startScript({ folder: files.folder, code, env: { HOLDFAST_URL: opening.url } });
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      expect(child.out.trim()).to.equal(line);
    });
  });
});
