import { expect } from 'chai';
import { Queue } from '../classes/queue';
import type { DemoTasks } from '../modules/demoHandlers';
import { endChildren, endOf, RUNNER, startNode } from './fixtures/children';
import type { Child } from './fixtures/children';
import { eventually } from './support/eventually';
import { forEachStore } from './support/stores';

/** The processes that have told of their worker, by the number in front of the line: `2 | … Worker host:4711:ab12 serves …`. */
const workersOf = ({ out }: Child): Map<number, number> =>
  new Map([...out.matchAll(/^(\d) \| .* Worker [^:]+:(\d+):\S+ serves/gm)].map(([, number, pid]) => [Number(number), Number(pid)]));

forEachStore('node index.js --processes', (opening) => {
  afterEach(() => endChildren());

  const start = (...given: string[]): Child => startNode(RUNNER, ['--url', opening.url, '--processes', '2', ...given]);

  it('shares the work among processes whose lines are told apart, and ends with them', async () => {
    const queue = new Queue<DemoTasks>(await opening.open(), 'demo');
    await queue.addMany(Array.from({ length: 60 }, () => ({ name: 'slow' as const, payload: { durationMs: 100 } })));
    const child = start('--drain');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    expect([...workersOf(child).keys()].sort()).to.deep.equal([1, 2]);
    expect(child.out.split('\n').filter((line) => line !== '' && !/^[12] \| /.test(line))).to.deep.equal([]);
    expect(await queue.counts()).to.deep.include({ succeeded: 60, waiting: 0, running: 0 });
  });

  it('starts a process again that dies, and the others go on', async () => {
    const child = start();
    await eventually('both work', () => workersOf(child).size === 2);
    const before = workersOf(child);
    process.kill(before.get(1) ?? 0, 'SIGKILL');
    await eventually('the first is there again', () => workersOf(child).get(1) !== before.get(1));
    expect(workersOf(child).get(2)).to.equal(before.get(2));
    expect(child.out).to.match(/^1 \| died by SIGKILL, starts again in 1 seconds$/m);
  });

  it('stops all of them at one signal, and ends with 0', async () => {
    const child = start();
    await eventually('both work', () => workersOf(child).size === 2);
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    expect(child.out.match(/has stopped/g)).to.have.length(2);
  });

  it('leaves no process behind when it is killed itself', async () => {
    const child = start();
    await eventually('both work', () => workersOf(child).size === 2);
    child.kill('SIGKILL');
    for (const pid of workersOf(child).values()) await eventually(`${pid} has ended`, () => isGone(pid));
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
