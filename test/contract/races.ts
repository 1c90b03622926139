import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import type { TaskStore } from '../../modules/ports/taskStore';
import { Worker } from '../../classes/worker/worker';
import type { ErrorCode } from '../../constants/errors';
import { HoldfastError } from '../../modules/errors/holdfastError';
import { eventually } from '../support/eventually';
import type { Opening } from '../support/stores';
import { failing, losingAnswers } from './faults';
import {
  claim,
  claimedOne,
  expiredOne,
  heldLease,
  idsOf,
  leaseOf,
  listed,
  pause,
  QUEUE,
  reread,
  samples,
  settlement,
  tokenOf,
  until,
} from './samples';

/** Races between processes, and calls whose answer is lost. */
export function races(opening: Opening): void {
  describe('two claimers', () => claimerSuite(opening));
  describe('a sweep', () => sweepSuite(opening));
  describe('a lost answer', () => lostAnswerSuite(opening));
}

function claimerSuite(opening: Opening): void {
  for (const limit of [1, 20]) {
    const count = limit === 1 ? 100 : 500;
    it(`on two connections get each of ${count} tasks exactly once, ${limit} at a time`, async () => {
      const [one, other] = [await opening.database(), await opening.database()];
      const batch = samples(count);
      await one.tasks.insert(batch);
      const counts = async (): Promise<number> => (await one.tasks.counts(['waiting']))[QUEUE]?.waiting ?? 0;
      const found = await Promise.all([drain(one.tasks, limit, counts), drain(other.tasks, limit, counts)]);
      expect(found.flat()).to.have.lengthOf(count);
      expect(new Set(found.flat())).to.deep.equal(new Set(idsOf(batch)));
      const tasks = await listed(one.tasks, { queue: QUEUE, limit: 1_000 });
      expect(tasks.every(({ state, attempt }) => state === 'running' && attempt === 1)).to.equal(true);
    });
  }

  it('take no task off a list that is read meanwhile', async () => {
    const [one, other] = [await opening.database(), await opening.database()];
    const batch = samples(200);
    await one.tasks.insert(batch);
    let isOver = false;
    const claims = drain(other.tasks, 1, async () => (await other.tasks.counts(['waiting']))[QUEUE]?.waiting ?? 0).finally(() => (isOver = true));
    do {
      const { tasks } = await one.tasks.list({ queue: QUEUE, limit: 1_000 });
      expect(tasks).to.have.lengthOf(200);
      // The claims of a store in this process need turns of their own.
      await pause(1);
    } while (!isOver);
    expect(await claims).to.have.lengthOf(200);
  });

  it('of one process claim with leases of any length', async () => {
    const store = await opening.open();
    await store.parts.tasks.insert(samples(50));
    for (const leaseMs of [200, 1_000, 30_001]) {
      // A claim with a short lease gives up soon, and may return nothing on a busy machine.
      const tasks = await eventually('a task is claimed', async () => {
        const claimed = await store.parts.claimer.claim({ queues: [QUEUE], limit: 1, workerId: 'w', leaseMs });
        return claimed.tasks.length > 0 && claimed.tasks;
      });
      expect(tasks.map(({ lease }) => lease?.ms)).to.deep.equal([leaseMs]);
    }
  });

  it('never both hold what they were told to hold', async () => {
    const [one, other] = [await opening.database(), await opening.database()];
    await one.tasks.insert(samples(60));
    const claims = await Promise.all([one, other, one, other].map(({ tasks }) => claim(tasks, { limit: 30 })));
    for (const task of claims.flat()) expect(tokenOf(await reread(one.tasks, task))).to.equal(tokenOf(task));
  });
}

/** Claims until nothing waits any more. A claim that only missed does not end it. */
async function drain(tasks: TaskStore, limit: number, waiting: () => Promise<number>): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const ids = idsOf(await claim(tasks, { limit }));
    found.push(...ids);
    if (ids.length === 0 && (await waiting()) === 0) return found;
  }
}

function sweepSuite(opening: Opening): void {
  it('does not take a lease that was renewed after it was read', async () => {
    const { tasks } = await opening.database();
    const task = await expiredOne(tasks);
    await tasks.renew([heldLease(task)]);
    const sweep = settlement(task, { state: 'waiting', delayMs: 0, failures: 1 }, { guard: leaseOf(task), by: randomUUID() });
    expect(await tasks.settle([sweep])).to.deep.equal(['lost']);
    expect(await reread(tasks, task)).to.include({ state: 'running', failures: 0 });
  });

  it('by two processes at once is counted once', async () => {
    const [one, other] = [await opening.database(), await opening.database()];
    const task = await expiredOne(one.tasks);
    const sweep = () => settlement(task, { state: 'waiting', delayMs: 0, failures: task.failures + 1 }, { guard: leaseOf(task), by: randomUUID() });
    const answers = await Promise.all([one.tasks.settle([sweep()]), other.tasks.settle([sweep()])]);
    expect(answers.flat()).to.have.members(['applied', 'lost']);
    expect(await reread(one.tasks, task)).to.include({ state: 'waiting', failures: 1, rev: 1 });
  });

  it('and a settlement at once leave one of the two', async () => {
    const [one, other] = [await opening.database(), await opening.database()];
    const task = await expiredOne(one.tasks);
    const sweep = settlement(task, { state: 'waiting', delayMs: 60_000, failures: 1 }, { guard: leaseOf(task), by: randomUUID() });
    const end = settlement(task, { state: 'succeeded', keepMs: 60_000 });
    const [swept, ended] = (await Promise.all([one.tasks.settle([sweep]), other.tasks.settle([end])])).flat();
    expect([swept, ended]).to.have.members(['applied', 'lost']);
    expect((await reread(one.tasks, task)).state).to.equal(ended === 'applied' ? 'succeeded' : 'waiting');
  });

  it('of a store frees the task of a worker that vanished, as a failure', async () => {
    const { tasks } = await opening.database();
    const task = await claimedOne(tasks, { leaseMs: 300 });
    const store = await opening.open();
    const swept = new Promise<string>((resolve) => store.events.on('lease-swept', (event) => resolve(event.task.id)));
    expect(await swept).to.equal(task.id);
    expect(await reread(tasks, task)).to.deep.include({ state: 'waiting', failures: 1, attempt: 1, lease: null });
  });
}

