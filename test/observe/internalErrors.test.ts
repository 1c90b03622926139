import { expect } from 'chai';
import sinon from 'sinon';
import { Trimmer } from '../../classes/events/trimmer';
import type { TrimmerParts } from '../../classes/events/trimmer';
import { Ticker } from '../../classes/schedule/ticker';
import { Worker } from '../../classes/worker/worker';
import { HoldfastError } from '../../modules/errors/holdfastError';
import type { ScheduleStore } from '../../modules/ports/scheduleStore';
import { holdingOf } from '../lease/holdings';
import { expiredTask, sweeperParts } from '../lease/sweeperParts';
import { eventually } from '../support/eventually';
import { FakeClock } from '../support/fakeClock';
import { fakeTasks, timedOut, unreachable } from '../support/fakeTasks';
import { internalErrorsFor } from '../support/internalErrors';
import { forSqlite } from '../support/stores';

/** An error of one place in the code, with any message. */
const bug = (message = 'x is not a function'): TypeError => new TypeError(message);

const MINUTE = 60_000;

describe('InternalErrors', () => {
  it('tell a bug with its place and its stack', () => {
    const { internalErrors, bugs } = internalErrorsFor(new FakeClock());
    internalErrors.note('sweep', bug());
    expect(bugs).to.have.length(1);
    expect(bugs[0]).to.deep.include({ where: 'sweep' }).and.to.have.nested.property('error.name', 'TypeError');
    expect(bugs[0]?.error.stack).to.include('internalErrors.test');
  });

  it('tell the same one once a minute, whatever its message says', async () => {
    const clock = new FakeClock();
    const { internalErrors, bugs } = internalErrorsFor(clock);
    const errors = [1, 2, 3, 4].map((n) => bug(`task ${n} has no lease`));
    for (const error of errors.slice(0, 3)) {
      internalErrors.note('sweep', error);
      await clock.advance(MINUTE / 2 - 1);
    }
    expect(bugs).to.have.length(1);
    await clock.advance(3);
    internalErrors.note('sweep', errors[3]);
    expect(bugs.map(({ error }) => error.message)).to.deep.equal(['task 1 has no lease', 'task 4 has no lease']);
  });

  it('tell another stack and another place by themselves', () => {
    const { internalErrors, bugs } = internalErrorsFor(new FakeClock());
    internalErrors.note('sweep', bug());
    internalErrors.note('sweep', new RangeError('elsewhere'));
    internalErrors.note('claim', bug());
    expect(bugs.map(({ where }) => where)).to.deep.equal(['sweep', 'sweep', 'claim']);
  });

  it('tell what is no Error by what it says', () => {
    const { internalErrors, bugs } = internalErrorsFor(new FakeClock());
    for (const thrown of ['one', 'one', 'two', null]) internalErrors.note('claim', thrown);
    expect(bugs.map(({ error }) => error.message)).to.deep.equal(['one', 'two', 'null']);
  });

  it('are silent of what the store has told, of a store that does not answer and of one that is closed', () => {
    const refusal = new Error('duplicate key');
    const { internalErrors, bugs } = internalErrorsFor(new FakeClock(), (error) => error === refusal);
    for (const error of [refusal, unreachable(), timedOut(), new HoldfastError('HOLDFAST_STORE_CLOSED')]) internalErrors.note('claim', error);
    expect(bugs).to.deep.equal([]);
  });
});

describe('A bug', () => {
  it('in the port of a sweep is told once a minute, and the sweeps go on', async () => {
    const { clock, tasks, sweeper, told } = sweeperParts();
    tasks.expired.rejects(bug('no such method'));
    sweeper.start();
    await clock.advance(MINUTE);
    const bugs = told.filter(({ name }) => name === 'internal-error');
    expect(bugs).to.have.length(1);
    expect(bugs[0]?.event).to.have.nested.property('error.stack').which.includes('no such method');
    expect(tasks.expired.callCount).to.equal(150);
  });

  it('in a part that a sweep wakes is told, and the sweeps go on', async () => {
    const { clock, wakeups, tasks, sweeper, told } = sweeperParts();
    sinon.stub(wakeups, 'tell').throws(bug());
    tasks.expired.resolves([expiredTask(1)]);
    sweeper.start();
    await clock.advance(1_200);
    expect(told.map(({ name }) => name)).to.include('internal-error');
    expect(tasks.expired.callCount).to.equal(3);
  });

  it('in the port of a heartbeat is told, and the heartbeats go on', async () => {
    const { clock, tasks, leases, told } = sweeperParts();
    tasks.renew.onFirstCall().rejects(bug());
    const holding = holdingOf('a', 3_000, clock.monotonic());
    leases.hold(holding);
    await clock.advance(10_000);
    expect(told.filter(({ name }) => name === 'internal-error').map(({ event }) => event)).to.have.nested.property('[0].where', 'heartbeat');
    expect(holding.status).to.equal('held');
  });

  it('in what a lost lease ends is told, and the other leases are kept', async () => {
    const { clock, tasks, leases, told } = sweeperParts();
    tasks.renew.callsFake((held) => Promise.resolve(held.map(({ id }) => id === 'kept')));
    const lost = { ...holdingOf('lost', 3_000, clock.monotonic()), settling: true };
    leases.hold({ ...lost, onExpired: () => expect.fail('a bug') });
    const kept = holdingOf('kept', 3_000, clock.monotonic());
    leases.hold(kept);
    await clock.advance(10_000);
    expect(told.map(({ name }) => name)).to.deep.equal(['internal-error']);
    expect(kept.status).to.equal('held');
  });

  it('in a look for schedules is told, and the looks go on', async () => {
    const clock = new FakeClock();
    const { internalErrors, bugs } = internalErrorsFor(clock);
    const claimDue = sinon.stub().rejects(bug());
    const ticker = new Ticker({
      schedules: { claimDue } as unknown as ScheduleStore,
      tasks: fakeTasks(),
      insert: () => Promise.reject(bug()),
      events: { on: () => () => undefined } as never,
      internalErrors,
      clock,
      random: () => 0,
    });
    ticker.start();
    await clock.advance(6_000);
    await ticker.stop();
    expect(bugs.map(({ where }) => where)).to.deep.equal(['tick']);
    expect(claimDue.callCount).to.equal(4);
  });

  it('in a trim is told, and the trims go on to the last one', async () => {
    const clock = new FakeClock();
    const { internalErrors, bugs } = internalErrorsFor(clock);
    const bulks = { trim: sinon.stub().rejects(bug()) };
    const trimmer = new Trimmer({ clock, bulks, internalErrors } as unknown as TrimmerParts, 'mail', { succeededLast: 3 });
    trimmer.start();
    await clock.advance(6_000);
    await trimmer.stop();
    expect(bugs.map(({ where }) => where)).to.deep.equal(['trim']);
    expect(bulks.trim.callCount).to.equal(4);
  });
});

forSqlite('A bug', (opening) => {
  it('in a claim is told with its stack, and the worker claims again', async () => {
    const store = await opening.open();
    const bugs: unknown[] = [];
    store.events.on('internal-error', (told) => bugs.push(told));
    const claim = sinon.stub(store.parts.claimer, 'claim').callThrough();
    claim.onFirstCall().rejects(bug());
    claim.onSecondCall().throws(bug());
    const worker = new Worker(store, { queues: ['mail'], handlers: { work: () => 'ran' } });
    await worker.start();
    await eventually('it claims again', () => claim.callCount > 2);
    await worker.stop();
    expect(bugs[0]).to.deep.include({ where: 'claim' }).and.to.have.nested.property('error.stack').which.includes('internalErrors.test');
  });
});
