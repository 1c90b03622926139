import { expect } from 'chai';
import sinon from 'sinon';
import type { SinonFakeTimers } from 'sinon';
import { DAY, LONGEST_TIMER_MS } from '../../constants/limits';
import { clockOn, sleep, systemClock, within } from '../../modules/time/clock';
import type { Clock } from '../../modules/time/clock';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';

/** A clock on the timers that there are now, also where a test has replaced them. */
const clockOfNow = (): Clock => clockOn({ setTimeout, clearTimeout, setImmediate });

describe('The clock of the machine', () => {
  let timers: SinonFakeTimers;

  beforeEach(() => (timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })));

  afterEach(() => timers.restore());

  for (const delayMs of [1, 1_000, LONGEST_TIMER_MS, LONGEST_TIMER_MS + 1, 30 * DAY, 100 * DAY]) {
    it(`calls back once after ${delayMs} ms, not before`, () => {
      const callback = sinon.fake();
      clockOfNow().after(delayMs, callback);
      timers.tick(delayMs - 1);
      expect(callback.callCount).to.equal(0);
      timers.tick(1);
      expect(callback.callCount).to.equal(1);
      timers.tick(delayMs);
      expect(callback.callCount).to.equal(1);
      expect(timers.countTimers()).to.equal(0);
    });
  }

  for (const delayMs of [0, -5, 0.4]) {
    it(`calls back at once, but not in this turn, after ${delayMs} ms`, () => {
      const callback = sinon.fake();
      clockOfNow().after(delayMs, callback);
      expect(callback.callCount).to.equal(0);
      timers.tick(1);
      expect(callback.callCount).to.equal(1);
    });
  }

  it('never hands a timer more than it takes', () => {
    const set = sinon.spy(globalThis, 'setTimeout');
    clockOfNow().after(100 * DAY, () => undefined);
    timers.tick(100 * DAY);
    expect(set.callCount).to.equal(5);
    for (const [, ms] of set.args) expect(ms).to.be.at.most(LONGEST_TIMER_MS);
    set.restore();
  });

  for (const after of [0, 10, LONGEST_TIMER_MS + 10]) {
    it(`does not call back after it was cancelled ${after} ms in`, () => {
      const callback = sinon.fake();
      const cancel = clockOfNow().after(30 * DAY, callback);
      timers.tick(after);
      cancel();
      cancel();
      timers.tick(60 * DAY);
      expect(callback.callCount).to.equal(0);
      expect(timers.countTimers()).to.equal(0);
    });
  }

  it('may be cancelled after it fired', () => {
    const callback = sinon.fake();
    const cancel = clockOfNow().after(5, callback);
    timers.tick(5);
    cancel();
    expect(callback.callCount).to.equal(1);
  });
});

describe('systemClock', () => {
  it('keeps the process alive by a timer, unless it is idle', () => {
    const set = sinon.spy(globalThis, 'setTimeout');
    try {
      const clock = clockOfNow();
      clock.after(60_000, () => undefined)();
      const cancelIdle = clock.after(60_000, () => undefined, 'idle');
      const [, idle] = set.returnValues;
      expect(idle?.hasRef()).to.equal(false);
      cancelIdle();
      const cancelBusy = clock.after(60_000, () => undefined);
      expect(set.returnValues[2]?.hasRef()).to.equal(true);
      cancelBusy();
    } finally {
      set.restore();
    }
  });

  it('tells the time of the machine, and one that never steps', () => {
    expect(systemClock.now()).to.be.closeTo(Date.now(), 1_000);
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).to.be.at.least(before);
    const wall = sinon.useFakeTimers({ now: 5, toFake: ['Date'] });
    expect(systemClock.now()).to.equal(5);
    expect(systemClock.monotonic()).to.be.at.least(before);
    wall.restore();
  });

  it('calls soon when this turn is over', async () => {
    const calls: string[] = [];
    systemClock.soon(() => calls.push('soon'));
    await Promise.resolve().then(() => calls.push('microtask'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).to.deep.equal(['microtask', 'soon']);
  });
});

describe('sleep', () => {
  it('ends after its time by the given clock', async () => {
    const clock = new FakeClock();
    const slept = watchPromise(sleep(clock, 100));
    await clock.advance(99);
    expect(slept.state).to.equal('pending');
    await clock.advance(1);
    expect(slept.state).to.equal('resolved');
  });
});

describe('within', () => {
  it('ends with what it waits for, and leaves no timer', async () => {
    const clock = new FakeClock();
    await within(clock, 100, Promise.resolve());
    await clock.settle();
    expect(clock.timers).to.equal(0);
    const error = new Error('no');
    const failed = watchPromise(within(clock, 100, Promise.reject(error)));
    await clock.settle();
    expect(failed).to.deep.include({ state: 'rejected', reason: error });
    expect(clock.timers).to.equal(0);
  });

  it('ends with its time where that comes first', async () => {
    const clock = new FakeClock();
    const waited = watchPromise(within(clock, 100, new Promise(() => undefined)));
    await clock.advance(99);
    expect(waited.state).to.equal('pending');
    await clock.advance(1);
    expect(waited.state).to.equal('resolved');
    expect(clock.timers).to.equal(0);
  });
});
