import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Supervisor } from '../../classes/cli/supervisor';
import { systemClock } from '../../modules/time/clock';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import { endChildren, endOf, RUNNER, startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forSqliteFirst } from '../support/stores';

/** Returns the pid of each process that has reported its worker, by the number in front of the line: `2 | … Worker host:4711:ab12 serves …`. */
const workersOf = ({ out }: Child): Map<number, number> =>
  new Map([...out.matchAll(/^(\d) \| .* Worker [^:]+:(\d+):\S+ serves/gm)].map(([, number, pid]) => [Number(number), Number(pid)]));

describe('A supervisor whose processes all find no store', () => {
  /** Runs processes that are `serves` or `fails` each. Returns the output, until the supervisor ends or starts every process again. */
  const supervise = async (...kinds: readonly string[]): Promise<{ told: string; code: number | 'goes on' }> => {
    let told = '';
    const output = new Writable({ write: (text: Buffer, _, done) => done(void (told += text.toString())) });
    const script = join(__dirname, '../fixtures/supervised.js');
    const supervisor = new Supervisor({
      script,
      argumentsOf: (number) => [kinds[number - 1] ?? ''],
      processes: kinds.length,
      clock: systemClock,
      output,
    });
    const ended = supervisor.run();
    const again = eventually('each is to be started again', () => kinds.every((_, index) => told.includes(`${index + 1} | died by`)));
    const code = await Promise.race([ended, again.then(() => 'goes on' as const)]);
    supervisor.stop();
    await ended;
    return { told, code };
  };

  it('ends with 69 instead of starting them for ever', async () => {
    const { code, told } = await supervise('fails', 'fails');
    expect(code).to.equal(69);
    expect(told.match(/starts again/g) ?? []).to.have.length.below(2);
  });

  it('starts them again where one of them had served', async () => {
    expect((await supervise('fails', 'serves')).code).to.equal('goes on');
  });
});

forSqliteFirst('node index.js --processes', (opening) => {
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
    expect(child.out).to.match(/^1 \| died by SIGKILL, starts again in 1 second$/m);
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
