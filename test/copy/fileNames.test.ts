import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import { endChildren, runToEnd } from '../fixtures/children';
import { forSqlite } from '../support/stores';

forSqlite('a copy between files of odd names', (opening) => {
  afterEach(endChildren);

  it('takes two files whose names differ after a ? for two stores', async () => {
    const [from, to] = [1, 2].map((number) => `sqlite:${opening.folder}/a?${number}.db`) as [string, string];
    const source = await openStore(from);
    await new Queue(source, 'mail').add('welcome', {});
    await source.close();
    expect((await runToEnd(['copy', '--from', from, '--to', to])).out).to.include('Moved 1 task, ');
    expect((await readdir(opening.folder)).filter((name) => name.endsWith('.db')).sort()).to.deep.equal(['a?1.db', 'a?2.db']);
  });
});
