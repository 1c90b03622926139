import { expect } from 'chai';
import { SECOND, SUSPECT_ALONE_MS } from '../../constants/limits';
import type { Claim } from '../../modules/ports/taskStore';
import { watchPromise } from '../support/expectations';
import { claimedTask, claimerParts, claimOf } from './claimerParts';
import { stayAlone, stayBeside } from './stays';
import { deferred } from '../support/fakeTasks';
import { holdingOf } from './holdings';
import { idOf } from '../support/samples';

/** A task whose outcome is being written and makes it wait again. */
const returningOf = (n: number, heldSince: number) => Object.assign(holdingOf(idOf(n), 30_000, heldSince), { settling: true, returning: true });

describe('Claimer', () => {
  it('asks for the wanted tasks, with a fresh token and a deadline of at most a third of the lease', async () => {
    const { clock, tasks, claim } = claimerParts();
    claim({ queues: ['mail', 'billing'], limit: 7, leaseMs: 3_000 });
    await clock.settle();
    claim({ leaseMs: 30_000 });
    await clock.settle();
    const [first, second] = [tasks.claim.firstCall.args[0], tasks.claim.secondCall.args[0]];
    expect(first).to.deep.include({ queues: ['mail', 'billing'], limit: 7, workerId: 'worker-1', leaseMs: 3_000, deadlineMs: 1_000, except: [] });
    expect(second.deadlineMs).to.equal(2_000);
    expect(first.token)
      .to.match(/^[0-9a-f-]{36}$/)
      .and.not.equal(second.token);
  });

  it('returns what was claimed, with the instant before it was sent', async () => {
    const { clock, tasks, claim } = claimerParts();
    const sentAt = clock.monotonic();
    const answer = deferred<Claim>();
    tasks.claim.returns(answer.promise);
    const claimed = claim();
    await clock.advance(700);
    answer.resolve(claimOf([claimedTask(1)]));
    await clock.settle();
    expect(claimed.value).to.deep.equal({ tasks: [claimedTask(1)], sentAt });
  });

  it('claims for one worker at a time', async () => {
    const { clock, tasks, claim } = claimerParts();
    const answers = [deferred<Claim>(), deferred<Claim>()] as const;
    tasks.claim.onCall(0).returns(answers[0].promise).onCall(1).returns(answers[1].promise);
    const [first, second] = [claim({ workerId: 'one' }), claim({ workerId: 'two' })];
    await clock.advance(1_000);
    expect(tasks.claim.args.map(([{ workerId }]) => workerId)).to.deep.equal(['one']);
    answers[0].resolve(claimOf([claimedTask(1)]));
    await clock.settle();
    expect([first.state, second.state]).to.deep.equal(['resolved', 'pending']);
    expect(tasks.claim.args.map(([{ workerId }]) => workerId)).to.deep.equal(['one', 'two']);
    answers[1].resolve(claimOf());
    await clock.settle();
    expect(second.value?.tasks).to.deep.equal([]);
  });

  it('tells the store to leave out tasks that may be waiting again although they still run here', async () => {
    const { clock, tasks, leases, claim } = claimerParts();
    tasks.renew.resolves([]);
    leases.hold(holdingOf(idOf(1), 30_000, clock.monotonic()));
    leases.hold(holdingOf(idOf(2), 90_000, clock.monotonic()));
    await clock.advance(10_000);
    claim();
    await clock.settle();
    expect(tasks.claim.firstCall.args[0].except).to.deep.equal([idOf(1)]);
  });

  it('gives back, a little later, what it claimed while this process is not done with it', async () => {
    const { clock, tasks, leases, claim } = claimerParts();
    leases.hold(holdingOf(idOf(1), 30_000, clock.monotonic()));
    tasks.claim.resolves(claimOf([claimedTask(1), claimedTask(2)]));
    const claimed = claim();
    await clock.settle();
    const { token } = tasks.claim.firstCall.args[0];
    expect(claimed.value?.tasks).to.deep.equal([claimedTask(2)]);
    expect(tasks.settle.args).to.deep.equal([
      [[{ id: idOf(1), queue: 'mail', guard: { token }, change: { state: 'waiting', delayMs: 100 }, by: token }]],
    ]);
    expect(leases.isBusy(idOf(1))).to.equal(true);
  });

  it('hands out what it claimed before this process heard that the earlier attempt is written', async () => {
    const { clock, tasks, leases, claim } = claimerParts();
    const earlier = returningOf(1, clock.monotonic());
    const other = returningOf(3, clock.monotonic());
    leases.hold(earlier);
    leases.hold(other);
    tasks.claim.resolves(claimOf([claimedTask(1), claimedTask(2)]));
    const claimed = claim();
    await clock.advance(60);
    leases.drop(other);
    await clock.settle();
    expect(claimed.state).to.equal('pending');
    leases.drop(earlier);
    await clock.settle();
    expect(claimed.value?.tasks).to.deep.equal([claimedTask(1), claimedTask(2)]);
    expect(tasks.settle.callCount).to.equal(0);
  });

  it('gives it back where that is not heard within a second', async () => {
    const { clock, tasks, leases, claim } = claimerParts();
    leases.hold(returningOf(1, clock.monotonic()));
    tasks.claim.resolves(claimOf([claimedTask(1), claimedTask(2)]));
    const claimed = claim();
    await clock.settle();
    expect(claimed.state).to.equal('pending');
    await clock.advance(SECOND);
    expect(claimed.value?.tasks).to.deep.equal([claimedTask(2)]);
    expect(tasks.settle.args.map(([[settlement]]) => settlement?.id)).to.deep.equal([idOf(1)]);
  });
});

