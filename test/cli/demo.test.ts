import { expect } from 'chai';
import { endChildren, endOf, RUNNER, startNode } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forSqliteFirst } from '../support/stores';

forSqliteFirst('npm start', (opening) => {
  afterEach(endChildren);

  it('says what it added and why some fail, sums up instead of warning, says when it idles, and ends with 0', async () => {
    const child = startNode(RUNNER, ['--demo'], { env: { HOLDFAST_URL: opening.url } });
    await eventually('it idles', () => child.out.includes('Idle, waiting for tasks'));
    expect(child.out).to.match(/ - info: \[index\] Added 100 demo tasks: .*made to fail every time.*three times/);
    expect(child.out).to.match(/Idle, waiting for tasks; \d\d have succeeded, \d\d failed three times and are kept as dead, most of them made to/);
    expect(child.out).not.to.match(/ - (warn|error): /);
    expect(child.out.match(/Idle/g)).to.have.length(1);
    child.kill('SIGINT');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
  });
});
