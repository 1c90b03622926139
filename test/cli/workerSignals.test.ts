import { setTimeout as pass } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { endOf, RUNNER, startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { HOLDFAST } from '../fixtures/commandLine';
import { LIBRARY, tasksModule } from '../fixtures/tasksModule';
import { eventually } from '../support/eventually';
import { forSqliteFirst } from '../support/stores';

const TASKS = `
const { defineEvent } = require(${LIBRARY});
const wait = ({ signal }) => new Promise((resolve) => {
  console.log('begun');
  signal.addEventListener('abort', () => resolve());
});
exports.handlers = { wait };
exports.events = [defineEvent({ name: 'signUp', schema: { type: 'object' }, gracePeriodMs: 100, process: (_, context) => wait(context) })];
`;

/** Time in which a worker that takes tasks would have taken one. */
const LONG_ENOUGH_MS = 1_500;

forSqliteFirst('A signal to a worker', (opening) => {
  const tasks = tasksModule(TASKS);

  const start = (...flags: string[]): Child =>
    startNode(HOLDFAST, ['worker', '--require', tasks(), '-q', 'mail', '--grace-period-ms', '100', ...flags], {
      env: { HOLDFAST_URL: opening.url },
    });

  const count = (child: Child, said: RegExp): number => child.out.match(said)?.length ?? 0;

  it('SIGUSR2 has it write what it runs at that moment, tasks of handlers and of events, or that nothing runs', async () => {
    const store = await opening.open();
    const child = start();
    await eventually('it has started', () => count(child, /Worker \S+ serves/g) === 2);
    child.kill('SIGUSR2');
    await eventually('it tells that nothing runs', () => child.err.includes('Nothing runs\n'));
    const [mail, signUp] = [new Queue(store, 'mail'), new Queue(store, 'signUp')];
    const ids = [(await mail.add('wait', null)).id, (await signUp.add('signUp', {})).id];
    await eventually('both run', () => count(child, /^begun$/gm) === 2);
    child.kill('SIGUSR2');
    await eventually('it tells both', () => ids.every((id) => child.err.includes(id)));
    expect(child.err).to.match(new RegExp(`^mail/wait ${ids[0] ?? ''}, attempt 1, since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$`, 'm'));
    expect(child.err.match(/Nothing runs/g)).to.have.length(1);
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
  });

  it('SIGTSTP makes an idle one take nothing more, which it says, and live on until SIGTERM', async () => {
    const queue = new Queue(await opening.open(), 'mail');
    const child = start();
    await eventually('it has started', () => count(child, /Worker \S+ serves/g) === 2);
    child.kill('SIGTSTP');
    await eventually('it says so', () => count(child, /takes nothing more, .* It lives on until it is stopped/g) === 2);
    const { id } = await queue.add('wait', null);
    child.kill('SIGCONT');
    await pass(LONG_ENOUGH_MS);
    expect((await queue.get(id))?.state).to.equal('waiting');
    expect(child.process.exitCode).to.equal(null);
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
    expect(count(child, /has stopped; 0 released/g)).to.equal(2);
  });

  it('SIGTSTP reaches each of several processes, and none of them ends', async () => {
    const queue = new Queue(await opening.open(), 'mail');
    const child = start('--processes', '2');
    await eventually('both have started', () => count(child, /Worker \S+ serves/g) === 4);
    // A process tells its supervisor that it serves behind that line.
    await eventually('all are quiet', () => {
      child.kill('SIGTSTP');
      return count(child, /takes nothing more/g) === 4;
    });
    const { id } = await queue.add('wait', null);
    child.kill('SIGUSR2');
    await eventually('both tell what they run', () => count(child, /Nothing runs/g) === 2);
    expect((await queue.get(id))?.state).to.equal('waiting');
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
  });

  it('SIGTSTP makes the demo worker take nothing more as well', async () => {
    const child = startNode(RUNNER, ['--url', opening.url, '--no-dashboard']);
    await eventually('it has started', () => count(child, /Worker \S+ serves/g) === 1);
    child.kill('SIGTSTP');
    await eventually('it says so', () => count(child, /takes nothing more/g) === 1);
    child.kill('SIGTERM');
    expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
  });
});
