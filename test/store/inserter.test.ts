import { expect } from 'chai';
import { Emitter } from '../../classes/observe/emitter';
import type { SessionHints } from '../../classes/idle/sessionHints';
import type { Wakeups } from '../../classes/idle/wakeups';
import { Inserter } from '../../classes/store/inserter';
import { MINUTE, SECOND } from '../../constants/limits';
import { newTask } from '../../modules/task/newTask';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';
import { deferred, fakeTasks, timedOut, unreachable } from '../support/fakeTasks';

/** A clock whose wall clock can run ahead, as that of a machine that was asleep. */
class SleepingClock extends FakeClock {
  asleepMs = 0;

  override now(): number {
    return super.now() + this.asleepMs;
  }
}

describe('An insert without an answer', () => {
  let clock: SleepingClock;
  let tasks: ReturnType<typeof fakeTasks>;
  let inserter: Inserter;

  beforeEach(() => {
    clock = new SleepingClock();
    tasks = fakeTasks();
    const wakeups = { tell: () => undefined } as unknown as Wakeups;
    const sessions = {} as SessionHints;
    inserter = new Inserter({ tasks, within: tasks, wakeups, sessions, events: new Emitter(), clock, random: () => 0 });
  });

  const task = () => newTask('mail', 'welcome', {}, {}, clock.now());

  it('is sent again while the store surely remembers its tasks', async () => {
    tasks.insert.onFirstCall().rejects(timedOut());
    const added = watchPromise(inserter.add(task()));
    await clock.advance(10 * SECOND);
    expect(added).to.include({ state: 'resolved' });
    expect(tasks.insert.callCount).to.equal(2);
  });

  for (const [what, pass] of [
    ['the process stood still for minutes', (ms: number) => clock.advance(ms)],
    ['the machine was asleep for minutes', (ms: number) => Promise.resolve(void (clock.asleepMs += ms))],
  ] as const) {
    it(`is not sent again when ${what}: whether its tasks were added is unknown`, async () => {
      const answer = deferred<never>();
      tasks.insert.onFirstCall().returns(answer.promise);
      const added = watchPromise(inserter.add(task()));
      await clock.settle();
      await pass(5 * MINUTE);
      answer.reject(unreachable());
      await clock.advance(10 * SECOND);
      expect(added).to.include({ state: 'rejected' });
      expect(added.reason).to.include({ code: 'HOLDFAST_INSERT_UNKNOWN' });
      expect(tasks.insert.callCount).to.equal(1);
    });
  }

  it('says that it may have been carried out if an earlier try was not answered and the last one did not reach the store', async () => {
    tasks.insert.onFirstCall().rejects(timedOut()).onSecondCall().rejects(unreachable()).onThirdCall().rejects(unreachable());
    const added = watchPromise(inserter.add(task()));
    await clock.advance(10 * SECOND);
    expect(added.reason).to.include({ code: 'HOLDFAST_STORE_TIMEOUT' });
    expect((added.reason as Error).message).to.include('may still have carried out the call');
  });

  it('that never reached the store says so', async () => {
    tasks.insert.rejects(unreachable());
    const added = watchPromise(inserter.add(task()));
    await clock.advance(10 * SECOND);
    expect(added.reason).to.include({ code: 'HOLDFAST_STORE_UNREACHABLE' });
  });

  it('that waits to be sent again is not sent when the process then stood still', async () => {
    tasks.insert.onFirstCall().rejects(unreachable());
    const added = watchPromise(inserter.add(task()));
    await clock.settle();
    clock.asleepMs += 5 * MINUTE;
    await clock.advance(10 * SECOND);
    expect(added.reason).to.include({ code: 'HOLDFAST_INSERT_UNKNOWN' });
    expect(tasks.insert.callCount).to.equal(1);
  });

  it('that the store refused for certain keeps its own error, however late', async () => {
    const answer = deferred<never>();
    tasks.insert.onFirstCall().returns(answer.promise);
    const added = watchPromise(inserter.add(task()));
    await clock.advance(5 * MINUTE);
    const refused = new TypeError('no');
    answer.reject(refused);
    await clock.settle();
    expect(added.reason).to.equal(refused);
  });
});
