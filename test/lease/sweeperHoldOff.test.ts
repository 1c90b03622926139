import { expect } from 'chai';
import { sleep } from '../../modules/time/clock';
import { unreachable } from '../support/fakeTasks';
import { holdingOf } from './holdings';
import { idOf, sampleLease, sampleTask } from '../support/samples';
import { expiredTask, sweeperParts } from './sweeperParts';

const expired = () => Promise.resolve([sampleTask({ id: idOf(9) })]);

describe('Sweeper after an outage', () => {
  it('renews its own leases at once, and takes others back one heartbeat later', async () => {
    const { clock, tasks, events, leases, sweeper } = sweeperParts();
    leases.hold(holdingOf(idOf(1), 30_000, clock.monotonic()));
    sweeper.start();
    await clock.advance(1_000);
    events.emit('store-returned', { afterMs: 5_000 });
    await clock.settle();
    expect(tasks.renew.callCount).to.equal(1);
    tasks.expired.callsFake(expired);
    await clock.advance(9_999);
    expect(tasks.settle.callCount).to.equal(0);
    await clock.advance(800);
    expect(tasks.settle.callCount).to.be.above(0);
  });

  it('takes nothing back by the very call that showed that the store is back', async () => {
    const { clock, tasks, leases, sweeper, told } = sweeperParts();
    leases.hold(holdingOf(idOf(1), 30_000, clock.monotonic()));
    tasks.expired.onCall(0).rejects(unreachable());
    sweeper.start();
    await clock.advance(400);
    tasks.expired.callsFake(expired);
    await clock.advance(9_000);
    expect(told.map(({ name }) => name)).to.deep.equal(['store-lost', 'store-returned']);
    expect(tasks.settle.callCount).to.equal(0);
    await clock.advance(2_000);
    expect(tasks.settle.callCount).to.be.above(0);
  });

  it('leaves the other processes time to renew also where it holds no lease itself', async () => {
    const { clock, tasks, events, sweeper } = sweeperParts();
    sweeper.start();
    await clock.advance(500);
    events.emit('store-returned', { afterMs: 60_000 });
    tasks.expired.callsFake(expired);
    await clock.advance(1_000);
    expect(tasks.settle.callCount).to.equal(0);
  });

  it('leaves the turn to the others while it finds what it may not take', async () => {
    const { clock, tasks, events, sweeper } = sweeperParts();
    tasks.expired.callsFake((_limit, _inTurn, skip) => (skip === 0 ? expired() : Promise.resolve([])));
    sweeper.start();
    events.emit('store-returned', { afterMs: 5_000 });
    await clock.advance(1_200);
    tasks.expired.resolves([]);
    await clock.advance(800);
    const sweeps = tasks.expired.args.filter(([, , skip]) => skip === 0);
    expect(sweeps.map(([, inTurn]) => inTurn)).to.deep.equal([true, false, false, false, true]);
  });

  it('takes back a short lease behind thousands of long ones that it may not take yet', async () => {
    const { clock, tasks, events, sweeper } = sweeperParts();
    const long = Array.from({ length: 2_500 }, (_, n) => expiredTask(n, { lease: sampleLease({ ms: 60_000 }) }));
    const all = [...long, expiredTask(9_999, { lease: sampleLease({ ms: 3_000 }) })];
    const settledIds = (): Set<string> => new Set(tasks.settle.args.flat(2).map(({ id }) => id));
    tasks.expired.callsFake((limit, _inTurn, skip = 0) => {
      const settled = settledIds();
      return Promise.resolve(all.filter(({ id }) => !settled.has(id)).slice(skip, skip + limit));
    });
    sweeper.start();
    events.emit('store-returned', { afterMs: 5_000 });
    await clock.advance(2_000);
    expect([...settledIds()]).to.deep.equal([idOf(9_999)]);
    await clock.advance(20_000);
    expect(settledIds().size).to.equal(2_501);
  });

  it('sweeps no more often after many outages', async () => {
    const { clock, events, sweeper, sweptAt } = sweeperParts();
    sweeper.start();
    for (let n = 0; n < 5; n += 1) events.emit('store-returned', { afterMs: 1 });
    await clock.advance(120_000);
    const gaps = sweptAt.slice(1).map((at, index) => at - (sweptAt[index] ?? 0));
    expect(Math.min(...gaps)).to.be.at.least(sweptAt[0] ?? 0);
    expect(clock.timers).to.equal(1);
  });
});