describe('Claimer and paused queues', () => {
  it('leaves them out, and asks for nothing where all are', async () => {
    const { clock, tasks, paused, claim } = claimerParts();
    paused.resolves(new Set(['mail']));
    claim({ queues: ['mail', 'billing'] });
    await clock.settle();
    expect(tasks.claim.firstCall.args[0].queues).to.deep.equal(['billing']);
    const claimed = claim({ queues: ['mail'] });
    await clock.settle();
    expect(claimed.value?.tasks).to.deep.equal([]);
    expect(tasks.claim.callCount).to.equal(1);
  });

  it('reads them once for many claims, and again within a second', async () => {
    const { clock, paused, rules } = claimerParts();
    for (let n = 0; n < 10; n += 1) expect(await rules.openQueues(['mail'])).to.deep.equal(['mail']);
    expect(paused.callCount).to.equal(1);
    paused.resolves(new Set(['mail']));
    await clock.advance(1_000);
    expect(await rules.openQueues(['mail'])).to.deep.equal([]);
  });

  it('takes nothing more from a queue a second after it was paused elsewhere, and takes from it again a second after it was resumed', async () => {
    const { clock, tasks, paused, claim } = claimerParts();
    const queuesAsked = async (afterMs: number): Promise<readonly string[] | undefined> => {
      await clock.advance(afterMs);
      tasks.claim.resetHistory();
      claim({ queues: ['mail', 'billing'] });
      await clock.settle();
      return tasks.claim.firstCall.args[0].queues;
    };
    expect(await queuesAsked(0)).to.deep.equal(['mail', 'billing']);
    paused.resolves(new Set(['mail']));
    expect(await queuesAsked(SECOND)).to.deep.equal(['billing']);
    paused.resolves(new Set());
    expect(await queuesAsked(SECOND)).to.deep.equal(['mail', 'billing']);
  });

  it('counts the age of known pauses from before it asked for them', async () => {
    const { clock, paused, rules } = claimerParts();
    const answer = deferred<ReadonlySet<string>>();
    paused.onFirstCall().returns(answer.promise);
    const open = watchPromise(rules.openQueues(['mail']));
    await clock.advance(900);
    answer.resolve(new Set());
    await clock.settle();
    expect(open.value).to.deep.equal(['mail']);
    await clock.advance(100);
    await rules.openQueues(['mail']);
    expect(paused.callCount).to.equal(2);
  });

  it('asks again at once when told that this process has paused or resumed one', async () => {
    const { paused, rules } = claimerParts();
    await rules.openQueues(['mail']);
    rules.forget();
    await rules.openQueues(['mail']);
    expect(paused.callCount).to.equal(2);
  });

  it('claims nothing if it cannot read the pauses, and rejects', async () => {
    const { clock, tasks, paused, claim } = claimerParts();
    const error = new Error('no');
    paused.onFirstCall().rejects(error);
    const [first, second] = [claim(), claim()];
    await clock.settle();
    expect(first).to.deep.include({ state: 'rejected', reason: error });
    expect(second.state).to.equal('resolved');
    expect(tasks.claim.callCount).to.equal(1);
  });
});

