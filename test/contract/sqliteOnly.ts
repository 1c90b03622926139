import { expect } from 'chai';
import { claimStatement } from '../../modules/sqlite/sqliteClaim';
import { systemClock } from '../../modules/time/clock';
import type { Clock } from '../../modules/time/clock';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import type { SqliteOpening } from '../support/stores';
import type { Task } from '../../modules/task/task';
import { claim, claimed, claimedOne, heldLease, idsOf, pause, QUEUE, reread, sample, samples, settlement, the, until } from './samples';
import { sqlitePlans } from './sqlitePlans';

const MINUTE = 60_000;

/** A system clock that the test sets. */
function settableClock(): Clock & { at: number } {
  return { ...systemClock, at: Date.now(), now() { return this.at; } }; // prettier-ignore
}

/** Behaviour of SQLite alone: it uses the clock of the machine, deletes through `prune` and reports writes through a watch. */
export function sqliteOnly(opening: SqliteOpening): void {
  describe('the clock', () => clockSuite(opening));
  describe('prune', () => pruneSuite(opening));
  describe('a watch', () => watchSuite(opening));
  describe('the plan of a claim', () => planSuite(opening));
  describe('the plan of what is asked', () => sqlitePlans(opening));
  describe('a locked file', () => lockSuite(opening));
}

function clockSuite(opening: SqliteOpening): void {
  it('makes delayed tasks due and leases end', async () => {
    const clock = settableClock();
    const { tasks } = await opening.database({ clock });
    await tasks.insert([sample({ due: { delayMs: MINUTE } })]);
    clock.at += MINUTE - 1;
    expect([await claim(tasks), await tasks.nextDueMs([QUEUE])]).to.deep.equal([[], 1]);
    clock.at += 1;
    expect(await claim(tasks, { leaseMs: 500 })).to.have.lengthOf(1);
    clock.at += 499;
    expect(await tasks.expired(10)).to.deep.equal([]);
    clock.at += 1;
    expect(await tasks.expired(10)).to.have.lengthOf(1);
  });

  it('is followed at once when it is set back: delays go on, and the leases of others are not over', async () => {
    const clock = settableClock();
    const { tasks } = await opening.database({ clock });
    await tasks.insert([sample({ due: { delayMs: 0 } })]);
    expect(await claim(tasks)).to.have.lengthOf(1);
    clock.at -= 60 * MINUTE;
    const setRight = await opening.database({ clock });
    await claimedOne(setRight.tasks, { leaseMs: 30_000 });
    expect(await tasks.expired(10)).to.deep.equal([]);
    await tasks.insert([sample({ due: { delayMs: 2_000 } })]);
    clock.at += 2_000;
    expect(await claim(tasks)).to.have.lengthOf(1);
  });
}

function pruneSuite(opening: SqliteOpening): void {
  it('deletes finished tasks after their time, and none before five minutes', async () => {
    const clock = settableClock();
    const { tasks } = await opening.database({ clock });
    const ends = [{ state: 'succeeded', keepMs: 60 * MINUTE }, { state: 'dead', keepMs: 10 }, { state: 'removed' }] as const;
    const batch = await claimed(tasks, 3);
    await tasks.insert([sample()]);
    await tasks.settle(batch.map((task, index) => settlement(task, the(ends[index]))));
    clock.at += 5 * MINUTE - 1;
    expect(await tasks.prune(100)).to.equal(0);
    clock.at += 1;
    expect(await tasks.prune(100)).to.equal(2);
    expect(await tasks.find(null, the(batch[1]).id)).to.equal(null);
    clock.at += 55 * MINUTE - 1;
    expect(await tasks.prune(100)).to.equal(0);
    clock.at += 1;
    expect(await tasks.prune(100)).to.equal(1);
    expect(await tasks.counts(['waiting', 'running', 'succeeded', 'dead'])).to.have.nested.property(`${QUEUE}.waiting`, 1);
  });

  it('knows a settlement that is sent again until then', async () => {
    const clock = settableClock();
    const { tasks } = await opening.database({ clock });
    const task = await claimedOne(tasks);
    await tasks.settle([settlement(task, { state: 'removed' })]);
    clock.at += 5 * MINUTE - 1;
    await tasks.prune(100);
    expect(await tasks.settle([settlement(task, { state: 'removed' })])).to.deep.equal(['applied']);
  });

  it('deletes few tasks at once where they have many steps, until none is left', async () => {
    const clock = settableClock();
    const { tasks, steps } = await opening.database({ clock });
    const batch = await claimed(tasks, 60);
    const record = (task: Task, count: number) =>
      Array.from({ length: count }, (_, at) => ({
        ...heldLease(task),
        clears: false,
        step: { at, name: `step ${at}`, kind: 'step' as const, value: '1', end: null },
      }));
    await steps.record(batch.flatMap((task, index) => record(task, index < 8 ? 900 : 1)));
    await tasks.settle(batch.map((task) => settlement(task, { state: 'succeeded', keepMs: 0 })));
    clock.at += 6 * MINUTE;
    const pruned: number[] = [];
    do pruned.push(await tasks.prune(1_000));
    while (pruned.at(-1) !== 0);
    expect(pruned).to.deep.equal([5, 50, 5, 0]);
    expect(await steps.read(the(batch[0]))).to.deep.equal([]);
  });

  it('deletes no more than its limit, and never a redriven task', async () => {
    const clock = settableClock();
    const { tasks } = await opening.database({ clock });
    const batch = await claimed(tasks, 5);
    await tasks.settle(batch.map((task) => settlement(task, { state: 'dead', keepMs: 0 })));
    const redrive = {
      id: the(batch[0]).id,
      queue: QUEUE,
      guard: { state: 'dead', rev: 0 },
      change: { state: 'waiting', delayMs: 0 },
      by: 'hand',
    } as const;
    await tasks.settle([redrive]);
    clock.at += 6 * MINUTE;
    expect([await tasks.prune(3), await tasks.prune(3), await tasks.prune(3)]).to.deep.equal([3, 1, 0]);
    expect(await reread(tasks, the(batch[0]))).to.include({ state: 'waiting' });
  });
}

