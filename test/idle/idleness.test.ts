import { expect } from 'chai';
import { DueTimes } from '../../classes/idle/dueTimes';
import { Idleness } from '../../classes/idle/idleness';
import { Wakeups } from '../../classes/idle/wakeups';
import { QueueRules } from '../../classes/flow/queueRules';
import { LOOK } from '../../modules/ports/hint';
import { FakeClock } from '../support/fakeClock';
import { fakeTasks } from '../support/fakeTasks';

/** A worker that claims all that is due whenever it does not wait, as a claim loop does. Answers and random numbers take no time. */
function workerParts() {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const random = (): number => 0.5;
  const wakeups = new Wakeups({ tasks, looksPerSecond: 5, clock, random });
  const rules = new QueueRules({ paused: () => Promise.resolve(new Set<string>()) }, clock);
  const options = { queues: ['q'], pollInterval: { minMs: 20, maxMs: 1_000 } };
  const state = { due: 0, taken: 0, isOver: false };
  tasks.nextDueMs.callsFake(() => Promise.resolve(state.due > 0 ? 0 : null));
  const idleness = new Idleness({ wakeups, dueTimes: new DueTimes(tasks, rules), clock, random }, options, () => state.isOver);
  const run = async (): Promise<void> => {
    for (let emptyClaims = 0; !state.isOver;) {
      const claimed = state.due;
      state.due = 0;
      state.taken += claimed;
      emptyClaims = claimed > 0 ? 0 : emptyClaims + 1;
      if (claimed > 0) wakeups.noteClaim(claimed, false);
      else await idleness.wait(emptyClaims);
    }
  };
  return { clock, tasks, wakeups, state, run };
}

describe('An idle worker', () => {
  it('takes at once what it is hinted of, however often, and although it polls often after each task', async () => {
    const { clock, wakeups, state, run } = workerParts();
    void run();
    for (let n = 1; n <= 100; n += 1) {
      await clock.advance(80);
      state.due = 1;
      wakeups.hint(LOOK);
      await clock.settle();
      expect(state.taken).to.equal(n);
    }
    state.isOver = true;
  });

  it('looks six times a second at most where nothing is for it, its own polls included', async () => {
    const { clock, tasks, wakeups, state, run } = workerParts();
    void run();
    await clock.advance(10_000);
    const before = tasks.nextDueMs.callCount;
    for (let n = 0; n < 1_000; n += 1) {
      wakeups.hint(LOOK);
      await clock.advance(10);
    }
    state.isOver = true;
    expect(tasks.nextDueMs.callCount - before).to.be.within(45, 60);
  });
});
