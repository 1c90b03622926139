import { expect } from 'chai';
import sinon from 'sinon';
import { Wakeups } from '../../classes/idle/wakeups';
import type { WakeReason } from '../../classes/idle/waitGroup';
import { hintOf, LOOK } from '../../modules/ports/hint';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';
import { fakeTasks } from '../support/fakeTasks';

/** Wake-ups of a process whose workers serve sets of queues. The spread is half of its width. */
function wakeupParts(looksPerSecond = 5) {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const unwatch = sinon.fake();
  tasks.watch.returns(unwatch);
  const wakeups = new Wakeups({ tasks, looksPerSecond, clock, random: () => 0.5 });
  const wait = (ms: number, ...queues: string[]) => {
    const group = wakeups.groupOf(queues.length > 0 ? queues : ['q']);
    group.enter();
    return watchPromise(wakeups.wait(group, ms).finally(() => group.leave()));
  };
  /** The reasons of those that were woken, by their place. */
  const woken = async (waits: readonly { readonly value?: WakeReason | undefined }[]): Promise<(WakeReason | undefined)[]> => {
    await clock.settle();
    return waits.map(({ value }) => value);
  };
  return { clock, tasks, unwatch, wakeups, wait, woken };
}

const of = (queue: string, dueInMs = 0) => ({ ...hintOf(queue, dueInMs), isShared: true });

