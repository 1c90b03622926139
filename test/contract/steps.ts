import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { DAY, SIGNALS_A_TASK, TRANSIT_PREFIX } from '../../constants/limits';
import type { Database } from '../../modules/ports/database';
import type { Signal, SignalAnswer, Step, StepWrite } from '../../modules/ports/stepStore';
import type { TaskKey } from '../../modules/ports/taskStore';
import { removeChange } from '../../modules/task/outcome';
import type { TaskHead } from '../../modules/task/task';
import { chunksOf } from '../../modules/values/chunksOf';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, heldLease, pause, reread, sample, settlement, the, until } from './samples';

/** A step that a worker records. */
const write = (task: TaskHead, step: Partial<StepWrite['step']> = {}, fields: Partial<StepWrite> = {}): StepWrite => ({
  ...heldLease(task),
  clears: false,
  step: { at: 0, name: 'first', kind: 'step', value: '1', end: null, ...step },
  ...fields,
});

const signal = (name = 'paid', payload = '1', id: string = randomUUID()): Signal => ({ id, name, payload });

/** The contract of durable steps and signals. */
export function steps(opening: Opening): void {
  let db: Database;
  beforeEach(async () => {
    db = await opening.database();
  });
  describe('steps', () => stepSuite(() => db));
  describe('signals', () => signalSuite(() => db));
  describe('waits', () => waitSuite(() => db));
  describe('steps in transit', () => transitSuite(() => db));
}

function stepSuite(db: () => Database): void {
  it('are kept with their task, in their order', async () => {
    const task = await claimedOne(db().tasks);
    const other = await claimedOne(db().tasks);
    expect(await db().steps.record([write(task, { at: 1, name: 'a.$b', value: '{"$set":{"a.b":"é"}}' }), write(task), write(other, { value: null })])).to.deep.equal([true, true, true]); // prettier-ignore
    expect(await db().steps.read(task)).to.deep.equal([
      { at: 0, name: 'first', kind: 'step', value: '1', until: null },
      { at: 1, name: 'a.$b', kind: 'step', value: '{"$set":{"a.b":"é"}}', until: null },
    ]);
    expect(await db().steps.read(other)).to.deep.equal([{ at: 0, name: 'first', kind: 'step', value: null, until: null }]);
  });

  it('are written only under the lease of their own pair', async () => {
    const [task, other] = await claimed(db().tasks, 2);
    const later = await claimedOne(db().tasks);
    const writes = [write(the(task), {}, { token: randomUUID() }), write(the(other)), write(later, {}, { token: heldLease(the(task)).token })];
    expect(await db().steps.record(writes)).to.deep.equal([false, true, false]);
    expect(await Promise.all([the(task), the(other), later].map(async (each) => (await db().steps.read(each)).length))).to.deep.equal([0, 1, 0]);
  });

  it('are not written under a lease that has ended', async () => {
    const task = await claimedOne(db().tasks);
    await db().tasks.settle([settlement(task, { state: 'waiting', delayMs: 0 })]);
    expect(await db().steps.record([write(task)])).to.deep.equal([false]);
    const again = the((await claim(db().tasks))[0]);
    expect(await db().steps.record([write(task), write(again, { value: '2' })])).to.deep.equal([false, true]);
    expect((await db().steps.read(task)).map(({ value }) => value)).to.deep.equal(['2']);
  });

  it('are the same when they are written again, and change when their number is written anew', async () => {
    const task = await claimedOne(db().tasks);
    for (const value of ['1', '1', '2']) expect(await db().steps.record([write(task, { value })])).to.deep.equal([true]);
    expect((await db().steps.read(task)).map(({ value }) => value)).to.deep.equal(['2']);
  });

  it('set failures to 0 where the write says so', async () => {
    const task = await claimedOne(db().tasks);
    await db().tasks.settle([settlement(task, { state: 'waiting', failures: 2, delayMs: 0 })]);
    const again = the((await claim(db().tasks))[0]);
    await db().steps.record([write(again)]);
    const before = await reread(db().tasks, task);
    expect(before.failures).to.equal(2);
    await db().steps.record([write(again, { at: 1 }, { clears: true })]);
    expect(await reread(db().tasks, task)).to.deep.equal({ ...before, failures: 0 });
  });

  it('end a sleep by the clock of the store', async () => {
    const task = await claimedOne(db().tasks);
    const [before, at] = [await db().schedules.now(), new Date('2060-01-02T03:04:05.678Z')];
    await db().steps.record([write(task, { kind: 'sleep', value: null, end: { delayMs: 90 * DAY } }), write(task, { at: 1, kind: 'sleep', value: null, end: { at } })]); // prettier-ignore
    const after = await db().schedules.now();
    const [relative, absolute] = await db().steps.read(task);
    expect(the(absolute).until).to.deep.equal(at);
    expect(the(the(relative).until).getTime()).to.be.within(nowOf(before) + 90 * DAY - 50, nowOf(after) + 90 * DAY + 50);
  });

  it('go when their task is removed, and stay while it is finished', async () => {
    const [done, gone, purged] = await claimed(db().tasks, 3);
    await db().steps.record([done, gone, purged].map((task) => write(the(task))));
    await db().tasks.settle([settlement(the(done), { state: 'succeeded', keepMs: DAY }), settlement(the(gone), removeChange)]);
    await db().tasks.settle([settlement(the(purged), { state: 'waiting', delayMs: 0 })]);
    const filter = { queue: the(purged).queue, states: ['waiting'] } as const;
    await db().bulk.change({ filter, change: removeChange, by: randomUUID(), limit: 10 });
    const left = await Promise.all([done, gone, purged].map((task) => db().steps.read(the(task))));
    expect(left.map(({ length }) => length)).to.deep.equal([1, 0, 0]);
  });

  it('are no part of a task that is read, listed or claimed', async () => {
    const task = await claimedOne(db().tasks);
    const whole = await reread(db().tasks, task);
    await db().steps.record([write(task, { value: JSON.stringify('x'.repeat(10_000)) })]);
    await db().steps.signal(task, signal());
    expect(await reread(db().tasks, task)).to.deep.equal(whole);
    expect((await db().tasks.list({ queue: task.queue, limit: 10 })).tasks).to.deep.equal([whole]);
    await db().tasks.settle([settlement(task, { state: 'waiting', delayMs: 0 })]);
    expect(Object.keys(the((await claim(db().tasks))[0])).sort()).to.deep.equal(Object.keys(task).sort());
  });
}

