import { expect } from 'chai';
import { Emitter } from '../../classes/observe/emitter';
import { StoreMonitor } from '../../classes/observe/storeMonitor';
import type { Claim, ClaimRequest } from '../../modules/ports/taskStore';
import type { EventName, HoldfastEvents } from '../../constants/events';
import { watchedTasks } from '../../classes/store/watchedDatabase';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';
import { deferred, fakeTasks, never, timedOut, unreachable } from '../support/fakeTasks';

function monitorParts() {
  const clock = new FakeClock();
  const events = new Emitter();
  const monitor = new StoreMonitor(events, clock, 1_000);
  const tasks = fakeTasks();
  const observed = watchedTasks(tasks, monitor);
  const told: { name: EventName; event: object }[] = [];
  const listen = <Name extends EventName>(name: Name): unknown => events.on(name, (event: HoldfastEvents[Name]) => told.push({ name, event }));
  (['store-lost', 'store-returned', 'store-error'] as const).forEach(listen);
  const names = (): string[] => told.map(({ name }) => name);
  return { clock, monitor, tasks, observed, told, names, prune: () => watchPromise(observed.prune(5)) };
}

describe('StoreMonitor', () => {
  it('hands calls and answers through, and is silent while all is well', async () => {
    const { clock, tasks, observed, names } = monitorParts();
    tasks.prune.resolves(7);
    expect(await observed.prune(5)).to.equal(7);
    expect(tasks.prune.args).to.deep.equal([[5]]);
    expect(names()).to.deep.equal([]);
    await clock.settle();
    expect(clock.timers).to.equal(0);
  });

  for (const [what, error] of [
    ['cannot be reached', unreachable],
    ['does not answer in time', timedOut],
  ] as const) {
    it(`tells once that the store ${what}, and once that it is back`, async () => {
      const { clock, tasks, told, names, prune } = monitorParts();
      for (const call of [0, 1, 2]) tasks.prune.onCall(call).rejects(error());
      for (let call = 0; call < 3; call += 1) {
        expect(prune()).to.deep.equal({ state: 'pending' });
        await clock.advance(500);
      }
      expect(names()).to.deep.equal(['store-lost']);
      expect(told[0]?.event).to.deep.include({ operation: 'prune' }).and.to.have.nested.property('error.code', error().code);
      prune();
      prune();
      await clock.settle();
      expect(told.slice(1)).to.deep.equal([{ name: 'store-returned', event: { afterMs: 1_500 } }]);
    });
  }

  it('tells once of a disk that is full, and its end at the first write: reads say nothing, before, meanwhile and after', async () => {
    const { clock, tasks, observed, names, told } = monitorParts();
    const full = new HoldfastError('HOLDFAST_FILE_UNUSABLE');
    const read = (): Promise<unknown> => Promise.all([observed.claim({} as ClaimRequest), observed.counts(['waiting'])]);
    const held = deferred<never>();
    tasks.insert.returns(held.promise);
    const first = watchPromise(observed.insert([]));
    await read();
    held.reject(full);
    await clock.settle();
    expect(first.state).to.equal('rejected');
    for (const verb of [tasks.insert, tasks.settle]) verb.rejects(full);
    for (let round = 0; round < 3; round += 1) {
      await read();
      await observed.insert([]).catch(() => undefined);
      await observed.settle([]).catch(() => undefined);
    }
    expect(names()).to.deep.equal(['store-lost']);
    expect(told[0]?.event).to.deep.include({ operation: 'insert' });
    tasks.settle.resolves([]);
    await read();
    expect(names()).to.deep.equal(['store-lost']);
    await observed.settle([]);
    await read();
    expect(names()).to.deep.equal(['store-lost', 'store-returned']);
  });

  it('does not take the time of the store for an answer, which comes from a sample while the server is frozen', async () => {
    const { clock, tasks, names, prune, monitor } = monitorParts();
    tasks.prune.onFirstCall().rejects(unreachable());
    prune();
    await clock.settle();
    await monitor.call('now', () => Promise.resolve(1));
    expect(names()).to.deep.equal(['store-lost']);
    prune();
    await clock.settle();
    expect(names()).to.deep.equal(['store-lost', 'store-returned']);
  });

  it('rejects with what the store threw', async () => {
    const { clock, tasks, prune } = monitorParts();
    const error = unreachable();
    tasks.prune.rejects(error);
    const call = prune();
    await clock.settle();
    expect(call).to.deep.include({ state: 'rejected', reason: error });
  });

  it('ends the wait for a call that hangs, with the name of the verb, and tells of the loss', async () => {
    const { clock, tasks, names, prune } = monitorParts();
    tasks.prune.onFirstCall().returns(never());
    const call = prune();
    await clock.advance(999);
    expect(call.state).to.equal('pending');
    await clock.advance(1);
    expect(call.reason).to.be.instanceOf(HoldfastError).and.to.include({ code: 'HOLDFAST_STORE_TIMEOUT', field: 'prune' });
    expect((call.reason as HoldfastError).message).to.include(': prune must be answered within 1000 ms. ');
    expect(names()).to.deep.equal(['store-lost']);
  });

  it('waits four times as long for a claim, which has limits of its own in the store', async () => {
    const { clock, tasks, observed, names } = monitorParts();
    const answer = deferred<Claim>();
    tasks.claim.returns(answer.promise);
    const claim = watchPromise(observed.claim({} as ClaimRequest));
    await clock.advance(3_999);
    expect(claim.state).to.equal('pending');
    answer.reject(timedOut());
    await clock.settle();
    expect(claim.state).to.equal('rejected');
    expect(names()).to.deep.equal(['store-lost']);
  });

  it('drops an answer, or an error, that comes after that', async () => {
    const { clock, tasks, names, prune } = monitorParts();
    for (const late of [0, 1]) {
      const answer = deferred<number>();
      tasks.prune.onCall(late).returns(answer.promise);
      const call = prune();
      await clock.advance(1_000);
      if (late === 0) answer.resolve(7);
      else answer.reject(new Error('late'));
      await clock.settle();
      expect(call.state).to.equal('rejected');
    }
    expect(names()).to.deep.equal(['store-lost']);
  });

  it('leaves no timer, whatever the answer', async () => {
    const { clock, tasks, prune } = monitorParts();
    tasks.prune.onCall(0).rejects(unreachable()).onCall(1).rejects(new Error('no'));
    tasks.prune.onCall(2).throws(new TypeError('at once'));
    for (let call = 0; call < 4; call += 1) prune();
    await clock.settle();
    expect(clock.timers).to.equal(0);
  });

  it('tells each time that the store refuses a call for another reason', async () => {
    const { clock, tasks, told, prune } = monitorParts();
    tasks.prune.rejects(new TypeError('no such index'));
    prune();
    prune();
    await clock.settle();
    const event = (({ name, message }) => ({ name, message }))(new TypeError('no such index'));
    expect(told).to.have.length(2);
    for (const { name, event: given } of told) {
      expect(name).to.equal('store-error');
      expect(given).to.deep.include({ operation: 'prune' });
      expect((given as { error: object }).error).to.include(event);
    }
  });

  it('tells refusals of the store from bugs of its adapter', async () => {
    const { clock, monitor, tasks, prune } = monitorParts();
    const errors = [new Error('no such index'), unreachable(), new TypeError('x is not a function')];
    errors.forEach((error, call) => tasks.prune.onCall(call).rejects(error));
    errors.forEach(() => prune());
    await clock.settle();
    expect(errors.map((error) => monitor.isFault(error))).to.deep.equal([true, true, false]);
    expect(monitor.isFault(new Error('of another'))).to.equal(false);
  });

  it('does not take a refusal for the end of an outage', async () => {
    const { clock, tasks, names, prune } = monitorParts();
    tasks.prune.onCall(0).rejects(unreachable()).onCall(1).rejects(new Error('no'));
    prune();
    await clock.settle();
    prune();
    await clock.settle();
    expect(names()).to.deep.equal(['store-lost', 'store-error']);
  });

  it('is silent of a store that was closed', async () => {
    const { clock, tasks, names, prune } = monitorParts();
    tasks.prune.rejects(new HoldfastError('HOLDFAST_STORE_CLOSED'));
    const call = prune();
    await clock.settle();
    expect(call.state).to.equal('rejected');
    expect(names()).to.deep.equal([]);
  });

  it('leaves a watch alone, and one that is not there', () => {
    const { clock, monitor, tasks, observed } = monitorParts();
    const onChange = (): void => undefined;
    const unwatch = (): void => undefined;
    tasks.watch.returns(unwatch);
    expect(observed.watch?.(onChange)).to.equal(unwatch);
    expect(clock.timers).to.equal(0);
    expect(watchedTasks({ ...tasks, watch: undefined } as never, monitor)).not.to.have.property('watch');
  });
});