function watchSuite(opening: SqliteOpening): void {
  it('tells of writes of other connections until it is ended, and not of its own', async () => {
    const [own, other] = [await opening.database(), await opening.database()];
    let told = 0;
    const unwatch = the(own.tasks.watch?.(() => (told += 1)));
    await own.tasks.insert(samples(1));
    await pause(50);
    expect(told).to.equal(0);
    await other.tasks.insert(samples(1));
    await until(() => told === 1);
    unwatch();
    await other.tasks.insert(samples(1));
    await pause(50);
    expect(told).to.equal(1);
  });

  it('that is ended by its own hint sends no more', async () => {
    const [own, other] = [await opening.database(), await opening.database()];
    let told = 0;
    const unwatch = the(
      own.tasks.watch?.(() => {
        told += 1;
        unwatch();
      }),
    );
    await other.tasks.insert(samples(1));
    await until(() => told === 1);
    await other.tasks.insert(samples(1));
    await pause(50);
    expect(told).to.equal(1);
  });
}

function planSuite(opening: SqliteOpening): void {
  for (const [suspect, index] of [
    [false, 'holdfast_tasks_claim'],
    [true, 'holdfast_tasks_suspect'],
  ] as const) {
    // prettier-ignore
    it(`finds ${suspect ? 'suspects' : 'tasks'} by the index ${index}, in its order`, async () => {
      await opening.database();
      const explain = `EXPLAIN QUERY PLAN ${claimStatement(suspect, false)}`;
      const values = ['t', 'w', 1, 1, 1, 'q', 0, 1, 100];
      const plan = withFile(opening.path, (file) => file.prepare(explain).all(...values) as { detail: string }[]);
      const details = plan.map(({ detail }) => detail).join('\n');
      expect(details).to.match(new RegExp(`SEARCH holdfast_tasks USING (COVERING )?INDEX ${index} \\(queue=\\? AND priority=\\? AND available_at<\\?\\)`));
      expect(details).to.match(/SEARCH holdfast_tasks USING INTEGER PRIMARY KEY/);
      expect(details).not.to.match(/ORDER BY|SCAN holdfast_tasks/);
    });
  }
}

function withFile<T>(path: string, use: (file: DatabaseSync) => T): T {
  const file = new (loadSqlite())(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

function lockSuite(opening: SqliteOpening): void {
  /** Locks the file, as another process would. Returns a function that unlocks it. */
  function locked(): () => void {
    const file = new (loadSqlite())(opening.path);
    file.exec('BEGIN IMMEDIATE');
    return () => {
      file.exec('ROLLBACK');
      file.close();
    };
  }

  it('is waited for', async () => {
    const { tasks } = await opening.database();
    const unlock = locked();
    const inserted = tasks.insert(samples(3));
    await pause(100);
    unlock();
    await inserted;
    expect(await claim(tasks)).to.have.lengthOf(3);
  });

  it('fails a call with HOLDFAST_STORE_TIMEOUT, and a later one succeeds', async () => {
    const { tasks } = await opening.database({}, { callTimeoutMs: 200 });
    const unlock = locked();
    const error: unknown = await tasks.insert(samples(3)).catch((thrown: unknown) => thrown);
    unlock();
    expect(error).to.have.property('code', 'HOLDFAST_STORE_TIMEOUT');
    await tasks.insert(samples(2));
    expect(await claim(tasks)).to.have.lengthOf(2);
  });

  it('carries out no claim that is not answered with its tasks', async () => {
    const store = await opening.open({ callTimeoutMs: 1_000 });
    const batch = samples(2);
    await store.parts.tasks.insert(batch);
    const unlock = locked();
    const before = store.parts.settings.setPaused('other', true).catch(() => undefined);
    await pause(500);
    const claiming = store.parts.claimer.claim({ queues: [QUEUE], limit: 10, workerId: 'w', leaseMs: 300 }).catch(() => ({ tasks: [] }));
    await pause(1_100);
    unlock();
    await before;
    const given = await claiming;
    await store.parts.settings.setPaused('other', false);
    const stored = await Promise.all(batch.map((task) => reread(store.parts.tasks, task)));
    expect(idsOf(stored.filter(({ attempt }) => attempt > 0))).to.have.members(idsOf(given.tasks));
  });
}
