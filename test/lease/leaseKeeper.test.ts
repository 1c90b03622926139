import { expect } from 'chai';
import sinon from 'sinon';
import { LeaseKeeper } from '../../classes/lease/leaseKeeper';
import { FakeClock } from '../support/fakeClock';
import { deferred, fakeTasks, unreachable } from '../support/fakeTasks';
import { internalErrorsFor } from '../support/internalErrors';
import { holdingOf } from './holdings';

function keeper() {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const { internalErrors, bugs } = internalErrorsFor(clock);
  const leases = new LeaseKeeper(tasks, clock, internalErrors);
  const hold = (id: string, leaseMs = 30_000) => {
    const holding = holdingOf(id, leaseMs, clock.monotonic());
    leases.hold(holding);
    return holding;
  };
  /** Returns the ids of each heartbeat so far. */
  const beats = (): string[][] => tasks.renew.args.map(([held]) => held.map(({ id }) => id));
  return { clock, tasks, leases, hold, beats, bugs };
}

describe('LeaseKeeper renews', () => {
  it('a lease each time a third of it is over, by its id and token', async () => {
    const { clock, tasks, hold } = keeper();
    hold('a');
    await clock.advance(9_999);
    expect(tasks.renew.callCount).to.equal(0);
    await clock.advance(1);
    expect(tasks.renew.args).to.deep.equal([[[{ id: 'a', queue: 'q', token: 'token of a' }]]]);
    await clock.advance(9_999);
    expect(tasks.renew.callCount).to.equal(1);
    await clock.advance(1);
    expect(tasks.renew.callCount).to.equal(2);
    await clock.advance(300_000);
    expect(tasks.renew.callCount).to.equal(32);
  });

  it('all leases that are due in one call', async () => {
    const { clock, hold, beats } = keeper();
    for (const id of ['a', 'b', 'c']) hold(id);
    await clock.advance(10_000);
    expect(beats()).to.deep.equal([['a', 'b', 'c']]);
  });

  it('only those that are past a third of their life', async () => {
    const { clock, hold, beats } = keeper();
    hold('a');
    await clock.advance(6_000);
    hold('b');
    await clock.advance(4_000);
    expect(beats()).to.deep.equal([['a']]);
    await clock.advance(6_000);
    expect(beats()).to.deep.equal([['a'], ['b']]);
  });

  it('at a third of the shortest lease, and the longer ones at theirs', async () => {
    const { clock, hold, beats } = keeper();
    hold('long', 30_000);
    hold('short', 6_000);
    await clock.advance(9_999);
    expect(beats()).to.deep.equal([['short'], ['short'], ['short'], ['short']]);
    await clock.advance(1);
    expect(
      beats()
        .flat()
        .filter((id) => id === 'long'),
    ).to.have.length(1);
  });

  it('within its margin, by itself, for as long as the store answers', async () => {
    for (const leaseMs of [200, 1_000, 30_000]) {
      const { clock, hold } = keeper();
      const a = hold('a', leaseMs);
      await clock.advance(leaseMs * 20);
      expect(a).to.include({ status: 'held' });
      expect(a.heldSince).to.be.at.least(clock.monotonic() - leaseMs / 2);
    }
  });

  it('counting from before the heartbeat was sent, not from its answer', async () => {
    const { clock, tasks, hold } = keeper();
    const a = hold('a');
    const sentAt = clock.monotonic() + 10_000;
    const answer = deferred<boolean[]>();
    tasks.renew.onFirstCall().returns(answer.promise);
    await clock.advance(13_000);
    answer.resolve([true]);
    await clock.settle();
    expect(a.heldSince).to.equal(sentAt);
  });

  it('everything at once where it is asked to', async () => {
    const { clock, leases, hold, beats } = keeper();
    await leases.renewAll();
    hold('a');
    hold('b', 6_000);
    await clock.advance(500);
    await leases.renewAll();
    expect(beats()).to.deep.equal([['a', 'b']]);
  });

  it('again soon after a heartbeat that failed, and no lease is lost by a short outage', async () => {
    const { clock, tasks, hold } = keeper();
    const a = hold('a');
    tasks.renew.onCall(0).rejects(unreachable()).onCall(1).rejects(unreachable());
    await clock.advance(10_000);
    expect(tasks.renew.callCount).to.equal(1);
    await clock.advance(5_000);
    expect(tasks.renew.callCount).to.equal(3);
    expect(a.heldSince).to.equal(clock.monotonic());
    await clock.advance(28_000);
    sinon.assert.notCalled(a.onExpired);
    expect(a.status).to.equal('held');
  });
});