/** The clock of a store as milliseconds. */
const nowOf = (now: Date | number): number => (typeof now === 'number' ? now : now.getTime());

function signalSuite(db: () => Database): void {
  const send = (task: TaskKey, ...given: Parameters<typeof signal>): Promise<SignalAnswer> => db().steps.signal(task, signal(...given));

  it('are kept for a task that waits or runs, and for no other', async () => {
    const waiting = sample();
    expect(await send(waiting)).to.equal('missing');
    await db().tasks.insert([waiting]);
    expect(await send(waiting)).to.equal('kept');
    expect(await send({ ...waiting, queue: 'another' })).to.equal('missing');
    const running = the((await claim(db().tasks))[0]);
    expect(await send(running)).to.equal('kept');
    await db().tasks.settle([settlement(running, { state: 'succeeded', keepMs: DAY })]);
    expect(await send(running)).to.equal('finished');
    await db().tasks.settle([settlement(running, removeChange, { guard: { state: 'succeeded', rev: (await reread(db().tasks, running)).rev } })]);
    expect(await send(running)).to.equal('missing');
  });

  it('are taken once, in their order, those of each name by themselves', async () => {
    const task = await claimedOne(db().tasks);
    for (const [name, payload] of [['a', '1'], ['b', '2'], ['a', '3']] as const) await send(task, name, payload); // prettier-ignore
    const taken: (string | null | undefined)[] = [];
    for (const [at, name] of ['a', 'b', 'a', 'a'].entries()) {
      const step = await db().steps.take({ ...heldLease(task), clears: false, at, name, timeoutMs: null });
      taken.push(step?.kind === 'signal' ? step.value : step?.kind);
    }
    expect(taken).to.deep.equal(['1', '2', '3', 'wait']);
  });

  it('are one when they are sent again, also after they were taken', async () => {
    const task = await claimedOne(db().tasks);
    const sent = signal();
    for (let times = 0; times < 2; times += 1) expect(await db().steps.signal(task, sent)).to.equal('kept');
    const request = { ...heldLease(task), clears: false, at: 0, name: sent.name, timeoutMs: null };
    expect(await db().steps.take(request)).to.include({ kind: 'signal' });
    expect(await db().steps.take(request)).to.include({ kind: 'signal' });
    expect(await db().steps.signal(task, sent)).to.equal('kept');
    expect(await db().steps.take({ ...request, at: 1 })).to.include({ kind: 'wait' });
  });

  it('are taken only under the lease', async () => {
    const task = await claimedOne(db().tasks);
    await send(task);
    const request = { ...heldLease(task), clears: true, at: 0, name: 'paid', timeoutMs: null };
    expect(await db().steps.take({ ...request, token: randomUUID() })).to.equal(null);
    expect(await db().steps.take({ ...request, at: 1, name: 'other', token: randomUUID() })).to.equal(null);
    expect(await db().steps.read(task)).to.deep.equal([]);
    expect(await db().steps.take(request)).to.include({ kind: 'signal' });
  });

  it('are refused when there are too many', async () => {
    const task = sample();
    await db().tasks.insert([task]);
    const large = JSON.stringify('x'.repeat(1024 * 1024 - 2));
    for (let sent = 0; sent < 3; sent += 1) expect(await send(task, 'large', large)).to.equal('kept');
    expect(await send(task, 'large', JSON.stringify('x'.repeat(1024 * 1024)))).to.equal('full');
    const other = sample();
    await db().tasks.insert([other]);
    for (const part of chunksOf(Array.from({ length: SIGNALS_A_TASK }), 10))
      expect(await Promise.all(part.map(() => send(other)))).to.deep.equal(part.map(() => 'kept'));
    expect(await send(other)).to.equal('full');
  });
}

