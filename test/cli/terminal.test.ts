import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { COUNTED_TASKS } from '../../constants/limits';
import { endTerminals, inTerminal, loadPty } from '../fixtures/terminal';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';

const ESCAPE = '\u001b';
const ENTER_SCREEN = `${ESCAPE}[?1049h`;
const LEAVE_SCREEN = `${ESCAPE}[?1049l`;
const pty = loadPty();

/** The widest line that a terminal shows: escapes have no width. */
const widest = (text: string): number => {
  const plain = text.replace(new RegExp(`${ESCAPE}\\[[?0-9;]*[A-Za-z]`, 'g'), '');
  return Math.max(...plain.split(/\r?\n/).map((line) => line.length));
};

forSqlite('holdfast in a terminal', (opening) => {
  before(function () {
    if (!pty) this.skip();
  });
  afterEach(endTerminals);

  const start = (words: readonly string[], env: NodeJS.ProcessEnv = {}, size?: [number, number]) => {
    if (!pty) throw new Error('there is no terminal');
    return inTerminal(pty, words, { HOLDFAST_URL: opening.url, ...env }, size);
  };

  const filled = async (): Promise<Queue> => {
    const queue = new Queue(await opening.open(), 'mail');
    await queue.addMany(Array.from({ length: 3 }, () => ({ name: 'welcome', payload: null })));
    return queue;
  };

  it('asks before it purges, with the count, and changes nothing after a no', async () => {
    const queue = await filled();
    const refused = start(['queue', 'purge', 'mail']);
    await refused.shows('This will remove 3 tasks (waiting) of the queue mail. Go on? [y/N]');
    refused.write('n\r');
    expect(await refused.ended()).to.equal(1);
    expect((await queue.counts()).waiting).to.equal(3);
    const interrupted = start(['queue', 'purge', 'mail']);
    await interrupted.shows('[y/N]');
    interrupted.write('\u0003');
    expect(await interrupted.ended()).to.equal(130);
    const agreed = start(['queue', 'purge', 'mail']);
    await agreed.shows('[y/N]');
    agreed.write('y\r');
    await agreed.shows('Removed 3 tasks of the queue mail');
    expect(await agreed.ended()).to.equal(0);
    expect((await queue.counts()).waiting).to.equal(0);
  });

  it('shows a bar and colours, unless CI and NO_COLOR say otherwise', async () => {
    await filled();
    const plain = start(['task', 'cancel', '--queue', 'mail', '--yes'], { CI: '1', NO_COLOR: '1' });
    expect(await plain.ended()).to.equal(0);
    expect(plain.text).to.include('3 of 3 tasks changed');
    expect(plain.text).to.not.include('of about');
    const listed = start(['task', 'list'], { NO_COLOR: '1' });
    expect(await listed.ended()).to.equal(0);
    expect(listed.text).to.not.include(`${ESCAPE}[`);
    const colored = start(['task', 'list']);
    expect(await colored.ended()).to.equal(0);
    expect(colored.text).to.include(`${ESCAPE}[2mcancelled`);
    const bar = start(['task', 'remove', '--queue', 'mail', '--yes']);
    expect(await bar.ended()).to.equal(0);
    expect(bar.text).to.match(/\d+ %, \d of about 3/);
  });

  it('shows no part of a whole that nobody has counted', async () => {
    const queue = new Queue(await opening.open(), 'mail');
    const count = COUNTED_TASKS + 200;
    await queue.addMany(Array.from({ length: count }, () => ({ name: 'welcome', payload: null })));
    const purged = start(['queue', 'purge', 'mail', '--yes']);
    await purged.shows(`Removed ${count} tasks of the queue mail`);
    expect(await purged.ended()).to.equal(0);
    expect(purged.text).to.include(`0 so far, of ${COUNTED_TASKS} or more`);
    expect(purged.text).to.not.include('%');
  });

  it('fits its tables to the terminal', async () => {
    const queue = await filled();
    await queue.add('n'.repeat(100), { long: 'x'.repeat(10_000) });
    for (const columns of [60, 100]) {
      const listed = start(['task', 'list'], {}, [columns, 30]);
      expect(await listed.ended()).to.equal(0);
      expect(widest(listed.text)).to.be.at.most(columns);
    }
  });

  it('top shows the queues live, follows the size of the terminal, and leaves the screen as it was', async () => {
    const queue = await filled();
    const top = start(['top', '--every-ms', '200'], {}, [120, 30]);
    const first = await top.shows(/mail .*3 /);
    expect(first).to.include(ENTER_SCREEN);
    expect(first).to.include('No live process serves “mail”');
    await queue.add('welcome', null);
    await top.shows(/mail .*4 /);
    const before = top.text.length;
    top.resize(60, 12);
    await eventually('it is drawn anew', () => top.text.slice(before).split(`${ESCAPE}[H`).length > 2);
    top.write('q');
    expect(await top.ended()).to.equal(0);
    expect(widest(top.text.slice(before).split(`${ESCAPE}[H`).at(-1) ?? '')).to.be.at.most(60);
    expect(top.text.trimEnd().endsWith(LEAVE_SCREEN)).to.equal(true);
  });

  it('top ends with 128 and the number of a signal, with the screen as it was', async () => {
    await filled();
    const top = start(['top']);
    await top.shows('q quits');
    top.kill('SIGTERM');
    expect(await top.ended()).to.equal(143);
    expect(top.text).to.include(LEAVE_SCREEN);
  });
});