describe('Wakeups', () => {
  it('ends a wait when its time is over', async () => {
    const { clock, wait } = wakeupParts();
    const [short, long] = [wait(100), wait(200)];
    await clock.advance(100);
    expect([short, long]).to.deep.equal([{ state: 'resolved', value: 'time' }, { state: 'pending' }]);
  });

  it('wakes one worker for a task of this process, the one that has waited longest, and leaves it no timer', async () => {
    const { clock, wakeups, wait, woken } = wakeupParts();
    const waits = [wait(100), wait(100), wait(100)];
    wakeups.tell(hintOf('q'));
    expect(await woken(waits)).to.deep.equal(['work', undefined, undefined]);
    wakeups.tell(hintOf('q'));
    expect(await woken(waits)).to.deep.equal(['work', 'work', undefined]);
    expect(clock.timers).to.equal(1);
  });

  it('wakes only a worker that serves the queue, and nobody where none does', async () => {
    const { wakeups, wait, woken, clock } = wakeupParts();
    const waits = [wait(100, 'a'), wait(100, 'b', 'c'), wait(100, 'c')];
    wakeups.tell(hintOf('d'));
    wakeups.hint(of('d'));
    wakeups.tell(hintOf('c'));
    expect(await woken(waits)).to.deep.equal([undefined, 'work', undefined]);
    wakeups.hint(of('c'));
    expect(await woken(waits)).to.deep.equal([undefined, 'work', 'hint']);
    expect(clock.timers).to.equal(1);
  });

  for (const tell of ['tell', 'hint'] as const) {
    it(`wakes one worker of each set of queues when the task of a ${tell} is due, and nobody before`, async () => {
      const { clock, wakeups, wait, woken } = wakeupParts();
      const waits = [wait(9_000), wait(9_000), wait(9_000, 'a', 'q'), wait(9_000, 'a')];
      wakeups[tell](of('q', 500));
      wakeups[tell](of('q', 700));
      await clock.advance(499);
      expect(await woken(waits)).to.deep.equal([undefined, undefined, undefined, undefined]);
      await clock.advance(1);
      expect(await woken(waits)).to.deep.equal(['due', undefined, 'due', undefined]);
    });
  }

  it('has one look for a change that names nothing, whatever the number of workers with the same queues', async () => {
    const { tasks, wait, woken } = wakeupParts();
    const waits = [wait(1_000), wait(1_000), wait(1_000, 'other')];
    expect(tasks.watch.callCount).to.equal(1);
    tasks.watch.firstCall.args[0](LOOK);
    expect(await woken(waits)).to.deep.equal(['hint', undefined, 'hint']);
  });

  it('looks five times a second at most where looks are in vain, however many hints there are', async () => {
    const { clock, wakeups, wait } = wakeupParts();
    let looks = 0;
    let isOver = false;
    const idle = async (): Promise<void> => {
      while (!isOver) looks += (await wakeups.wait(group, 60_000)) === 'hint' ? 1 : 0;
    };
    const group = wakeups.groupOf(['q']);
    group.enter();
    void idle();
    for (let n = 0; n < 1_000; n += 1) {
      wakeups.hint(of('q'));
      await clock.advance(10);
    }
    isOver = true;
    expect(looks).to.be.within(50, 55);
    wait(1);
  });

  it('never has a process wait that claims what it is hinted of', async () => {
    const { clock, wakeups, wait, woken } = wakeupParts();
    for (let n = 0; n < 100; n += 1) {
      const waiting = wait(1_000);
      wakeups.hint(of('q'));
      expect(await woken([waiting])).to.deep.equal(['hint']);
      wakeups.noteClaim(1, true);
      await clock.advance(1);
    }
  });

  it('spreads processes that lose races for shared hints, and looks before it claims what is due', async () => {
    const { clock, wakeups, wait, woken } = wakeupParts();
    wakeups.noteClaim(0, true);
    const waits = [wait(1_000), wait(1_000)];
    wakeups.hint(of('q'));
    wakeups.hint(of('q'));
    expect(await woken(waits)).to.deep.equal([undefined, undefined]);
    await clock.advance(2);
    expect(await woken(waits)).to.deep.equal(['hint', undefined]);
    wakeups.tell(hintOf('q', 10));
    await clock.advance(11);
    expect(await woken(waits)).to.deep.equal(['hint', undefined]);
    await clock.advance(1);
    expect(await woken(waits)).to.deep.equal(['hint', 'hint']);
  });

  it('does not spread processes for a hint that is of this one alone', async () => {
    const { wakeups, wait, woken } = wakeupParts();
    wakeups.noteClaim(0, true);
    const waiting = wait(1_000);
    wakeups.hint(hintOf('q'));
    expect(await woken([waiting])).to.deep.equal(['hint']);
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
    wakeups.tell(hintOf('q'));
    await clock.settle();
    expect([tasks.watch.callCount, unwatch.callCount]).to.deep.equal([2, 2]);
  });

  it('keeps its watch for one who waits again at once', async () => {
    const { clock, tasks, unwatch, wakeups } = wakeupParts();
    const group = wakeups.groupOf(['q']);
    const loop = async (): Promise<void> => {
      for (let n = 0; n < 3; n += 1) await wakeups.wait(group, 50);
    };
    void loop();
    await clock.advance(149);
    expect([tasks.watch.callCount, unwatch.callCount]).to.deep.equal([1, 0]);
    await clock.advance(1);
    expect(unwatch.callCount).to.equal(1);
  });

  it('does without a watch where the database has none', async () => {
    const clock = new FakeClock();
    const wakeups = new Wakeups({ tasks: {}, looksPerSecond: 5, clock, random: () => 0.5 });
    const waiting = watchPromise(wakeups.wait(wakeups.groupOf(['q']), 10));
    await clock.advance(10);
    expect(waiting.value).to.equal('time');
  });

  it('does not wait where something was heard since the asker looked', async () => {
    const { clock, wakeups } = wakeupParts();
    const group = wakeups.groupOf(['q']);
    group.enter();
    const { heard } = group;
    wakeups.tell(hintOf('q'));
    expect(await wakeups.wait(group, 1_000, heard)).to.equal('hint');
    const waiting = watchPromise(wakeups.wait(group, 1_000));
    await clock.advance(999);
    expect(waiting.value).to.equal(undefined);
    await clock.advance(1);
    expect(waiting.value).to.equal('time');
  });

  it('keeps what it heard during a look that may have missed it', async () => {
    const { clock, wakeups } = wakeupParts();
    const group = wakeups.groupOf(['q']);
    group.enter();
    const heard = group.beginLook();
    wakeups.tell(hintOf('q', 100));
    group.endLook(5_000, 'due');
    const waiting = watchPromise(wakeups.wait(group, 9_000, heard));
    await clock.advance(100);
    expect(waiting.value).to.equal('due');
  });

  it('forgets the sets of queues of workers that are gone', async () => {
    const { clock, wakeups, wait, woken } = wakeupParts();
    const waiting = wait(60_000);
    for (let n = 0; n < 1_000; n += 1) wait(1, `q${n}`);
    await clock.advance(2);
    for (let n = 0; n < 1_000; n += 1) wakeups.groupOf([`other${n}`]);
    wakeups.tell(hintOf('q'));
    expect(await woken([waiting])).to.deep.equal(['work']);
  });
});