function waitSuite(db: () => Database): void {
  const take = (task: TaskHead, timeoutMs: number | null = null, at = 0): Promise<Step | null> =>
    db().steps.take({ ...heldLease(task), clears: false, at, name: 'paid', timeoutMs });
  const suspend = (task: TaskHead, signals = ['paid']) => db().tasks.settle([settlement(task, { state: 'waiting', delayMs: 90 * DAY, signals })]);
  const isDue = async (task: TaskHead): Promise<boolean> => (await db().tasks.nextDueMs([task.queue])) === 0;

  it('keep the end that they began with', async () => {
    const task = await claimedOne(db().tasks);
    const open = the(await take(task, 60_000));
    expect(open).to.include({ kind: 'wait', value: null });
    await pause(20);
    expect(await take(task, 90_000)).to.deep.equal(open);
    expect(await db().steps.read(task)).to.deep.equal([open]);
  });

  it('take a signal that comes later, and set failures to 0 where they say so', async () => {
    const task = await claimedOne(db().tasks);
    await db().tasks.settle([settlement(task, { state: 'waiting', failures: 2, delayMs: 0 })]);
    const again = the((await claim(db().tasks))[0]);
    await take(again, 60_000);
    await db().steps.signal(task, signal());
    const step = await db().steps.take({ ...heldLease(again), clears: true, at: 0, name: 'paid', timeoutMs: null });
    expect(step).to.deep.equal({ at: 0, name: 'paid', kind: 'signal', value: '1', until: null });
    expect(await db().steps.read(task)).to.deep.equal([step]);
    expect((await reread(db().tasks, task)).failures).to.equal(0);
  });

  it('end once: a wait that has timed out takes no signal', async () => {
    const task = await claimedOne(db().tasks);
    await take(task, 0);
    await db().steps.record([write(task, { name: 'paid', kind: 'timeout', value: null })]);
    await db().steps.signal(task, signal());
    expect(await take(task)).to.include({ kind: 'timeout' });
    expect(await take(task, null, 1)).to.include({ kind: 'signal' });
  });

  it('are woken by a signal of their name, and by no other', async () => {
    const task = await claimedOne(db().tasks);
    await take(task);
    await suspend(task);
    expect(await isDue(task)).to.equal(false);
    expect(await db().steps.signal(task, signal('other'))).to.equal('kept');
    expect(await isDue(task)).to.equal(false);
    const { rev } = await reread(db().tasks, task);
    expect(await db().steps.signal(task, signal())).to.equal('woke');
    expect(await isDue(task)).to.equal(true);
    expect((await reread(db().tasks, task)).rev).to.be.above(rev);
    expect(await until(() => claim(db().tasks))).to.have.length(1);
  });

  it('are due at once when the signal came before the task slept', async () => {
    const task = await claimedOne(db().tasks);
    await take(task);
    await db().steps.signal(task, signal());
    await suspend(task, ['other', 'paid']);
    expect(await until(() => claim(db().tasks))).to.have.length(1);
  });

  it('are over when the task waits for something else: a retry is not woken', async () => {
    const task = await claimedOne(db().tasks);
    await take(task);
    await suspend(task);
    await db().steps.signal(task, signal());
    const again = the((await until(() => claim(db().tasks)))[0]);
    await db().tasks.settle([settlement(again, { state: 'waiting', failures: 1, delayMs: 90 * DAY })]);
    expect(await db().steps.signal(task, signal())).to.equal('kept');
    expect(await isDue(task)).to.equal(false);
  });

  it('of several tasks that sleep in one write are told apart', async () => {
    const [a, b, c] = (await claimed(db().tasks, 3)).map(the);
    await Promise.all([take(the(a)), take(the(b))]);
    const changes = [['paid'], ['other'], undefined].map((signals) => ({
      state: 'waiting' as const,
      delayMs: 90 * DAY,
      ...(signals ? { signals } : {}),
    }));
    await db().tasks.settle([a, b, c].map((task, index) => settlement(the(task), the(changes[index]))));
    const answers = await Promise.all([a, b, c].map((task) => db().steps.signal(the(task), signal())));
    expect(answers).to.deep.equal(['woke', 'kept', 'kept']);
  });
}

