import { copyFileSync, existsSync, readdirSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { claimed, samples, settlement } from '../contract/samples';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';
import { systemClock } from '../../modules/time/clock';

const DESCRIPTORS = '/proc/self/fd';

const openOf = (path: string): string[] =>
  readdirSync(DESCRIPTORS).flatMap((descriptor) => {
    try {
      const target = readlinkSync(`${DESCRIPTORS}/${descriptor}`);
      return target.startsWith(path) ? [target] : [];
    } catch {
      return [];
    }
  });

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (thrown: unknown) => (thrown as { code?: unknown }).code,
  );

forSqlite('The file of a store', (opening) => {
  it('holds everything after close, alone and without a descriptor', async function () {
    const store = await opening.open();
    await new Queue(store, 'q').add('work', 1);
    await store.close();
    expect(existsSync(`${opening.path}-wal`)).to.equal(false);
    if (existsSync(DESCRIPTORS)) expect(openOf(opening.path)).to.deep.equal([]);
    copyFileSync(opening.path, `${opening.path}.copy`);
    const copy = await openStore(`sqlite:${opening.path}.copy`);
    expect((await new Queue(copy, 'q').counts()).waiting).to.equal(1);
    await copy.close();
  });

  it('is closed by a store on a connection of the caller, which stays open', async () => {
    const database = new (loadSqlite())(opening.path);
    const store = await openStore(database);
    await new Queue(store, 'q').add('work', 1);
    await store.close();
    expect(statSync(`${opening.path}-wal`, { throwIfNoEntry: false })?.size ?? 0).to.equal(0);
    database.exec('CREATE TABLE own (a)');
    database.close();
    if (existsSync(DESCRIPTORS)) expect(openOf(opening.path)).to.deep.equal([]);
  });

  it('is read beside a transaction of the caller, whose first write then does not fail', async () => {
    const database = new (loadSqlite())(opening.path);
    const [store, other] = [await openStore(database), await opening.open()];
    database.exec('CREATE TABLE own (a); BEGIN');
    await new Queue(store, 'q').counts();
    await store.parts.tasks.nextDueMs(['q']);
    await new Queue(other, 'q').add('work', 1);
    database.exec('INSERT INTO own VALUES (1); COMMIT');
    await store.close();
    database.close();
  });

  for (const [what, replace] of [
    ['was deleted', (path: string) => rmSync(path)],
    ['was replaced by a copy', (path: string) => (copyFileSync(path, `${path}.copy`), renameSync(`${path}.copy`, path))],
    ['has lost its log', (path: string) => rmSync(`${path}-wal`)],
  ] as const) {
    it(`is told as lost, and takes nothing more, when it ${what}`, async () => {
      const store = await opening.open({ callTimeoutMs: 500 });
      const lost: unknown[] = [];
      store.events.on('store-lost', ({ error }) => lost.push((error as { code?: unknown }).code));
      await new Queue(store, 'q').add('work', 1);
      replace(opening.path);
      await eventually('it is told', () => lost.length > 0);
      expect(lost).to.deep.equal(['HOLDFAST_FILE_UNUSABLE']);
      expect(await codeOf(store.parts.tasks.insert(samples(1)))).to.equal('HOLDFAST_FILE_UNUSABLE');
    });
  }

  it('shrinks when many finished tasks are deleted', async () => {
    const clock = { ...systemClock, at: Date.now(), now() { return this.at; } }; // prettier-ignore
    const { tasks } = await opening.database({ clock });
    const payload = JSON.stringify('x'.repeat(5_000));
    await tasks.insert(samples(1_000).map((task) => ({ ...task, payload })));
    const batch = await claimed(tasks, 1_000);
    await tasks.settle(batch.map((task) => settlement(task, { state: 'succeeded', keepMs: 0 })));
    const pages = (): number => {
      const file = new (loadSqlite())(opening.path);
      try {
        return (file.prepare('PRAGMA page_count').get() as { page_count: number }).page_count;
      } finally {
        file.close();
      }
    };
    const before = pages();
    clock.at += 10 * 60_000;
    for (let round = 0; round < 5; round += 1) await tasks.prune(1_000);
    expect(pages()).to.be.below(before / 2);
  });
});
