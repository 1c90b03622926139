import { expect } from 'chai';
import { watchPromise } from '../support/expectations';
import { deferred } from '../support/fakeTasks';
import type { Task } from '../../modules/task/task';
import { EPOCH_MS } from '../support/fakeClock';
import { idOf } from '../support/samples';
import { expiredTask, sweeperParts } from './sweeperParts';

describe('Sweeper', () => {
  it('sweeps at least once a second, whatever the random number, and not always at the same distance', async () => {
    const gaps: number[] = [];
    for (const random of [0, 0.5, 1 - Number.EPSILON]) {
      const { clock, sweeper, sweptAt } = sweeperParts(random);
      sweeper.start();
      await clock.advance(3_000);
      gaps.push(...sweptAt.map((at, index) => Math.round(at - (sweptAt[index - 1] ?? 0))));
    }
    expect(Math.max(...gaps)).to.be.at.most(1_000);
    expect(new Set(gaps).size).to.be.above(1);
  });

  it('does not keep the process alive by its timer', () => {
    const { clock, sweeper } = sweeperParts();
    sweeper.start();
    expect([clock.timers, clock.busyTimers]).to.deep.equal([1, 0]);
  });

  it('takes back what is expired by its token and the end of the lease that it read', async () => {
    const { tasks, sweeper, nextSweep } = sweeperParts();
    tasks.expired.onFirstCall().resolves([expiredTask(1), expiredTask(2, { maxRetries: 1 })]);
    sweeper.start();
    await nextSweep();
    const [settlements] = tasks.settle.firstCall.args;
    expect(settlements.map(({ id, guard }) => ({ id, guard }))).to.deep.equal([
      { id: idOf(1), guard: { token: 'token 1', expiresAt: new Date(EPOCH_MS + 1) } },
      { id: idOf(2), guard: { token: 'token 2', expiresAt: new Date(EPOCH_MS + 2) } },
    ]);
    expect(settlements.map(({ change }) => change.state)).to.deep.equal(['waiting', 'dead']);
    expect(settlements[0]?.by)
      .to.match(/^[0-9a-f-]{36}$/)
      .and.equal(settlements[1]?.by);
  });

  it('tells of each lease that it took, and of each task that is dead by it', async () => {
    const { tasks, sweeper, told, nextSweep } = sweeperParts();
    tasks.expired.onFirstCall().resolves([expiredTask(1), expiredTask(2, { maxRetries: 1 })]);
    sweeper.start();
    await nextSweep();
    expect(told.map(({ name, event }) => [name, (event as { task: { id: string } }).task.id])).to.deep.equal([
      ['lease-swept', idOf(1)],
      ['lease-swept', idOf(2)],
      ['task-dead', idOf(2)],
    ]);
    expect(told[0]?.event).to.include({ workerId: 'worker-1' });
  });

  it('is silent of a lease that was renewed since it was read', async () => {
    const { tasks, sweeper, told, nextSweep } = sweeperParts();
    tasks.expired.onFirstCall().resolves([expiredTask(1, { maxRetries: 1 })]);
    tasks.settle.resolves(['lost']);
    sweeper.start();
    await nextSweep();
    expect(told).to.deep.equal([]);
  });

  it('wakes a worker that waits when it has taken something back', async () => {
    const { tasks, wakeups, sweeper, nextSweep } = sweeperParts();
    const group = wakeups.groupOf([expiredTask(1).queue]);
    group.enter();
    const waiting = watchPromise(wakeups.wait(group, 60_000));
    sweeper.start();
    await nextSweep();
    expect(waiting.state).to.equal('pending');
    tasks.expired.onCall(1).resolves([expiredTask(1)]);
    await nextSweep();
    expect(waiting.value).to.equal('work');
  });

  it('looks in its turn, and goes on at once while it finds as much as it asked for', async () => {
    const { tasks, sweeper, nextSweep } = sweeperParts();
    tasks.expired.onFirstCall().resolves(Array.from({ length: 1_000 }, (_, n) => expiredTask(n)));
    tasks.expired.onSecondCall().resolves([expiredTask(5_000)]);
    sweeper.start();
    await nextSweep();
    expect(tasks.expired.args).to.deep.equal([
      [1_000, true, 0],
      [1_000, false, 0],
    ]);
    expect(tasks.settle.args.map(([settlements]) => settlements.length)).to.deep.equal([1_000, 1]);
  });

  it('ends after a few batches in vain, and goes on behind them the next time, until it has passed all', async () => {
    const { clock, tasks, sweeper, nextSweep } = sweeperParts();
    const all = Array.from({ length: 6_500 }, (_, n) => expiredTask(n));
    tasks.expired.callsFake((limit, _inTurn, skip = 0) => Promise.resolve(all.slice(skip, skip + limit)));
    tasks.settle.callsFake((settlements) => Promise.resolve(settlements.map(() => 'lost')));
    sweeper.start();
    for (let n = 0; n < 3; n += 1) {
      await nextSweep();
      await clock.settle();
    }
    const skips = tasks.expired.args.map(([, , skip]) => skip);
    expect(skips).to.deep.equal([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 6_500, 0, 1_000, 2_000, 3_000, 4_000]);
  });

  it('sweeps again after the store refused a sweep', async () => {
    const { clock, tasks, sweeper, told } = sweeperParts();
    tasks.expired.onFirstCall().rejects(new Error('no'));
    tasks.expired.onSecondCall().resolves([expiredTask(1)]);
    tasks.settle.onFirstCall().rejects(new Error('no'));
    tasks.expired.onThirdCall().resolves([expiredTask(1)]);
    sweeper.start();
    await clock.advance(1_200);
    expect(told.map(({ name }) => name)).to.deep.equal(['store-error', 'store-error', 'lease-swept']);
  });

  it('prunes a batch with each sweep until nothing is left, and then only with some', async () => {
    const { clock, tasks, sweeper, nextSweep } = sweeperParts();
    tasks.prune.onFirstCall().resolves(1_000);
    sweeper.start();
    await nextSweep();
    await nextSweep();
    expect(tasks.prune.args).to.deep.equal([[1_000], [1_000]]);
    await clock.advance(600_000);
    expect(tasks.prune.callCount).to.be.within(5, tasks.expired.callCount / 10);
  });

  it('leaves no timer when it is stopped, and lets a sweep under way end', async () => {
    const { clock, tasks, sweeper, nextSweep } = sweeperParts();
    const answer = deferred<Task[]>();
    tasks.expired.onFirstCall().returns(answer.promise);
    sweeper.start();
    await nextSweep();
    const stopped = watchPromise(sweeper.stop());
    await clock.settle();
    expect(stopped.state).to.equal('pending');
    answer.resolve([expiredTask(1)]);
    await clock.settle();
    expect(stopped.state).to.equal('resolved');
    await sweeper.stop();
    await clock.advance(60_000);
    expect(clock.timers).to.equal(0);
    expect(tasks.expired.callCount).to.equal(1);
  });

  it('may be stopped before it has begun', async () => {
    const { clock, sweeper } = sweeperParts();
    await sweeper.stop();
    sweeper.start();
    await clock.advance(10_000);
    expect(clock.timers).to.equal(0);
  });
});
