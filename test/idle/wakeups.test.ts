import { expect } from 'chai';
import sinon from 'sinon';
import { Wakeups } from '../../classes/idle/wakeups';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';
import { fakeTasks } from '../support/fakeTasks';

function wakeupParts() {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const unwatch = sinon.fake();
  tasks.watch.returns(unwatch);
  const wakeups = new Wakeups(tasks, clock, () => 0.5);
  return { clock, tasks, unwatch, wakeups, wait: (ms: number) => watchPromise(wakeups.wait(ms)) };
}

describe('Wakeups', () => {
  it('ends a wait when its time is over', async () => {
    const { clock, wait } = wakeupParts();
    const [short, long] = [wait(100), wait(200)];
    await clock.advance(100);
    expect([short, long]).to.deep.equal([{ state: 'resolved', value: 'time' }, { state: 'pending' }]);
  });

  for (const reason of ['work', 'hint'] as const) {
    it(`ends every wait when told of ${reason}, and leaves no timer`, async () => {
      const { clock, wakeups, wait } = wakeupParts();
      const waits = [wait(100), wait(200)];
      wakeups.notify(reason);
      await clock.settle();
      expect(waits.map(({ value }) => value)).to.deep.equal([reason, reason]);
      expect(clock.timers).to.equal(0);
      wakeups.notify(reason);
    });
  }

  it('treats a change that the database reports as a hint', async () => {
    const { clock, tasks, wait } = wakeupParts();
    const waiting = wait(1_000);
    expect(tasks.watch.callCount).to.equal(1);
    tasks.watch.firstCall.args[0]();
    await clock.settle();
    expect(waiting.value).to.equal('hint');
  });

  it('watches only while someone waits, and once for all who do', async () => {
    const { clock, tasks, unwatch, wakeups, wait } = wakeupParts();
    await clock.advance(1_000);
    expect(tasks.watch.callCount).to.equal(0);
    wait(100);
    wait(200);
    await clock.advance(150);
    expect([tasks.watch.callCount, unwatch.callCount]).to.deep.equal([1, 0]);
    await clock.advance(50);
    expect(unwatch.callCount).to.equal(1);
    wait(100);
    wakeups.notify('work');
    await clock.settle();
    expect([tasks.watch.callCount, unwatch.callCount]).to.deep.equal([2, 2]);
  });

  it('keeps its watch for one who waits again at once', async () => {
    const { clock, tasks, unwatch, wakeups } = wakeupParts();
    const loop = async (): Promise<void> => {
      for (let n = 0; n < 3; n += 1) await wakeups.wait(50);
    };
    void loop();
    await clock.advance(149);
    expect([tasks.watch.callCount, unwatch.callCount]).to.deep.equal([1, 0]);
    await clock.advance(1);
    expect(unwatch.callCount).to.equal(1);
  });

  it('does without a watch where the database has none', async () => {
    const clock = new FakeClock();
    const { watch: _watch, ...tasks } = fakeTasks();
    const wakeups = new Wakeups(tasks, clock, () => 0.5);
    const waiting = watchPromise(wakeups.wait(10));
    await clock.advance(10);
    expect(waiting.value).to.equal('time');
  });

  it('does not wait where something was heard since the asker looked', async () => {
    const clock = new FakeClock();
    const wakeups = new Wakeups(fakeTasks(), clock, () => 0.5);
    const { heard } = wakeups;
    wakeups.notify('hint');
    expect(await wakeups.wait(1_000, heard)).to.equal('hint');
    const waiting = watchPromise(wakeups.wait(1_000, wakeups.heard));
    await clock.advance(999);
    expect(waiting.value).to.equal(undefined);
    await clock.advance(1);
    expect(waiting.value).to.equal('time');
  });
});