function transitSuite(db: () => Database): void {
  const lease = { token: `${TRANSIT_PREFIX}test`, workerId: 'copy' };

  it('go with their task, which is still woken by its signal', async () => {
    const task = await claimedOne(db().tasks);
    await db().steps.record([write(task), write(task, { at: 1, name: 'nap', kind: 'sleep', value: null, end: { at: new Date(5) } })]);
    await db().steps.take({ ...heldLease(task), clears: false, at: 2, name: 'paid', timeoutMs: null });
    await db().steps.signal(task, signal('other', '{"a":1}'));
    await db().tasks.settle([settlement(task, { state: 'waiting', delayMs: 90 * DAY, signals: ['paid'] })]);
    const before = await db().steps.read(task);
    await db().transit.hold([await reread(db().tasks, task)], lease);
    expect(await db().steps.signal(task, signal())).to.equal('missing');
    const [held] = await db().tasks.held({ token: lease.token });
    const carried = await db().transit.carried([the(held)]);
    await db().tasks.settle([settlement(the(held), removeChange)]);
    expect(await db().steps.read(task)).to.deep.equal([]);
    await db().transit.place([the(held)], lease, carried);
    await db().transit.release([the(held)], lease.token);
    expect(await db().steps.read(task)).to.deep.equal(before);
    expect(await db().steps.signal(task, signal())).to.equal('woke');
    const again = the((await until(() => claim(db().tasks)))[0]);
    const taken = await db().steps.take({ ...heldLease(again), clears: false, at: 3, name: 'other', timeoutMs: null });
    expect(taken).to.include({ kind: 'signal', value: '{"a":1}' });
  });

  it('are none for a task without them', async () => {
    const task = await claimedOne(db().tasks);
    expect(await db().transit.carried([task])).to.deep.equal([]);
  });
}
