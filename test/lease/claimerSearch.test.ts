import { expect } from 'chai';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { claimedTask, claimerParts, claimOf } from './claimerParts';
import { timedOut, unreachable } from '../support/fakeTasks';

describe('Claimer, of a claim that was not answered,', () => {
  it('never sends it again, looks for its token until it is surely over and returns what it finds', async () => {
    const { clock, tasks, claim } = claimerParts();
    const sentAt = clock.monotonic();
    tasks.claim.onFirstCall().rejects(unreachable());
    tasks.held.onCall(0).resolves([]);
    tasks.held.callsFake(() => Promise.resolve([claimedTask(1), claimedTask(2)]));
    const claimed = claim();
    await clock.advance(3_249);
    expect(claimed.state).to.equal('pending');
    await clock.advance(1);
    expect(claimed.value).to.deep.equal({ tasks: [claimedTask(1), claimedTask(2)], sentAt });
    const { token } = tasks.claim.firstCall.args[0];
    for (const [asked] of tasks.held.args) expect(asked).to.deep.equal({ token, queues: ['mail'] });
    expect(tasks.claim.callCount).to.equal(1);
  });

  it('waits until it is surely over also where a part of it is found at once', async () => {
    const { clock, tasks, claim } = claimerParts();
    tasks.claim.onFirstCall().rejects(timedOut());
    tasks.held.onCall(0).resolves([claimedTask(1)]);
    tasks.held.callsFake(() => Promise.resolve([claimedTask(1), claimedTask(2)]));
    const claimed = claim({ leaseMs: 3_000 });
    await clock.advance(1_749);
    expect(claimed.state).to.equal('pending');
    await clock.advance(1);
    expect(claimed.value?.tasks).to.have.length(2);
  });

  it('counts from when it failed, because it may have left as late as that', async () => {
    const { clock, tasks, claim } = claimerParts();
    tasks.claim.callsFake(async () => {
      await new Promise<void>((resolve) => clock.after(5_000, resolve));
      throw timedOut();
    });
    tasks.held.callsFake(() => Promise.resolve([]));
    const claimed = claim();
    await clock.advance(7_249);
    expect(claimed.state).to.equal('pending');
    tasks.held.callsFake(() => Promise.resolve([claimedTask(1)]));
    await clock.advance(1);
    expect(claimed.value?.tasks).to.have.length(1);
  });

  it('throws what the store threw where nothing is found, and goes on with the next', async () => {
    const { clock, tasks, claim } = claimerParts();
    const error = unreachable();
    tasks.claim.onFirstCall().rejects(error);
    const [first, second] = [claim(), claim()];
    await clock.advance(3_249);
    expect([first.state, second.state]).to.deep.equal(['pending', 'pending']);
    await clock.advance(1);
    expect(first).to.deep.include({ state: 'rejected', reason: error });
    expect(second.state).to.equal('resolved');
  });

  it('gives up where the answer of the store cannot be read, and goes on with the next', async () => {
    const { clock, tasks, claim } = claimerParts();
    const error = new TypeError('a document that is no task');
    tasks.claim.onFirstCall().rejects(error);
    tasks.held.callsFake(() => Promise.reject(error));
    const [first, second] = [claim(), claim()];
    await clock.advance(3_249);
    expect(first.state).to.equal('pending');
    await clock.advance(2_000);
    expect(first).to.deep.include({ state: 'rejected', reason: error });
    expect(second.state).to.equal('resolved');
  });

  it('looks on while the store does not answer, however long that is', async () => {
    const { clock, tasks, claim } = claimerParts();
    tasks.claim.onFirstCall().rejects(unreachable());
    tasks.held.callsFake(() => Promise.reject(unreachable()));
    const claimed = claim();
    await clock.advance(60_000);
    expect(claimed.state).to.equal('pending');
    expect(tasks.held.callCount).to.be.within(25, 80);
    tasks.held.callsFake(() => Promise.resolve([claimedTask(1)]));
    await clock.advance(2_000);
    expect(claimed.value?.tasks).to.have.length(1);
  });

  it('gives back what it finds of tasks that still run here', async () => {
    const { clock, tasks, leases, claim } = claimerParts();
    const { id } = claimedTask(1);
    leases.hold({
      id,
      queue: 'q',
      token: 'an earlier one',
      leaseMs: 30_000,
      heldSince: clock.monotonic(),
      extendedUntil: -Infinity,
      status: 'held',
      settling: false,
      returning: false,
      onExpired: () => undefined,
      onTaken: () => undefined,
    });
    tasks.claim.onFirstCall().rejects(unreachable());
    tasks.held.resolves([claimedTask(1), claimedTask(2)]);
    const claimed = claim();
    await clock.advance(3_250);
    expect(claimed.value?.tasks).to.deep.equal([claimedTask(2)]);
    expect(tasks.settle.firstCall.args[0][0]).to.deep.include({ id, change: { state: 'waiting', delayMs: 100 } });
  });

  it('ends the search with the next answer after it was closed', async () => {
    const { clock, tasks, claimer, claim } = claimerParts();
    const error = unreachable();
    tasks.claim.onFirstCall().rejects(error);
    tasks.held.callsFake(() => Promise.reject(unreachable()));
    const claimed = claim();
    await clock.advance(500);
    claimer.close();
    tasks.held.callsFake(() => Promise.resolve([]));
    await clock.advance(2_250);
    expect(claimed).to.deep.include({ state: 'rejected', reason: error });
  });

  for (const [what, error] of [
    ['is closed', () => new HoldfastError('HOLDFAST_STORE_CLOSED')],
    ['does not answer', unreachable],
    ['throws because its connection is closed', () => Object.assign(new Error('database is not open'), { code: 'ERR_INVALID_STATE' })],
  ] as const) {
    it(`ends the search after it was closed also where the store ${what}`, async () => {
      const { clock, tasks, claimer, claim } = claimerParts();
      tasks.claim.onFirstCall().rejects(unreachable());
      tasks.held.callsFake(() => Promise.reject(error()));
      const claimed = claim();
      await clock.advance(500);
      claimer.close();
      await clock.advance(30_000);
      expect(claimed.state).to.equal('rejected');
      expect(clock.timers).to.equal(0);
    });
  }

  it('does not look for one that found nothing', async () => {
    const { clock, tasks, claim } = claimerParts();
    tasks.claim.resolves(claimOf());
    claim();
    await clock.advance(5_000);
    expect(tasks.held.callCount).to.equal(0);
  });
});
