import { expect } from 'chai';
import sinon from 'sinon';
import type { Logger } from 'winston';
import { Emitter } from '../../classes/observe/emitter';
import { Iteration } from '../../classes/worker/iteration';
import type { Ending, IterationTally } from '../../constants/events';
import { IterationLog } from '../../classes/observe/iterationLog';
import { FakeClock } from '../support/fakeClock';

const NOTHING: IterationTally = { claimed: 0, succeeded: 0, retried: 0, dead: 0, released: 0, snoozed: 0, suspended: 0, lost: 0 };

function logParts() {
  const clock = new FakeClock();
  const events = new Emitter();
  const log = sinon.fake();
  const iterationLog = new IterationLog(events, { log } as unknown as Logger, clock);
  const tell = (count = 1, tally: Partial<IterationTally> = { claimed: 1, succeeded: 1 }): void => {
    for (let n = 0; n < count; n += 1) events.emit('iteration', { workerId: 'w', durationMs: 12, tally: { ...NOTHING, ...tally } });
  };
  const lines = (): string[] => log.args.map(([{ message }]) => message as string);
  return { clock, log, events, iterationLog, tell, lines };
}

describe('IterationLog', () => {
  it('writes how long an iteration took and what came of it, but not what is zero', () => {
    const { log, tell } = logParts();
    tell(1, { claimed: 3, succeeded: 2, retried: 1 });
    expect(log.args).to.deep.equal([
      [{ level: 'info', label: 'index', message: 'Iteration took 0.012 seconds (3 claimed, 2 succeeded, 1 retried)' }],
    ]);
  });

  it('sums up what was left out before a later listener hears that a worker has stopped', () => {
    const { events, tell, lines } = logParts();
    const before: number[] = [];
    events.on('worker-stopped', () => before.push(lines().length));
    tell(15);
    events.emit('worker-stopped', { workerId: 'w', released: 0 });
    events.emit('worker-stopped', { workerId: 'v', released: 0 });
    expect(before).to.deep.equal([11, 11]);
    expect(lines().at(-1)).to.match(/; 4 more not shown/);
  });

  it('writes ten lines a second, and sums the others up in the next', async () => {
    const { clock, tell, lines } = logParts();
    tell(15);
    expect(lines()).to.have.length(10);
    await clock.advance(999);
    expect(lines()).to.have.length(10);
    await clock.advance(1);
    expect(lines()).to.have.length(11);
    expect(lines()[10]).to.equal('Iteration took 0.012 seconds (1 claimed, 1 succeeded); 4 more not shown (4 claimed, 4 succeeded)');
  });

  it('adds up every kind of ending that it leaves out', async () => {
    const { clock, tell, lines } = logParts();
    tell(10);
    tell(2, { claimed: 5, succeeded: 1, retried: 1, dead: 1, released: 1, lost: 1 });
    tell(1, { claimed: 1, lost: 1 });
    await clock.advance(1_000);
    const sum = '10 claimed, 2 succeeded, 2 retried, 2 dead, 2 released, 2 lost';
    expect(lines()[10]).to.equal(`Iteration took 0.012 seconds (1 claimed, 1 lost); 2 more not shown (${sum})`);
  });

  it('leaves nothing out, and sums nothing up, where there are few', async () => {
    const { clock, tell, lines } = logParts();
    for (let second = 0; second < 3; second += 1) {
      tell(10);
      await clock.advance(1_000);
    }
    expect(lines()).to.have.length(30);
    expect(lines().join()).not.to.include('more');
    expect(clock.timers).to.equal(0);
  });

  it('never writes more than ten lines in a second, the one that sums up included', async () => {
    const { clock, tell, lines } = logParts();
    let before = 0;
    for (let second = 0; second < 5; second += 1) {
      for (let part = 0; part < 10; part += 1) {
        tell(3);
        await clock.advance(part === 9 ? 99 : 100);
      }
      expect(lines().length - before, `second ${second}`).to.be.at.most(10);
      before = lines().length;
      await clock.advance(1);
    }
  });

  it('tells of every iteration in the end', async () => {
    const { clock, iterationLog, tell, lines } = logParts();
    for (let n = 0; n < 100; n += 1) {
      tell(2);
      await clock.advance(37);
    }
    const flushed = iterationLog.flush();
    await clock.advance(1_000);
    await flushed;
    const shown = lines().length;
    const summed = lines().map((line) => Number(/; (\d+) more/.exec(line)?.[1] ?? 0));
    expect(shown + summed.reduce((sum, n) => sum + n, 0)).to.equal(200);
  });

  it('writes what is left out when it is flushed, once', async () => {
    const { clock, iterationLog, tell, lines } = logParts();
    await iterationLog.flush();
    expect(lines()).to.have.length(0);
    tell(12);
    const flushed = Promise.all([iterationLog.flush(), iterationLog.flush()]);
    await clock.advance(1_000);
    await flushed;
    expect(lines()).to.have.length(11);
    expect(lines()[10]).to.include('; 1 more not shown');
    await clock.advance(5_000);
    expect(lines()).to.have.length(11);
  });

  it('does not keep the process alive', () => {
    const { clock, tell } = logParts();
    tell(20);
    expect([clock.timers, clock.busyTimers]).to.deep.equal([1, 0]);
  });
});

describe('Iteration', () => {
  it('ends with its last task, and tells when it began and how each ended', () => {
    const onEnd = sinon.fake();
    const iteration = new Iteration(6, 1_234, onEnd);
    const endings: Ending[] = ['succeeded', 'retried', 'dead', 'released', 'lost', 'succeeded'];
    for (const ending of endings.slice(1)) iteration.note(ending);
    expect(onEnd.callCount).to.equal(0);
    iteration.note('succeeded');
    expect(onEnd.args).to.deep.equal([[1_234, { claimed: 6, succeeded: 2, retried: 1, dead: 1, released: 1, snoozed: 0, suspended: 0, lost: 1 }]]);
  });
});
