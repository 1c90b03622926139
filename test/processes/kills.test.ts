import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { Store } from '../../classes/store/store';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { TaskView } from '../../modules/task/taskView';
import { endChildren, endOf, readRuns, startFixture } from '../fixtures/children';
import type { Child, Run } from '../fixtures/children';
import type { FixtureOptions, FixturePayload } from '../fixtures/worker';
import { eventually } from '../support/eventually';
import { forEachStore } from '../support/stores';
import type { SqliteOpening } from '../support/stores';

const TEST_MS = 180_000;
const DONE_MS = 90_000;

function isUnlocked({ path }: SqliteOpening): boolean {
  const Driver = loadSqlite();
  const database = new Driver(path);
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch {
    return false;
  } finally {
    database.close();
  }
}

forEachStore('Workers in processes of their own', (opening) => {
  describe('under signals', function () {
    this.timeout(TEST_MS);
    let folder: string;
    let store: Store;
    let queue: Queue<{ work: FixturePayload }>;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-runs-'));
      store = await opening.open();
      queue = new Queue(store, 'mail');
    });

    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    const runs = (): Run[] => readRuns(join(folder, 'runs'));

    const begun = (count: number) => eventually(`${count} runs began`, () => runs().filter(({ event }) => event === 'start').length >= count);

    const start = (options: Partial<FixtureOptions> = {}): Child =>
      startFixture('worker', { url: opening.url, file: join(folder, 'runs'), leaseMs: 1_000, maxConcurrency: 10, ...options });

    const add = async (count: number, payload: FixturePayload): Promise<string[]> => {
      const added = await queue.addMany(Array.from({ length: count }, () => ({ name: 'work', payload })));
      return added.map(({ id }) => id);
    };

    const settle = (state: 'succeeded', count: number) =>
      eventually(`${count} ${state}`, async () => (await queue.counts())[state] === count, DONE_MS);

    /** Returns all tasks of the queue by their ids. */
    const tasks = async (): Promise<Map<string, TaskView>> => {
      const page = await queue.list({ limit: 1_000 });
      return new Map(page.tasks.map((task) => [task.id, task]));
    };

    it('lose nothing by SIGKILL: another takes over after the lease, and each crash is one failure', async () => {
      const ids = await add(300, { durationMs: 30 });
      // A claim gives up after a third of its lease, which costs its tasks an attempt. So the lease is not shorter than this.
      const killed = start({ leaseMs: 2_000 });
      await begun(50);
      killed.kill('SIGKILL');
      expect((await endOf(killed)).signal).to.equal('SIGKILL');
      const survivor = start({ leaseMs: 2_000 });
      await settle('succeeded', 300);
      const after = await tasks();
      const ended = new Set(runs().flatMap(({ event, id }) => (event === 'end' ? [id] : [])));
      expect(ids.filter((id) => !ended.has(id))).to.deep.equal([]);
      expect([...after.values()].filter(({ attempt }) => attempt > 2)).to.deep.equal([]);
      const again = [...after.values()].filter(({ attempt }) => attempt === 2);
      expect(again.length).to.be.within(1, 10);
      for (const { failures, result } of again) expect([failures, result]).to.deep.equal([1, survivor.pid]);
      // The survivor runs each task that the store gave it only once.
      const bySurvivor = runs().filter(({ pid, event }) => pid === survivor.pid && event === 'start');
      expect(new Set(bySurvivor.map(({ id }) => id)).size).to.equal(bySurvivor.length);
    });

    /** Stops a process, but not during a write to a SQLite file: the lock would block all other processes. */
    const stop = (child: Child) =>
      eventually('the process is stopped', () => {
        child.kill('SIGSTOP');
        const isStopped = opening.kind !== 'sqlite' || isUnlocked(opening as SqliteOpening);
        if (!isStopped) child.kill('SIGCONT');
        return isStopped;
      });

    it('drop a late outcome after SIGSTOP and SIGCONT, where another has taken the task over', async () => {
      const [id = ''] = await add(1, { durationMs: 700 });
      const stopped = start();
      await begun(1);
      await stop(stopped);
      const other = start();
      await settle('succeeded', 1);
      stopped.kill('SIGCONT');
      await eventually('the stopped one has ended its run', () => runs().filter(({ event }) => event === 'end').length === 2);
      await eventually('it was told of its loss', () => /warn: \[lease\] The lease of work \S+ \(attempt 1\) is over/.test(stopped.out));
      stopped.kill('SIGTERM');
      other.kill('SIGTERM');
      expect([await endOf(stopped), await endOf(other)]).to.deep.equal([
        { code: 0, signal: null },
        { code: 0, signal: null },
      ]);
      expect(await queue.get(id)).to.deep.include({ state: 'succeeded', attempt: 2, failures: 1, result: other.pid });
      expect(stopped.out).to.not.match(/succeeded/);
      expect(other.out.match(/succeeded/g)).to.have.length(1);
      expect((await queue.counts()).succeeded).to.equal(1);
    });

    it('keep a task through a SIGSTOP that is shorter than the lease', async () => {
      const [id = ''] = await add(1, { durationMs: 500 });
      const stopped = start({ leaseMs: 60_000 });
      await begun(1);
      stopped.kill('SIGSTOP');
      start({ leaseMs: 60_000 });
      const until = performance.now() + 1_000;
      await eventually('a second is over', () => performance.now() > until);
      stopped.kill('SIGCONT');
      await settle('succeeded', 1);
      expect(await queue.get(id)).to.deep.include({ attempt: 1, failures: 0, result: stopped.pid });
    });

    it('end with 0 at SIGTERM under load, and leave nothing running and no failure', async () => {
      const ids = await add(200, { durationMs: 100, obeys: true });
      const stubborn = await add(2, { durationMs: 3_000 });
      const child = start({ leaseMs: 30_000, gracePeriodMs: 50 });
      await begun(30);
      child.kill('SIGTERM');
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      const { running, succeeded, waiting, dead } = await queue.counts();
      expect([running, dead, succeeded + waiting]).to.deep.equal([0, 0, 202]);
      expect(succeeded).to.be.above(0);
      const after = await tasks();
      expect(ids.concat(stubborn).filter((id) => after.get(id)?.failures !== 0)).to.deep.equal([]);
      start({ leaseMs: 30_000 });
      await settle('succeeded', 202);
      expect([...(await tasks()).values()].filter(({ failures }) => failures !== 0)).to.deep.equal([]);
    });

    it('share a store: four of them run each of 2,000 tasks exactly once', async () => {
      const children = Array.from({ length: 4 }, () => start({ leaseMs: 30_000, maxConcurrency: 20 }));
      await eventually('all serve', () => children.every(({ out }) => out.includes('serves mail')));
      const ids = await add(2_000, { durationMs: 1 });
      await settle('succeeded', 2_000);
      for (const child of children) child.kill('SIGTERM');
      for (const child of children) expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      const starts = runs().filter(({ event }) => event === 'start');
      expect(starts).to.have.length(2_000);
      expect([...new Set(starts.map(({ id }) => id))].sort()).to.deep.equal([...ids].sort());
      expect(starts.filter(({ attempt }) => attempt !== 1)).to.deep.equal([]);
      expect(new Set(starts.map(({ pid }) => pid)).size).to.be.above(1);
    });
  });
});
