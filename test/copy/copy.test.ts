import { join } from 'node:path';
import { expect } from 'chai';
import { Copying } from '../../classes/copy/copying';
import type { CopyReport, CopyWatcher } from '../../classes/copy/copying';
import { Queue } from '../../classes/queue/queue';
import { Scheduler } from '../../classes/schedule/scheduler';
import { openStore } from '../../classes/store/openStore';
import type { Store } from '../../classes/store/store';
import { TRANSIT_TASKS } from '../../constants/limits';
import type { Task } from '../../modules/task/task';
import { claim, idsOf, pause, reread, sample, samples, settlement, the } from '../contract/samples';
import { endChildren, RUNNER, runToEnd, startNode } from '../fixtures/children';
import { Faults, finishedOf, kept, liveOf, runAll, total, withParts, withUrl } from '../support/copyParts';
import { eventually } from '../support/eventually';
import { isLongRun } from '../support/hooks';
import { forMongo, forSqlite } from '../support/stores';
import { forSqliteFile } from './pairs';
import type { Pair } from './pairs';

const NOTHING: CopyReport['stays'] = { schedules: 0, elsewhere: 0 };

const SILENT: CopyWatcher = { onMoved: () => undefined, onTaken: () => undefined };

/** Tests of a copy; `hasKills` leaves out the kills, which take long and are tested between other stores. */
function copySuite(pair: () => Pair, hasKills = true): void {
  let source: Store;
  let target: Store;
  beforeEach(async () => {
    source = await openStore(pair().from);
    target = await openStore(pair().to);
  });
  afterEach(async () => {
    await endChildren();
    await source.close();
    await target.close();
  });

  const copy = (from = source, to = target, watcher = SILENT): Promise<CopyReport> => new Copying(from, to, watcher).run();

  /** Adds tasks of every kind that a copy moves: failed, delayed, with a key and settings, and plain. */
  async function fill(): Promise<Task[]> {
    await source.parts.tasks.insert([sample({ name: 'failed', maxRetries: 5 })]);
    const [failed] = await claim(source.parts.tasks);
    const error = { name: 'Error', message: 'no' };
    await source.parts.tasks.settle([settlement(the(failed), { state: 'waiting', delayMs: 0, failures: 2, suspect: true, error, history: '[]' })]);
    await source.parts.tasks.insert([
      sample({ due: { at: new Date(Date.now() + 3_600_000) }, priority: 7 }),
      sample({ uniqueKey: 'key', settings: { timeoutMs: 5_000, leaseMs: 700, tags: ['a'] }, queue: 'other' }),
      ...samples(3, { payload: '{"text":"ü€😀"}' }),
    ]);
    return liveOf(source);
  }

  it('moves what waits as it is', async () => {
    const before = await fill();
    expect(await copy()).to.deep.equal({ moved: 6, paused: 0, left: { waiting: 0, running: 0 }, stays: NOTHING });
    const after = await liveOf(target);
    expect(after.map(kept)).to.have.deep.members(before.map(kept));
    expect(after.every(({ state }) => state === 'waiting')).to.equal(true);
    expect(await total(source)).to.include({ waiting: 0, running: 0 });
  });

  it('moves nothing the second time', async () => {
    await fill();
    await copy();
    expect(await copy()).to.deep.equal({ moved: 0, paused: 0, left: { waiting: 0, running: 0 }, stays: NOTHING });
    expect(await liveOf(target)).to.have.lengthOf(6);
  });

  it('keeps the order of tasks that are due at the same time, over several parts', async () => {
    const at = new Date(Date.now() - 1_000);
    const batch = samples(2 * TRANSIT_TASKS + 10, { due: { at } });
    await source.parts.tasks.insert(batch);
    expect(await copy()).to.include({ moved: batch.length });
    expect(idsOf(await claim(target.parts.tasks))).to.deep.equal(idsOf(batch));
  });

  it('moves there and back again at once', async () => {
    const before = await fill();
    await copy();
    expect(await copy(target, source)).to.include({ moved: 6 });
    expect((await liveOf(source)).map(kept)).to.have.deep.members(before.map(kept));
    expect(await copy()).to.include({ moved: 6 });
    expect((await liveOf(target)).map(kept)).to.have.deep.members(before.map(kept));
  });

  it('pauses in the target what is paused in the source, and resumes nothing there', async () => {
    await source.parts.settings.setPaused('held', true);
    await source.parts.settings.setPaused('open', false);
    await target.parts.settings.setPaused('open', true);
    expect(await copy()).to.include({ paused: 1 });
    expect([...(await target.parts.settings.paused())].sort()).to.deep.equal(['held', 'open']);
  });

  it('leaves what runs under a lease, and tells so', async () => {
    await source.parts.tasks.insert(samples(2));
    const [running] = await claim(source.parts.tasks, { limit: 1 });
    expect(await copy()).to.deep.equal({ moved: 1, paused: 0, left: { waiting: 0, running: 1 }, stays: NOTHING });
    expect(await source.parts.tasks.settle([settlement(the(running), { state: 'succeeded', keepMs: 0 })])).to.deep.equal(['applied']);
    expect(await copy()).to.deep.equal({ moved: 0, paused: 0, left: { waiting: 0, running: 0 }, stays: NOTHING });
  });

  it('moves a task whose lease is over, with the failure that this is', async () => {
    await source.parts.tasks.insert(samples(1));
    const [lost] = await claim(source.parts.tasks, { leaseMs: 1 });
    await pause(10);
    expect(await copy()).to.include({ moved: 1 });
    expect(await reread(target.parts.tasks, the(lost))).to.include({ state: 'waiting', attempt: 1, failures: 1 });
  });

  it('leaves a task whose unique key is taken in the target as it was, tells of it, and moves the rest', async () => {
    const [mine, other] = [sample({ uniqueKey: 'key' }), sample({ uniqueKey: 'key' })];
    await source.parts.tasks.insert([mine, ...samples(2)]);
    await target.parts.tasks.insert([other]);
    const before = await reread(source.parts.tasks, mine);
    const told: string[] = [];
    const report = await copy(source, target, { ...SILENT, onTaken: ({ id }) => void told.push(id) });
    expect(report).to.deep.equal({ moved: 2, paused: 0, left: { waiting: 1, running: 0 }, stays: NOTHING });
    expect(told).to.deep.equal([mine.id]);
    expect(kept(await reread(source.parts.tasks, mine))).to.deep.equal(kept(before));
    expect(idsOf(await claim(source.parts.tasks))).to.deep.equal([mine.id]);
  });

  it('loses nothing where both URLs lead to one store', async () => {
    const before = await fill();
    const aliased = withUrl(source, 'mongodb://an-alias/db');
    expect(await copy(source, aliased)).to.deep.equal({ moved: 0, paused: 0, left: { waiting: 6, running: 0 }, stays: NOTHING });
    expect((await liveOf(source)).map(kept)).to.have.deep.members(before.map(kept));
  });

  it('drops in the target what was cancelled in the source while it was on its way', async () => {
    const task = sample();
    await source.parts.tasks.insert([task]);
    const { transit } = target.parts;
    const carried: typeof transit.carried = (tasks) => transit.carried(tasks);
    const place: typeof transit.place = async (tasks, lease, steps) => {
      await transit.place(tasks, lease, steps);
      await new Queue(source, task.queue).cancel(task.id);
    };
    const release: typeof transit.release = (ids, token) => transit.release(ids, token);
    const cancelling = withParts(target, { transit: { hold: (tasks, lease) => transit.hold(tasks, lease), carried, place, release } });
    expect(await copy(source, cancelling)).to.include({ moved: 0 });
    expect([await total(source), await total(target)].map(({ cancelled, waiting, running }) => [cancelled, waiting + running])).to.deep.equal([
      [1, 0],
      [0, 0],
    ]);
  });

  describe('killed between any two calls and run again', () => {
    for (const when of hasKills ? (['before', 'after'] as const) : []) {
      it(`has each task once, and runs it once: ${when} each call`, async () => {
        const faults = new Faults();
        const [from, to] = [faults.store(source), faults.store(target)];
        const ran: string[] = [];
        const work = { queues: ['q', 'other'], handlers: { work: ({ id }: { id: string }) => void ran.push(id) } };
        const added: string[] = [];
        let hasFailed = true;
        for (let failAt = 1; hasFailed; failAt += 1) {
          const batch = [sample(), sample({ uniqueKey: `key ${failAt}`, queue: 'other' })];
          await source.parts.tasks.insert(batch);
          added.push(...idsOf(batch));
          faults.set(failAt, when);
          hasFailed = await copy(from, to).then(
            () => false,
            (error: unknown) => {
              if (String(error).includes('killed')) return true;
              throw error;
            },
          );
          // However far the copy got, no task can be claimed in one store and is live in the other.
          const [here, there] = [await liveOf(source), await liveOf(target)];
          const claimable = (tasks: Task[]): string[] => idsOf(tasks.filter(({ state }) => state === 'waiting'));
          expect(claimable(here).filter((id) => idsOf(there).includes(id))).to.deep.equal([]);
          expect(claimable(there).filter((id) => idsOf(here).includes(id))).to.deep.equal([]);
          expect(new Set(idsOf([...here, ...there, ...(await finishedOf(target)), ...(await finishedOf(source))]))).to.deep.equal(new Set(added));
          // Both stores run tasks between the kill and the next copy.
          if (failAt % 3 === 0) await runAll([source, target], work);
          faults.set(0, when);
          await copy(from, to);
          expect(await liveOf(source)).to.deep.equal([]);
        }
        await runAll([source, target], work);
        expect(added.length).to.be.greaterThan(20);
        expect(await liveOf(target)).to.deep.equal([]);
        expect(ran.sort()).to.deep.equal(added.sort());
      });
    }
  });

  describe('as a user runs it', () => {
    const given = (): string[] => ['copy', '--from', pair().from, '--to', pair().to];

    it('prints what it did, and ends with 0 where nothing is left, else with 1', async () => {
      await source.parts.tasks.insert(samples(3));
      const first = await runToEnd([...given(), '--json']);
      expect([first.code, JSON.parse(first.out)]).to.deep.equal([0, { moved: 3, paused: 0, left: { waiting: 0, running: 0 }, stays: NOTHING }]);
      await source.parts.tasks.insert(samples(2));
      await claim(source.parts.tasks, { limit: 1 });
      const second = await runToEnd(given());
      expect([second.code, second.out]).to.deep.equal([
        1,
        'Moved 1 task, and paused 0 queues in the target; 0 waiting and 1 running tasks are left in the source\n',
      ]);
    });

    it('tells of the schedules that stay', async () => {
      await new Scheduler(source).upsert('nightly', { cron: '0 3 * * *', queue: 'reports' });
      const { out } = await runToEnd([...given(), '--json']);
      expect(JSON.parse(out)).to.deep.include({ moved: 0, stays: { schedules: 1, elsewhere: 0 } });
    });

    it('moves the tasks of the namespace that it is given, and no others', async () => {
      const [there, here] = await Promise.all([pair().to, pair().from].map((url) => openStore({ url, namespace: 'staging' })));
      try {
        const { id } = await new Queue(the(here), 'mail').add('work', {});
        await new Queue(source, 'mail').add('work', {});
        const { code, out } = await runToEnd([...given(), '--namespace', 'staging']);
        expect([code, out.split('\n')[1]]).to.deep.equal([0, '1 live tasks of other namespaces stay; --namespace moves those of one']);
        expect((await new Queue(the(there), 'mail').get(id))?.state).to.equal('waiting');
        expect([(await total(source)).waiting, (await total(target)).waiting]).to.deep.equal([1, 0]);
      } finally {
        await Promise.all([here?.close(), there?.close()]);
      }
    });

    it('tells on the error stream how far it is, in a line for each doubling', async () => {
      await source.parts.tasks.insert(samples(4 * TRANSIT_TASKS));
      const { err } = await runToEnd(given());
      expect(err.split('\n')).to.deep.equal([
        ...[1, 2, 4].map((parts) => `${parts * TRANSIT_TASKS} tasks are moved, about ${(4 - parts) * TRANSIT_TASKS} are left`),
        '',
      ]);
    });

    it('loses and doubles nothing when it is killed again and again', async () => {
      const batch = samples(4 * TRANSIT_TASKS);
      await source.parts.tasks.insert(batch);
      for (let kills = 0; kills < 3; kills += 1) {
        const child = startNode(RUNNER, given());
        // The first line appears when a part is done, so the kill comes during a later part.
        await Promise.race([eventually('it copies', () => child.err.includes('\n')), child.ended]);
        await pause(Math.random() * 20);
        child.kill('SIGKILL');
        await child.ended;
        const [here, there] = [await total(source), await total(target)];
        expect(here.waiting + there.waiting).to.be.at.most(batch.length);
        if (here.waiting + here.running + there.running === 0) break;
      }
      const { code, err } = await runToEnd(given());
      expect(code, err).to.equal(0);
      expect(await liveOf(source)).to.deep.equal([]);
      expect((await total(target)).waiting).to.equal(batch.length);
      const found: string[] = [];
      for (let ids = ['']; ids.length > 0; found.push(...ids)) ids = idsOf(await claim(target.parts.tasks));
      expect(found.sort()).to.deep.equal(idsOf(batch).sort());
    });
  });
}

