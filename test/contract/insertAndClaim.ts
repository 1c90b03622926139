import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import type { TaskStore } from '../../modules/ports/taskStore';
import type { NewTask } from '../../modules/task/task';
import type { Opening } from '../support/stores';
import { claim, claimed, claimedOne, claimRequest, idsOf, leaseOf, listed, QUEUE, reread, sample, samples, settlement, the, until } from './samples';

const MINUTE = 60_000;

const LATER_MS = Date.UTC(2100, 0, 1);

/** The contract of inserts and claims. */
export function insertAndClaim(opening: Opening): void {
  let tasks: TaskStore;
  beforeEach(async () => {
    ({ tasks } = await opening.database());
  });
  describe('insert', () => insertSuite(() => tasks));
  describe('claim', () => claimSuite(() => tasks));
  describe('the order of claims', () => orderSuite(() => tasks));
  describe('a delayed task', () => delaySuite(() => tasks));
  describe('a suspect', () => suspectSuite(() => tasks));
}

function insertSuite(tasks: () => TaskStore): void {
  it('keeps a task as it is given', async () => {
    const settings = { leaseMs: 5_000, timeoutMs: 10, backoff: { type: 'fixed', delayMs: 7 }, retention: { deadMs: 0 } } as const;
    const task = sample({ priority: 3, maxRetries: 7, due: { at: new Date(LATER_MS) }, settings });
    await tasks().insert([task]);
    const { createdAt, ...found } = await reread(tasks(), task);
    const { due: _due, ...given } = task;
    expect(createdAt).to.be.a('date');
    expect(found).to.deep.equal({
      ...given,
      ...{ state: 'waiting', attempt: 0, failures: 0, suspect: false, rev: 0, availableAt: new Date(LATER_MS) },
      ...{ finishedAt: null, lease: null, result: null, error: null, progress: null, history: null },
    });
  });

  it('counts a due time that has passed as the time of the insert', async () => {
    const batch = [sample({ due: { at: new Date(0) } }), sample({ due: { at: new Date(Date.now() - MINUTE) } })];
    await tasks().insert(batch);
    for (const { availableAt, createdAt } of await listed(tasks(), { queue: QUEUE, limit: 10 })) expect(availableAt).to.deep.equal(createdAt);
  });

  it('adds a task once, however often it is sent', async () => {
    const task = sample();
    await tasks().insert([task]);
    await tasks().insert([{ ...task, payload: '"another"' }]);
    expect(await listed(tasks(), { queue: QUEUE, limit: 10 })).to.have.lengthOf(1);
    expect((await reread(tasks(), task)).payload).to.equal(task.payload);
  });

  it('adds the tasks of a batch that are not there yet', async () => {
    const batch = samples(5);
    await tasks().insert([the(batch[1]), the(batch[3])]);
    await tasks().insert(batch);
    expect(idsOf(await listed(tasks(), { queue: QUEUE, limit: 10 }))).to.have.members(idsOf(batch));
  });

  it('leaves a running task alone when it is sent again', async () => {
    const task = sample();
    await tasks().insert([task]);
    const [running] = await claim(tasks());
    await tasks().insert([task]);
    expect(await claim(tasks())).to.deep.equal([]);
    expect(leaseOf(await reread(tasks(), task)).token).to.equal(leaseOf(the(running)).token);
  });

  for (const change of [{ state: 'succeeded', keepMs: MINUTE }, { state: 'succeeded', keepMs: 0 }, { state: 'removed' }] as const) {
    it(`does not run a finished task again that is sent again: ${JSON.stringify(change)}`, async () => {
      const task = sample();
      await tasks().insert([task]);
      const [running] = await claim(tasks());
      await tasks().settle([settlement(the(running), change)]);
      await tasks().insert([task, sample()]);
      expect(idsOf(await claim(tasks())))
        .to.have.lengthOf(1)
        .and.not.include(task.id);
      expect((await tasks().find(null, task.id))?.state ?? 'removed').to.equal(change.state);
    });
  }
}