describe('LeaseKeeper gives a lease up', () => {
  for (const [leaseMs, end] of [
    [30_000, 29_000],
    [10_000, 9_000],
    [2_000, 1_800],
    [200, 180],
  ] as const) {
    it(`of ${leaseMs} ms by itself after ${end} ms, when it could not be renewed`, async () => {
      const { clock, tasks, hold } = keeper();
      tasks.renew.callsFake(() => Promise.reject(unreachable()));
      const a = hold('a', leaseMs);
      await clock.advance(end - 1);
      expect(a.status).to.equal('held');
      await clock.advance(1);
      expect(a.status).to.equal('expired');
      await clock.advance(leaseMs * 3);
      sinon.assert.calledOnce(a.onExpired);
      sinon.assert.notCalled(a.onTaken);
    });
  }

  it('counted from its last renewal', async () => {
    const { clock, tasks, hold } = keeper();
    tasks.renew.onFirstCall().resolves([true]).onSecondCall().rejects(unreachable());
    const a = hold('a');
    await clock.advance(10_000);
    tasks.renew.callsFake(() => Promise.reject(unreachable()));
    await clock.advance(28_999);
    expect(a.status).to.equal('held');
    await clock.advance(1);
    expect(a.status).to.equal('expired');
  });

  it('also while a heartbeat is not answered at all', async () => {
    const { clock, tasks, hold } = keeper();
    tasks.renew.callsFake(() => deferred<boolean[]>().promise);
    const a = hold('a');
    await clock.advance(29_000);
    expect(a.status).to.equal('expired');
  });

  it('at once when the process was stopped for longer than the lease', async () => {
    const { clock, hold } = keeper();
    const a = hold('a');
    clock.stall(60_000);
    await clock.advance(0);
    sinon.assert.calledOnce(a.onExpired);
  });

  it('without ending to renew it, because its handler may still run', async () => {
    const { clock, tasks, leases, hold } = keeper();
    tasks.renew.callsFake(() => Promise.reject(unreachable()));
    const a = hold('a');
    await clock.advance(29_000);
    tasks.renew.callsFake((held) => Promise.resolve(held.map(() => true)));
    await clock.advance(10_000);
    expect(a.heldSince).to.be.above(clock.monotonic() - 10_000);
    expect(a.status).to.equal('expired');
    expect(leases.exceptions).to.deep.equal(['a']);
    sinon.assert.notCalled(a.onTaken);
  });

  it('when a heartbeat finds that it is another’s, and names it no more', async () => {
    const { clock, tasks, leases, hold, beats } = keeper();
    const [a, b] = [hold('a'), hold('b')];
    tasks.renew.callsFake((held) => Promise.resolve(held.map(({ id }) => id === 'b')));
    await clock.advance(10_000);
    expect([a.status, b.status]).to.deep.equal(['taken', 'held']);
    await clock.advance(60_000);
    expect(beats().slice(1).flat()).not.to.include('a');
    sinon.assert.calledOnce(a.onTaken);
    sinon.assert.notCalled(a.onExpired);
    sinon.assert.notCalled(b.onTaken);
    expect(leases.exceptions).to.deep.equal(['a']);
    expect(leases.isBusy('a')).to.equal(true);
  });

  it('not when a heartbeat misses it while its outcome is being written', async () => {
    const { clock, tasks, hold } = keeper();
    const a = hold('a');
    a.settling = true;
    tasks.renew.callsFake(() => Promise.resolve([false]));
    await clock.advance(20_000);
    expect(a.status).to.equal('held');
    sinon.assert.notCalled(a.onTaken);
  });

  it('not when its outcome was written between the sending of a heartbeat and its answer', async () => {
    const { clock, tasks, leases, hold } = keeper();
    const a = hold('a');
    const answer = deferred<boolean[]>();
    tasks.renew.onFirstCall().returns(answer.promise);
    await clock.advance(10_000);
    a.settling = true;
    leases.drop(a);
    answer.resolve([false]);
    await clock.settle();
    sinon.assert.notCalled(a.onTaken);
  });
});

describe('LeaseKeeper', () => {
  it('knows what it holds', () => {
    const { leases, hold } = keeper();
    const a = hold('a');
    expect([leases.isBusy('a'), leases.isBusy('b')]).to.deep.equal([true, false]);
    expect(leases.exceptions).to.deep.equal([]);
    leases.drop({ id: 'a', queue: 'q', token: 'another' });
    expect(leases.isBusy('a')).to.equal(true);
    leases.drop(a);
    leases.drop(a);
    expect(leases.isBusy('a')).to.equal(false);
  });

  it('leaves no timer when it holds nothing, and renews no more what was dropped', async () => {
    const { clock, tasks, leases, hold } = keeper();
    const [a, b] = [hold('a'), hold('b')];
    leases.drop(a);
    expect(clock.timers).to.equal(1);
    leases.drop(b);
    expect(clock.timers).to.equal(0);
    await clock.advance(60_000);
    expect(tasks.renew.callCount).to.equal(0);
  });

  it('leaves no timer when it is stopped, also while a heartbeat is under way', async () => {
    const { clock, tasks, leases, hold } = keeper();
    hold('a');
    const answer = deferred<boolean[]>();
    tasks.renew.onFirstCall().returns(answer.promise);
    await clock.advance(10_000);
    leases.stop();
    leases.stop();
    answer.resolve([true]);
    await clock.advance(60_000);
    expect(clock.timers).to.equal(0);
    expect(tasks.renew.callCount).to.equal(1);
  });

  it('has one timer, however many leases it holds', async () => {
    const { clock, hold } = keeper();
    for (let n = 0; n < 100; n += 1) hold(`task ${n}`, 1_000 + n * 100);
    await clock.advance(5_000);
    expect(clock.timers).to.equal(1);
  });
});
