import { expect } from 'chai';
import { Settler } from '../../classes/lease/settler';
import type { Settled } from '../../classes/lease/settler';
import type { SettleAnswer, Settlement } from '../../modules/ports/taskStore';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';
import { internalErrorsFor } from '../support/internalErrors';
import { fakeTasks, never, timedOut, unreachable } from '../support/fakeTasks';
import { idOf } from '../support/samples';

const settlementOf = (n: number): Settlement => ({
  id: idOf(n),
  queue: 'q',
  guard: { token: `token ${n}` },
  change: { state: 'succeeded' },
  by: `token ${n}`,
});

function settlerParts(random = 0.5) {
  const clock = new FakeClock();
  const tasks = fakeTasks();
  const settler = new Settler(tasks, internalErrorsFor(clock).internalErrors, clock, () => random);
  const settle = (n: number) => watchPromise(new Promise<Settled>((resolve) => settler.submit(settlementOf(n), resolve)));
  /** Returns the numbers of the tasks in each call so far. */
  const sent = (): string[][] => tasks.settle.args.map(([settlements]) => settlements.map(({ id }) => id));
  return { clock, tasks, settler, settle, sent };
}

/** A store that refuses every batch that contains one of these tasks. */
const refusing =
  (...ids: string[]) =>
  (settlements: readonly Settlement[]): Promise<SettleAnswer[]> =>
    settlements.some(({ id }) => ids.includes(id))
      ? Promise.reject(new Error('a document is too large'))
      : Promise.resolve(settlements.map(() => 'applied'));

