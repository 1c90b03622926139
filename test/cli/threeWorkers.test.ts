import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import { endChildren, endOf, RUNNER, startNode } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';

const ITERATION = / - info: \[index\] Iteration took \d+\.\d{3} seconds \(\d+ claimed/;

/** The tasks that the lines of a worker tell, those of lines that were summed up too. */
const claimedIn = (out: string): number => (out.match(/\d+(?= claimed)/g) ?? []).reduce((sum, count) => sum + Number(count), 0);

forEachStore('node index.js without arguments', (opening) => {
  afterEach(endChildren);

  it('starts a worker, and three on one store share its tasks, each printing its iterations', async () => {
    const queue = new Queue<DemoTasks>(await opening.open(), 'demo');
    const children = [1, 2, 3].map(() => startNode(RUNNER, [], { env: { HOLDFAST_URL: opening.url } }));
    await eventually('all serve', () => children.every(({ out }) => out.includes(' serves demo')));
    let added = 0;
    await eventually('each has printed an iteration', async () => {
      if ((await queue.counts()).waiting === 0) {
        await queue.addMany(Array.from({ length: 60 }, () => ({ name: 'slow' as const, payload: { durationMs: 50 } })));
        added += 60;
      }
      return children.every(({ out }) => ITERATION.test(out));
    });
    await eventually('all have run', async () => (await queue.counts()).succeeded === added);
    for (const child of children) child.kill('SIGTERM');
    for (const child of children) expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    expect(children.reduce((sum, { out }) => sum + claimedIn(out), 0)).to.equal(added);
    expect(children.map(({ err }) => err)).to.deep.equal(['', '', '']);
  });
});