function claimSuite(tasks: () => TaskStore): void {
  it('gives a lease and raises the attempt', async () => {
    const token = randomUUID();
    const task = await claimedOne(tasks(), { token, workerId: 'w1', leaseMs: 5_000 });
    expect(task).to.include({ state: 'running', attempt: 1, failures: 0, rev: 0 });
    expect(task.lease).to.include({ token, workerId: 'w1', ms: 5_000, alone: false });
    const { lease, ...rest } = await reread(tasks(), task);
    const { place: _place, ...given } = task;
    expect({ ...rest, lease: { ...lease, expiresAt: 0 } }).to.deep.equal({ ...given, lease: { ...given.lease, expiresAt: 0 } });
  });

  it('gives a large payload among small ones, and what earlier attempts left, each task its own', async () => {
    const large = samples(3).map((task, index) => ({ ...task, payload: JSON.stringify('ü'.repeat(10_000 + index)) }));
    const small = samples(3).map((task, index) => ({
      ...task,
      uniqueKey: `key ${index}`,
      settings: { leaseMs: 40_000 + index, tags: [`t${index}`] },
    }));
    const fresh = [...large, ...small];
    await tasks().insert(fresh);
    const change = (index: number) => ({ state: 'waiting', delayMs: 0, failures: index, error: { name: 'E', message: `${index}` } }) as const;
    const first = await claim(tasks());
    const history = (index: number): string => JSON.stringify({ attempts: [], log: [index] });
    await tasks().settle(first.slice(3).map((task, index) => settlement(task, { ...change(index), history: history(index) })));
    await tasks().settle(first.slice(0, 3).map((task) => settlement(task, { state: 'waiting', delayMs: 0 })));
    const again = await until(async () => {
      const found = await claim(tasks(), { limit: 6 });
      return found.length === 6 ? found : [];
    });
    for (const [index, { id, payload, uniqueKey, settings }] of fresh.entries()) {
      const isLarge = index < 3;
      expect(again.find((task) => task.id === id)).to.deep.include({
        ...{ payload, uniqueKey, settings, attempt: 2, rev: 1, result: null, progress: null },
        ...(isLarge
          ? { failures: 0, error: null, history: null }
          : { failures: index - 3, error: change(index - 3).error, history: history(index - 3) }),
      });
    }
    const ended = await tasks().settle(again.map((task) => settlement(task, { state: 'succeeded', keepMs: MINUTE, result: task.id })));
    expect(ended).to.deep.equal(again.map(() => 'applied'));
    for (const task of again) expect((await reread(tasks(), task)).result).to.equal(task.id);
  });

  for (const limit of [1, 10]) {
    it(`tells no later end of the lease than the store has, with a limit of ${limit}`, async () => {
      // A wrong end would differ by a millisecond, and not in every claim.
      for (let claims = 0; claims < 25; claims += 1) {
        const task = await claimedOne(tasks(), { limit });
        expect(leaseOf(task).expiresAt.getTime()).to.be.at.most(leaseOf(await reread(tasks(), task)).expiresAt.getTime());
      }
    });
  }

  it('raises the attempt at each claim, and nothing else lowers it', async () => {
    const first = await claimedOne(tasks());
    await tasks().settle([settlement(first, { state: 'waiting', delayMs: 0, failures: 1 })]);
    const [second] = await until(() => claim(tasks()));
    expect(second).to.include({ id: first.id, attempt: 2, failures: 1, rev: 1 });
    expect(leaseOf(the(second)).token).not.to.equal(leaseOf(first).token);
  });

  it('gives the lease that a task asks for, before that of the request', async () => {
    const own = await claimedOne(tasks(), { leaseMs: 30_000 }, { settings: { leaseMs: 7_000 } });
    const other = await claimedOne(tasks(), { leaseMs: 30_000 });
    expect([leaseOf(own).ms, leaseOf(other).ms]).to.deep.equal([7_000, 30_000]);
    const spread = leaseOf(await reread(tasks(), other)).expiresAt.getTime() - leaseOf(await reread(tasks(), own)).expiresAt.getTime();
    expect(spread).to.be.at.least(23_000);
  });

  it('gives no more than its limit', async () => {
    await tasks().insert(samples(5));
    expect(await claim(tasks(), { limit: 2 })).to.have.lengthOf(2);
    expect(await claim(tasks(), { limit: 2 })).to.have.lengthOf(2);
    expect(await claim(tasks(), { limit: 2 })).to.have.lengthOf(1);
  });

  it('gives hundreds at once, each with its own payload', async () => {
    const batch = Array.from({ length: 300 }, (_, index) => sample({ payload: String(index) }));
    await tasks().insert(batch);
    const payloads = new Map((await claim(tasks())).map(({ id, payload }) => [id, payload]));
    expect(payloads).to.deep.equal(new Map(batch.map(({ id, payload }) => [id, payload])));
  });

  it('gives the tasks of an insert by priority, and those of one in their order, however they differ', async () => {
    const kinds: Partial<NewTask>[] = [{}, { name: 'other' }, { maxRetries: 1 }, { settings: { timeoutMs: 5 } }, { due: { at: new Date(0) } }];
    const added = Array.from({ length: 180 }, (_, n) =>
      sample({ priority: n % 3, uniqueKey: n % 7 === 0 ? `key ${n}` : null, ...kinds[Math.floor(n / 40)] }),
    );
    await tasks().insert(added);
    const inOrder = [0, 1, 2].flatMap((priority) => added.filter((task) => task.priority === priority));
    expect((await claim(tasks())).map(({ id }) => id)).to.deep.equal(inOrder.map(({ id }) => id));
  });

  it('gives nothing where nothing waits', async () => {
    expect(await tasks().claim(claimRequest())).to.deep.include({ tasks: [], suspect: null });
    expect(await tasks().claim(claimRequest({ limit: 1 }))).to.deep.include({ tasks: [], suspect: null });
  });

  it('gives no task that runs or has finished', async () => {
    const [running, ...others] = await claimed(tasks(), 5);
    const states = ['succeeded', 'dead', 'cancelled', 'removed'] as const;
    await tasks().settle(others.map((task, index) => settlement(task, { state: the(states[index]), keepMs: MINUTE })));
    expect(await claim(tasks())).to.deep.equal([]);
    expect(await claim(tasks(), { limit: 1 })).to.deep.equal([]);
    expect((await reread(tasks(), the(running))).state).to.equal('running');
  });

  it('leaves out the ids that it is told to, and what it passes over stays', async () => {
    const batch = samples(4);
    const except = idsOf(batch.slice(0, 2));
    await tasks().insert(batch);
    expect(idsOf(await claim(tasks(), { except, limit: 1 }))).to.deep.equal([the(batch[2]).id]);
    expect(idsOf(await claim(tasks(), { except }))).to.deep.equal([the(batch[3]).id]);
    expect(idsOf(await claim(tasks()))).to.deep.equal(except);
  });
}