/** Runs a worker until this many tasks have succeeded. Counts the runs and the reported successes of each. */
async function runAll(store: Store, count: number, handler: (attempt: number) => void = () => undefined) {
  const runs = new Map<string, number>();
  const told: string[] = [];
  store.events.on('task-succeeded', ({ task }) => told.push(task.id));
  const handlers = {
    work: ({ id, attempt }: { id: string; attempt: number }) => {
      runs.set(id, (runs.get(id) ?? 0) + 1);
      handler(attempt);
      return { ran: id };
    },
  };
  const worker = new Worker(store, { queues: [QUEUE], leaseMs: 3_000, handlers });
  await worker.start();
  await until(async () => (await store.parts.tasks.counts(['succeeded']))[QUEUE]?.succeeded === count);
  await worker.stop();
  return { runs, told };
}

function lostAnswerSuite(opening: Opening): void {
  const queueOn = (store: Store): Queue => new Queue(store, QUEUE);
  const specs = (count: number) => Array.from({ length: count }, (_, n) => ({ name: 'work', payload: { n } }));

  it('of a claim: its tasks are found by their token and run once', async () => {
    const store = opening.storeOn(losingAnswers(await opening.database(), 'claim'));
    const ids = idsOf(await queueOn(store).addMany(specs(8)));
    const { runs, told } = await runAll(store, 8);
    expect(runs).to.deep.equal(new Map(ids.map((id) => [id, 1])));
    expect(told).to.have.members(ids);
    const tasks = await listed(store.parts.tasks, { queue: QUEUE, limit: 100 });
    expect(tasks.every(({ attempt, failures }) => attempt === 1 && failures === 0)).to.equal(true);
  });

  it('of a settlement: the outcome is recorded and told once', async () => {
    const store = opening.storeOn(losingAnswers(await opening.database(), 'settle', 2));
    const ids = idsOf(await queueOn(store).addMany(specs(8)));
    const { runs, told } = await runAll(store, 8);
    expect(runs).to.deep.equal(new Map(ids.map((id) => [id, 1])));
    expect(told).to.have.members(ids);
    for (const { id, result } of await listed(store.parts.tasks, { queue: QUEUE, limit: 100 })) expect(result).to.equal(JSON.stringify({ ran: id }));
  });

  it('of a failure: it is counted once', async () => {
    const store = opening.storeOn(losingAnswers(await opening.database(), 'settle'));
    const { id } = await queueOn(store).add('work', {}, { backoff: { type: 'fixed', delayMs: 0 } });
    const { runs } = await runAll(store, 1, (attempt) => {
      if (attempt === 1) throw new Error('once');
    });
    expect(runs).to.deep.equal(new Map([[id, 2]]));
    expect(await store.parts.tasks.find(null, id)).to.include({ state: 'succeeded', failures: 1 });
  });

  it('of an insert: the task is there once and runs once', async () => {
    const store = opening.storeOn(losingAnswers(await opening.database(), 'insert', 2));
    const ids = idsOf(await queueOn(store).addMany(specs(3)));
    expect(idsOf(await listed(store.parts.tasks, { queue: QUEUE, limit: 100 }))).to.have.members(ids);
    const { runs } = await runAll(store, 3);
    expect(runs).to.deep.equal(new Map(ids.map((id) => [id, 1])));
  });

  it('of a claim is looked for no longer than its store is open', async () => {
    let calls = 0;
    let code: ErrorCode = 'HOLDFAST_STORE_UNREACHABLE';
    const errorOf = (): HoldfastError => {
      calls += 1;
      return new HoldfastError(code);
    };
    const store = opening.storeOn(failing(await opening.database(), ['claim', 'held'], errorOf));
    void store.parts.claimer.claim({ queues: [QUEUE], limit: 1, workerId: 'w', leaseMs: 300 }).catch(() => undefined);
    await until(() => calls > 2);
    await store.close();
    const callsAtClose = calls;
    // The next look comes after two seconds at most.
    await pause(2_500);
    // Otherwise the search would go on and keep the test process alive.
    code = 'HOLDFAST_STORE_CLOSED';
    expect(calls - callsAtClose).to.be.at.most(1);
  });

  it('of a heartbeat: the worker keeps its lease', async () => {
    const store = opening.storeOn(losingAnswers(await opening.database(), 'renew'));
    const lost: string[] = [];
    store.events.on('lease-lost', ({ reason }) => lost.push(reason));
    const { id } = await queueOn(store).add('work', {});
    const renewals = new Promise<void>((resolve) => setTimeout(resolve, 1_500));
    const worker = new Worker(store, { queues: [QUEUE], leaseMs: 1_200, handlers: { work: () => renewals } });
    await worker.start();
    await until(async () => (await store.parts.tasks.find(null, id))?.state === 'succeeded');
    await worker.stop();
    expect(lost).to.deep.equal([]);
    expect(await store.parts.tasks.find(null, id)).to.include({ attempt: 1, failures: 0 });
  });
}
