import { expect } from 'chai';
import sinon from 'sinon';
import { Loop } from '../../classes/async/loop';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';
import { deferred } from '../support/fakeTasks';

function loopParts() {
  const clock = new FakeClock();
  const run = sinon.stub<[], Promise<void>>().resolves();
  const delayMs = sinon.stub<[], number>().returns(100);
  const onError = sinon.stub<[unknown], void>();
  return { clock, run, delayMs, onError, loop: new Loop({ clock, run, delayMs, onError }) };
}

describe('Loop', () => {
  it('waits before the first run, and after each as long as is asked for then', async () => {
    const { clock, run, delayMs, loop } = loopParts();
    delayMs.onSecondCall().returns(1_000);
    loop.start();
    await clock.advance(99);
    expect(run.callCount).to.equal(0);
    await clock.advance(1);
    expect(run.callCount).to.equal(1);
    await clock.advance(999);
    expect(run.callCount).to.equal(1);
    await clock.advance(101);
    expect(run.callCount).to.equal(3);
  });

  it('has one timer only, which does not keep the process alive', () => {
    const { clock, loop } = loopParts();
    loop.start();
    loop.start();
    expect([clock.timers, clock.busyTimers]).to.deep.equal([1, 0]);
  });

  it('counts the wait from the end of a run, however long it took', async () => {
    const { clock, run, loop } = loopParts();
    const first = deferred<void>();
    run.onFirstCall().returns(first.promise);
    loop.start();
    await clock.advance(5_000);
    expect(run.callCount).to.equal(1);
    first.resolve();
    await clock.advance(99);
    expect(run.callCount).to.equal(1);
    await clock.advance(1);
    expect(run.callCount).to.equal(2);
  });

  it('runs at once where it is told to, in place of the run that was due', async () => {
    const { clock, run, loop } = loopParts();
    loop.start();
    await clock.advance(60);
    loop.runNow();
    expect(run.callCount).to.equal(1);
    await clock.advance(99);
    expect(run.callCount).to.equal(1);
    await clock.advance(1);
    expect(run.callCount).to.equal(2);
  });

  it('runs once more after the run under way, however often it is told to meanwhile', async () => {
    const { clock, run, loop } = loopParts();
    const first = deferred<void>();
    run.onFirstCall().returns(first.promise);
    loop.start();
    loop.runNow();
    loop.runNow();
    loop.runNow();
    expect(run.callCount).to.equal(1);
    first.resolve();
    await clock.settle();
    expect(run.callCount).to.equal(2);
    expect(clock.timers).to.equal(1);
  });

  it('runs nothing before it is started', async () => {
    const { clock, run, loop } = loopParts();
    loop.runNow();
    await clock.advance(1_000);
    expect(run.callCount).to.equal(0);
  });

  it('tells what a run threw, and goes on', async () => {
    const { clock, run, onError, loop } = loopParts();
    const errors = [new TypeError('first'), new TypeError('second')];
    run.onFirstCall().rejects(errors[0]);
    run.onSecondCall().throws(errors[1]);
    loop.start();
    await clock.advance(300);
    expect(onError.args).to.deep.equal([[errors[0]], [errors[1]]]);
    expect(run.callCount).to.equal(3);
  });

  it('ends a run under way before it has stopped, and begins no other', async () => {
    const { clock, run, loop } = loopParts();
    const first = deferred<void>();
    run.onFirstCall().returns(first.promise);
    loop.start();
    loop.runNow();
    loop.runNow();
    const stops = [watchPromise(loop.stop()), watchPromise(loop.stop())];
    await clock.settle();
    expect(stops.map(({ state }) => state)).to.deep.equal(['pending', 'pending']);
    first.resolve();
    await clock.settle();
    expect(stops.map(({ state }) => state)).to.deep.equal(['resolved', 'resolved']);
    loop.runNow();
    loop.start();
    await clock.advance(1_000);
    expect([run.callCount, clock.timers]).to.deep.equal([1, 0]);
  });

  it('may be stopped before it has begun', async () => {
    const { clock, run, loop } = loopParts();
    await loop.stop();
    loop.start();
    await clock.advance(1_000);
    expect([run.callCount, clock.timers]).to.deep.equal([0, 0]);
  });
});