describe('Claimer and suspects', () => {
  it('claims nothing while one waits or runs', async () => {
    const { clock, tasks, solitude, claimer, claim } = claimerParts();
    const [running, suspect] = [deferred<void>(), deferred<void>()];
    void stayBeside(solitude, () => running.promise);
    void stayAlone(solitude, () => suspect.promise);
    expect(claimer.isBlocked).to.equal(true);
    const waiting = claim();
    await clock.settle();
    running.resolve();
    await clock.settle();
    const beside = claim();
    await clock.settle();
    expect([waiting.value?.tasks, beside.value?.tasks]).to.deep.equal([[], []]);
    expect(tasks.claim.callCount).to.equal(0);
    suspect.resolve();
    await clock.settle();
    expect(claimer.isBlocked).to.equal(false);
    claim();
    await clock.settle();
    expect(tasks.claim.callCount).to.equal(1);
  });

  it('says that a suspect may be claimed only where nothing runs in this process', async () => {
    const { clock, tasks, solitude, claim } = claimerParts();
    claim();
    await clock.settle();
    const running = deferred<void>();
    void stayBeside(solitude, () => running.promise);
    claim();
    await clock.settle();
    running.resolve();
    await clock.settle();
    claim();
    await clock.settle();
    expect(tasks.claim.args.map(([{ alone }]) => alone)).to.deep.equal([true, false, true]);
  });

  it('goes on claiming while a suspect waits, and after a second claims it although something runs', async () => {
    const { clock, tasks, solitude, claimer, claim } = claimerParts();
    tasks.claim.resolves(claimOf([], idOf(9)));
    void stayBeside(solitude, () => deferred<void>().promise);
    claim();
    await clock.settle();
    expect(claimer.isBlocked).to.equal(false);
    await clock.advance(1_000);
    claim();
    await clock.settle();
    expect(tasks.claim.args.map(([{ alone }]) => alone)).to.deep.equal([false, true]);
  });

  it('says of what it claims beside a suspect that it runs there, and claims no second one', async () => {
    const { clock, tasks, solitude, claimer, claim } = claimerParts();
    void stayAlone(solitude, () => deferred<void>().promise);
    await clock.settle();
    expect(claimer.isBlocked).to.equal(true);
    await clock.advance(SUSPECT_ALONE_MS);
    expect(claimer.isBlocked).to.equal(false);
    claim();
    await clock.settle();
    expect(tasks.claim.args.map(([{ alone, beside }]) => ({ alone, beside }))).to.deep.equal([{ alone: false, beside: true }]);
  });

  it('claims for others first after a suspect, and the next suspect at once where nothing of theirs is due', async () => {
    const { clock, tasks, solitude, claim } = claimerParts();
    const suspect = deferred<void>();
    void stayAlone(solitude, () => suspect.promise);
    await clock.advance(500);
    suspect.resolve();
    await clock.settle();
    tasks.claim.onFirstCall().resolves(claimOf([], idOf(9)));
    claim();
    await clock.settle();
    expect(tasks.claim.args.map(([{ alone }]) => alone)).to.deep.equal([false, true]);
  });
});