describe('Sweeper after a stall of its own', () => {
  it('renews its leases first, and takes others back one heartbeat later', async () => {
    const { clock, tasks, leases, sweeper } = sweeperParts();
    sweeper.start();
    await clock.advance(400);
    leases.hold(holdingOf(idOf(1), 30_000, clock.monotonic()));
    tasks.expired.callsFake(expired);
    clock.stall(5_000);
    await clock.advance(0);
    expect(tasks.renew.callCount).to.equal(1);
    await clock.advance(9_999);
    expect(tasks.settle.callCount).to.equal(0);
    await clock.advance(800);
    expect(tasks.settle.callCount).to.be.above(0);
  });

  it('again and again, takes others back all the same', async () => {
    const { clock, tasks, sweeper } = sweeperParts();
    tasks.expired.callsFake(expired);
    sweeper.start();
    for (let n = 0; n < 10; n += 1) {
      clock.stall(5_000);
      await clock.advance(100);
      expect(tasks.settle.callCount > 0, `after ${n + 1} stalls`).to.equal(n >= 2);
    }
  });

  it('waits ten seconds at most, however long the lease', async () => {
    const { clock, tasks, sweeper } = sweeperParts();
    tasks.expired.callsFake(() => Promise.resolve([sampleTask({ id: idOf(9), lease: sampleLease({ ms: 3_600_000 }) })]));
    sweeper.start();
    clock.stall(5_000);
    await clock.advance(9_999);
    expect(tasks.settle.callCount).to.equal(0);
    await clock.advance(900);
    expect(tasks.settle.callCount).to.be.above(0);
  });

  it('does not take a late timer for a stall', async () => {
    const { clock, tasks, sweeper, sweptAt } = sweeperParts();
    sweeper.start();
    clock.stall(2_000);
    await clock.advance(0);
    expect(sweptAt).to.deep.equal([2_000]);
    expect(tasks.renew.callCount).to.equal(0);
  });

  it('does not take a long sweep for a stall', async () => {
    const { clock, tasks, leases, sweeper, sweptAt } = sweeperParts();
    tasks.expired.onFirstCall().callsFake(() => sleep(clock, 4_000).then(() => []));
    leases.hold(holdingOf(idOf(1), 30_000, clock.monotonic()));
    sweeper.start();
    await clock.advance(4_800);
    expect(sweptAt).to.deep.equal([4_800]);
    expect(tasks.renew.callCount).to.equal(0);
  });

  it('waits also where it holds no lease itself, because others may have stood still with it', async () => {
    const { clock, tasks, sweeper } = sweeperParts();
    sweeper.start();
    await clock.advance(400);
    tasks.expired.callsFake(expired);
    clock.stall(60_000);
    await clock.advance(0);
    expect(tasks.settle.callCount).to.equal(0);
  });
});

describe('Sweeper after a step of the clock', () => {
  for (const stepMs of [3_600_000, -3_600_000, 1_100])
    it(`of ${stepMs} ms takes no lease back before its length has passed`, async () => {
      const { clock, tasks, sweeper } = sweeperParts();
      sweeper.start();
      await clock.advance(1_000);
      clock.setWall(clock.now() + stepMs);
      tasks.expired.callsFake(expired);
      await clock.advance(29_000);
      expect(tasks.settle.callCount).to.equal(0);
      await clock.advance(2_000);
      expect(tasks.settle.callCount).to.be.above(0);
    });

  it('of less than a second takes leases back as ever', async () => {
    const { clock, tasks, sweeper } = sweeperParts();
    sweeper.start();
    await clock.advance(1_000);
    clock.setWall(clock.now() + 900);
    tasks.expired.callsFake(expired);
    await clock.advance(1_000);
    expect(tasks.settle.callCount).to.be.above(0);
  });

  it('that comes while the leases are read takes none of them back', async () => {
    const { clock, tasks, sweeper } = sweeperParts();
    sweeper.start();
    await clock.advance(1_000);
    tasks.expired.callsFake(() => {
      if (tasks.expired.callCount === 3) clock.setWall(clock.now() + 3_600_000);
      return tasks.expired.callCount >= 3 ? expired() : Promise.resolve([]);
    });
    await clock.advance(5_000);
    expect(tasks.settle.callCount).to.equal(0);
  });
});