function orderSuite(tasks: () => TaskStore): void {
  /** Returns tasks of a queue in the order in which they must be claimed. */
  const ordered = (queue: string, fromMs: number) => [
    sample({ queue, priority: 0, due: { at: new Date(fromMs + 50) } }),
    sample({ queue, priority: 0, due: { at: new Date(fromMs + 60) } }),
    ...samples(3, { queue, priority: 1, due: { at: new Date(fromMs + 10) } }),
    sample({ queue, priority: 1, due: { at: new Date(fromMs + 20) } }),
    sample({ queue, priority: 9, due: { at: new Date(fromMs) } }),
  ];
  const shuffled = [6, 2, 5, 1, 3, 0, 4];

  it('goes by priority, then by time, then by insertion, however many at a time', async () => {
    const limits = [1, 2, 100];
    const batches = limits.map((limit) => ordered(`by ${limit}`, Date.now() + 1_500));
    await tasks().insert(batches.flatMap((batch) => shuffled.map((index) => the(batch[index]))));
    // A claim before all are due could not show their order.
    await wait(2_000);
    for (const [at, limit] of limits.entries()) {
      const found: string[] = [];
      for (let ids: string[] = ['']; ids.length > 0; found.push(...ids)) ids = idsOf(await claim(tasks(), { queues: [`by ${limit}`], limit }));
      expect(found, `${limit} at a time`).to.deep.equal(idsOf(the(batches[at])));
    }
  });

  it('goes through the queues in the order of the request, up to the limit', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((queue) => samples(2, { queue })) as [ReturnType<typeof samples>, ...ReturnType<typeof samples>[]];
    await tasks().insert([...a, ...the(b), ...the(c)]);
    expect(idsOf(await claim(tasks(), { queues: ['b', 'a'], limit: 3 }))).to.deep.equal([...idsOf(the(b)), the(a[0]).id]);
    expect(idsOf(await claim(tasks(), { queues: ['b', 'a'], limit: 3 }))).to.deep.equal([the(a[1]).id]);
    expect(idsOf(await claim(tasks(), { queues: ['none', 'c'] }))).to.deep.equal(idsOf(the(c)));
  });
}