forMongo('a copy from a SQLite file', (opening) => {
  forSqliteFile((url) => copySuite(() => ({ from: url(), to: opening.url })));
});

forMongo('a copy to a SQLite file', (opening) => {
  forSqliteFile((url) => copySuite(() => ({ from: opening.url, to: url() })));
});

forMongo('a copy to another database', (opening) => {
  const other = (): string => `${opening.db().databaseName}_other`;
  copySuite(() => ({ from: opening.url, to: opening.url.replace(opening.db().databaseName, other()) }), isLongRun);

  afterEach(() => opening.db().client.db(other()).dropDatabase());
});

forSqlite('a copy to another file', (opening) => {
  copySuite(() => ({ from: opening.url, to: `sqlite:${join(opening.path, '../other.db')}` }));

  it('is refused where both are one store, where a URL is missing, and where the source is not there', async () => {
    await (await opening.open()).close();
    const run = async (...given: string[]) => (await runToEnd(['copy', ...given])).code;
    expect(await run('--from', opening.url, '--to', opening.url.replace('tasks.db', './tasks.db'))).to.equal(2);
    expect(await run('--from', opening.url, '--to', opening.url.replace('sqlite:', 'sqlite://'))).to.equal(2);
    expect(await run('--from', opening.url)).to.equal(2);
    expect(await run('--from', `${opening.url}.none`, '--to', opening.url)).to.equal(69);
  });
});
