import { expect } from 'chai';
import { Solitude } from '../../classes/lease/solitude';
import { watchPromise } from '../support/expectations';
import { deferred } from '../support/fakeTasks';
import { FakeClock } from '../support/fakeClock';
import { stayAlone, stayBeside } from './stays';

const settle = (): Promise<void> => new FakeClock().settle();

/** Runs that the test ends, and a record of their starts and ends. */
function runs() {
  const clock = new FakeClock();
  const solitude = new Solitude(clock);
  const log: string[] = [];
  const begin = (how: 'among' | 'alone', name: string) => {
    const ending = deferred<string>();
    const run = (): Promise<string> => {
      log.push(`${name} begins`);
      return ending.promise.finally(() => log.push(`${name} ends`));
    };
    const outcome = watchPromise(how === 'among' ? stayBeside(solitude, run) : stayAlone(solitude, run));
    const end = async (): Promise<void> => {
      ending.resolve(name);
      await settle();
    };
    const fail = async (): Promise<void> => {
      ending.reject(new Error(name));
      await settle();
    };
    return { outcome, end, fail };
  };
  return { clock, solitude, log, begin };
}

describe('Solitude', () => {
  it('lets ordinary ones run beside each other, from the moment they are asked for', async () => {
    const { solitude, log, begin } = runs();
    expect(solitude.isEmpty).to.equal(true);
    const [a, b] = [begin('among', 'a'), begin('among', 'b')];
    expect(log).to.deep.equal(['a begins', 'b begins']);
    expect(solitude).to.include({ isEmpty: false, hasSuspect: false });
    await b.end();
    await a.end();
    expect([a.outcome.value, b.outcome.value]).to.deep.equal(['a', 'b']);
    expect(solitude.isEmpty).to.equal(true);
  });

  it('lets a suspect wait until everything else has ended', async () => {
    const { solitude, log, begin } = runs();
    const [a, b] = [begin('among', 'a'), begin('among', 'b')];
    const suspect = begin('alone', 'suspect');
    expect(solitude).to.include({ isEmpty: false, hasSuspect: true });
    await a.end();
    expect(log).not.to.include('suspect begins');
    await b.end();
    expect(log.slice(2)).to.deep.equal(['a ends', 'b ends', 'suspect begins']);
    await suspect.end();
    expect(solitude).to.include({ isEmpty: true, hasSuspect: false });
  });

  it('lets nothing begin while a suspect runs', async () => {
    const { log, begin } = runs();
    const suspect = begin('alone', 'suspect');
    const other = begin('among', 'other');
    await settle();
    expect(log).to.deep.equal(['suspect begins']);
    await suspect.end();
    expect(log).to.deep.equal(['suspect begins', 'suspect ends', 'other begins']);
    await other.end();
  });

  it('runs two suspects one after another', async () => {
    const { solitude, log, begin } = runs();
    const [a, b] = [begin('alone', 'a'), begin('alone', 'b')];
    await settle();
    expect(log).to.deep.equal(['a begins']);
    await a.end();
    expect(log).to.deep.equal(['a begins', 'a ends', 'b begins']);
    expect(solitude.hasSuspect).to.equal(true);
    await b.end();
    expect(solitude.isEmpty).to.equal(true);
  });

  it('never runs a suspect beside anything, whatever the order of endings', async () => {
    const { log, begin } = runs();
    const all = ['among', 'alone', 'among', 'alone', 'among'] as const;
    const started = all.map((how, index) => begin(how, `${how}${index}`));
    for (let round = 0; round < 10; round += 1) for (const each of started) await each.end();
    const running = new Set<string>();
    for (const line of log) {
      const [name = '', verb] = line.split(' ');
      if (verb === 'ends') running.delete(name);
      else running.add(name);
      if ([...running].some((each) => each.startsWith('alone'))) expect(running.size, line).to.equal(1);
    }
    expect(log).to.have.length(10);
  });

  it('lets the next begin after one that failed', async () => {
    const { solitude, log, begin } = runs();
    const [a, suspect, next] = [begin('among', 'a'), begin('alone', 'suspect'), begin('alone', 'next')];
    await a.fail();
    await suspect.fail();
    expect([a.outcome.state, suspect.outcome.state]).to.deep.equal(['rejected', 'rejected']);
    expect(log).to.include('next begins');
    await next.end();
    expect(solitude.isEmpty).to.equal(true);
  });

  it('tells of each end of something that ran', async () => {
    const { solitude, begin } = runs();
    const [a, suspect] = [begin('among', 'a'), begin('alone', 'suspect')];
    const first = watchPromise(solitude.change());
    await settle();
    expect(first.state).to.equal('pending');
    await a.end();
    expect(first.state).to.equal('resolved');
    const second = watchPromise(solitude.change());
    await settle();
    expect(second.state).to.equal('pending');
    await suspect.end();
    expect(second.state).to.equal('resolved');
  });

  it('lets a suspect begin beside what does not end in time, and says so', async () => {
    const { clock, solitude, begin } = runs();
    begin('among', 'a');
    const how = watchPromise(solitude.enterSuspect({}, 1_000, () => false));
    await clock.advance(999);
    expect([how.state, solitude.isClosed]).to.deep.equal(['pending', true]);
    await clock.advance(1);
    expect([how.value, solitude.isClosed]).to.deep.equal(['beside', false]);
  });

  it('lets others come beside a suspect once its time alone is over and the store knows of both', async () => {
    const { clock, solitude } = runs();
    const suspect = {};
    expect(await solitude.enterSuspect(suspect, 1_000, () => false)).to.equal('alone');
    await clock.advance(999);
    solitude.noteBeside(suspect);
    expect([solitude.isClosed, solitude.enter(1, true)]).to.deep.equal([true, false]);
    await clock.advance(1);
    expect([solitude.isClosed, solitude.enter(1, true)]).to.deep.equal([false, false]);
    solitude.noteBeside(suspect);
    expect([solitude.enter(1, false), solitude.enter(1, true)]).to.deep.equal([false, true]);
  });

  it('owes others a turn as long as the suspect has held them up', async () => {
    const { clock, solitude } = runs();
    const suspect = {};
    await solitude.enterSuspect(suspect, 1_000, () => false);
    await clock.advance(600);
    solitude.leave(suspect);
    expect(solitude.owesTurn).to.equal(true);
    await clock.advance(600);
    expect(solitude.owesTurn).to.equal(false);
  });

  it('lets a suspect whose worker stops not wait, and opens where its handler goes on', async () => {
    const { solitude, begin } = runs();
    const running = {};
    await solitude.enterSuspect(running, 1_000, () => false);
    solitude.openFor(running);
    expect(solitude.isClosed).to.equal(false);
    solitude.leave(running);
    begin('among', 'a');
    let isStopping = false;
    const how = watchPromise(solitude.enterSuspect({}, 1_000, () => isStopping));
    isStopping = true;
    solitude.wake();
    await settle();
    expect([how.value, solitude.isClosed]).to.deep.equal([null, false]);
  });
});