function delaySuite(tasks: () => TaskStore): void {
  it('is not claimed before its time', async () => {
    await tasks().insert([sample({ due: { delayMs: MINUTE } }), sample({ priority: 0, due: { at: new Date(Date.now() + MINUTE) } })]);
    expect(await claim(tasks())).to.deep.equal([]);
    expect(await claim(tasks(), { limit: 1 })).to.deep.equal([]);
  });

  for (const limit of [1, 10]) {
    it(`is claimed after its time, by the clock of the store, with a limit of ${limit}`, async () => {
      const task = sample({ due: { delayMs: 300 } });
      await tasks().insert([task]);
      await until(() => claim(tasks(), { limit }));
      const { availableAt, createdAt, lease } = await reread(tasks(), task);
      expect(availableAt.getTime() - createdAt.getTime()).to.be.at.least(300);
      expect(the(lease).expiresAt.getTime() - the(lease).ms).to.be.at.least(availableAt.getTime());
    });
  }

  it('does not hold up those that are due', async () => {
    const due = sample({ priority: 9 });
    await tasks().insert([...samples(20, { due: { delayMs: MINUTE }, priority: 0 }), due]);
    expect(idsOf(await claim(tasks(), { limit: 2 }))).to.deep.equal([due.id]);
  });
}

function suspectSuite(tasks: () => TaskStore): void {
  /** Inserts two suspects and three other tasks, all waiting. */
  async function mixed(): Promise<{ suspects: string[]; others: string[] }> {
    const running = await claimed(tasks(), 5);
    const suspect = (index: number): boolean => index === 1 || index === 3;
    await tasks().settle(running.map((task, index) => settlement(task, { state: 'waiting', delayMs: 0, suspect: suspect(index) })));
    const ids = idsOf(running);
    return { suspects: ids.filter((_, index) => suspect(index)), others: ids.filter((_, index) => !suspect(index)) };
  }

  it('is claimed with nothing beside it, by a process that runs nothing', async () => {
    const { suspects, others } = await mixed();
    const first = await until(() => claim(tasks()));
    const second = await until(() => claim(tasks()));
    expect(idsOf([...first, ...second])).to.have.members(suspects);
    expect([...first, ...second].map(({ suspect }) => suspect)).to.deep.equal([true, true]);
    expect(idsOf(await claim(tasks()))).to.have.members(others);
  });

  it('is passed over by a process that runs something, and told', async () => {
    const { suspects, others } = await mixed();
    const found = await tasks().claim(claimRequest({ alone: false }));
    expect(found.suspect).to.be.oneOf(suspects);
    expect(idsOf(found.tasks)).to.have.members(others);
    expect(await claim(tasks(), { alone: false, limit: 1 })).to.deep.equal([]);
  });

  it('that the claim is to leave out is neither told of nor in the way of others', async () => {
    const { suspects, others } = await mixed();
    const passedOver = await tasks().claim(claimRequest({ alone: false, limit: 1, except: [...suspects, ...others] }));
    expect(passedOver).to.deep.include({ tasks: [], suspect: null });
    expect(idsOf(await claim(tasks(), { alone: true, except: suspects }))).to.have.members(others);
  });

  it('is not told of before it is due', async () => {
    const task = await claimedOne(tasks());
    await tasks().settle([settlement(task, { state: 'waiting', delayMs: MINUTE, suspect: true })]);
    expect(await tasks().claim(claimRequest({ alone: false }))).to.deep.include({ tasks: [], suspect: null });
  });
}