describe('Settler', () => {
  it('writes what is settled in one turn in one call, and answers each', async () => {
    const { clock, tasks, settle, sent } = settlerParts();
    tasks.settle.resolves(['applied', 'lost', 'applied']);
    const settled = [settle(1), settle(2), settle(3)];
    await clock.settle();
    expect(sent()).to.deep.equal([[idOf(1), idOf(2), idOf(3)]]);
    expect(settled.map(({ value }) => value)).to.deep.equal(['applied', 'lost', 'applied']);
    expect(tasks.settle.firstCall.args[0][0]).to.deep.equal(settlementOf(1));
  });

  it('releases by a call of its own, because an outcome of the same task may be waiting', async () => {
    const { clock, settler, settle, sent } = settlerParts();
    settle(1);
    const given = watchPromise(settler.giveBack({ ...settlementOf(1), guard: { token: 'a later token' }, by: 'a later token' }));
    await clock.settle();
    expect(sent()).to.deep.equal([[idOf(1)], [idOf(1)]]);
    expect(given.value).to.equal('applied');
  });

  it('sends a batch again, the same, until it is answered', async () => {
    const { clock, tasks, settle, sent } = settlerParts();
    tasks.settle.callsFake(() => Promise.reject(unreachable()));
    const settled = [settle(1), settle(2)];
    await clock.advance(120_000);
    expect(settled.map(({ state }) => state)).to.deep.equal(['pending', 'pending']);
    expect(new Set(sent().map(String)).size).to.equal(1);
    tasks.settle.callsFake((settlements) => Promise.resolve(settlements.map(() => 'applied')));
    await clock.advance(2_000);
    expect(settled.map(({ value }) => value)).to.deep.equal(['applied', 'applied']);
  });

  it('waits longer after each try, but never more than two seconds', async () => {
    const { clock, tasks, settle } = settlerParts(1 - Number.EPSILON);
    tasks.settle.callsFake(() => Promise.reject(timedOut()));
    settle(1);
    await clock.settle();
    const waits: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      waits.push(Math.round(clock.nextTimerMs));
      await clock.advance(clock.nextTimerMs);
    }
    expect(waits).to.deep.equal([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
  });

  it('does not let a settlement that the store refuses hold up its neighbours', async () => {
    const { clock, tasks, settle, sent } = settlerParts();
    tasks.settle.callsFake(refusing(idOf(2)));
    const settled = [settle(1), settle(2), settle(3)];
    await clock.advance(30_000);
    expect(settled.map(({ value }) => value)).to.deep.equal(['applied', 'refused', 'applied']);
    expect(
      sent()
        .slice(0, 5)
        .every((ids) => ids.length === 3),
    ).to.equal(true);
    expect(sent().filter((ids) => ids.length === 1 && ids[0] === idOf(2))).to.have.length(5);
  });

  it('gives up one that is refused five times by itself, and goes on with the next', async () => {
    const { clock, tasks, settle } = settlerParts();
    tasks.settle.callsFake(refusing(idOf(1)));
    const refused = settle(1);
    await clock.advance(10_000);
    expect(refused.value).to.equal('refused');
    expect(tasks.settle.callCount).to.equal(5);
    const next = settle(2);
    await clock.settle();
    expect(next.value).to.equal('applied');
  });

  it('does not take an outage for a refusal', async () => {
    const { clock, tasks, settle } = settlerParts();
    for (let call = 0; call < 20; call += 1) tasks.settle.onCall(call).rejects(call % 2 ? unreachable() : timedOut());
    const settled = settle(1);
    await clock.advance(60_000);
    expect(settled.value).to.equal('applied');
    expect(tasks.settle.callCount).to.equal(21);
  });

  it('answers unknown what the store did not answer when it gives up', async () => {
    const { clock, tasks, settler, settle } = settlerParts();
    tasks.settle.callsFake(() => Promise.reject(unreachable()));
    const settled = [settle(1), settle(2)];
    await clock.advance(10_000);
    settler.giveUp();
    await clock.advance(2_000);
    expect(settled.map(({ value }) => value)).to.deep.equal(['unknown', 'unknown']);
    expect(clock.timers).to.equal(0);
  });

  it('still sends once what is settled after it gave up', async () => {
    const { clock, tasks, settler, settle } = settlerParts();
    settler.giveUp();
    const applied = settle(1);
    await clock.settle();
    expect(applied.value).to.equal('applied');
    tasks.settle.callsFake(() => Promise.reject(unreachable()));
    const unknown = settle(2);
    await clock.settle();
    expect(unknown.value).to.equal('unknown');
  });

  it('is idle when everything has been answered', async () => {
    const { clock, tasks, settler, settle } = settlerParts();
    tasks.settle.onFirstCall().rejects(unreachable());
    settle(1);
    const idle = watchPromise(settler.idle());
    await clock.settle();
    expect(idle.state).to.equal('pending');
    await clock.advance(100);
    expect(idle.state).to.equal('resolved');
  });

  it('sends at most two thousand in one call', async () => {
    const { clock, settle, sent } = settlerParts();
    for (let n = 0; n < 2_500; n += 1) settle(n);
    await clock.settle();
    expect(sent().map((ids) => ids.length)).to.deep.equal([2_000, 500]);
  });

  it('gathers the next batch while one is under way', async () => {
    const { clock, tasks, settle, sent } = settlerParts();
    tasks.settle.onFirstCall().returns(never());
    settle(1);
    await clock.settle();
    settle(2);
    await clock.advance(60_000);
    expect(sent()).to.deep.equal([[idOf(1)]]);
  });

  it('sends again only what was not answered, and answers each with its own', async () => {
    const { clock, tasks, settle, sent } = settlerParts();
    tasks.settle.onFirstCall().resolves(['applied', 'unknown', 'lost', 'unknown']);
    tasks.settle.onSecondCall().rejects(unreachable());
    tasks.settle.onThirdCall().resolves(['clash', 'unknown']);
    const settled = [settle(1), settle(2), settle(3), settle(4)];
    await clock.advance(60_000);
    expect(sent()).to.deep.equal([[idOf(1), idOf(2), idOf(3), idOf(4)], [idOf(2), idOf(4)], [idOf(2), idOf(4)], [idOf(4)]]);
    expect(settled.map(({ value }) => value)).to.deep.equal(['applied', 'clash', 'lost', 'applied']);
  });

  it('sends large outcomes a few at a time', async () => {
    const { clock, tasks, settler } = settlerParts();
    const result = 'x'.repeat(1024 * 1024);
    for (let n = 0; n < 30; n += 1) settler.submit({ ...settlementOf(n), change: { state: 'succeeded', result } }, () => undefined);
    await clock.settle();
    await clock.advance(1_000);
    expect(tasks.settle.args.map(([settlements]) => settlements.length)).to.deep.equal([11, 11, 8]);
  });
});
