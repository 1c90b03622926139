import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import type { DatabaseSync } from '../../modules/sqlite/sqliteDriver';
import { the } from '../contract/samples';
import { endChildren, endOf, startFixture } from '../fixtures/children';
import type { CommitsLine } from '../fixtures/commits';
import { eventually } from '../support/eventually';
import { forSqlite } from '../support/stores';
import { violationsOf } from './history';
import { allEnded, allOf, finalOf, Load } from './load';
import { reportRecoveries } from './recoveries';

const TEST_MS = 180_000;

/** Longer than the settler repeats an outcome that the store itself refuses. */
const FULL_MS = 3_000;

const LOCKED_MS = 2_500;

/** Each round kills two processes at random instants during commits. */
const ROUNDS = 5;
const LONGEST_LIFE_MS = 300;

forSqlite('Workers under load', (opening) => {
  describe('whose file cannot be written', function () {
    this.timeout(TEST_MS);
    let load: Load | undefined;

    afterEach(async () => {
      await load?.close();
      await endChildren();
    });

    after(reportRecoveries);

    it('keep their outcomes while the disk is full, and go on when there is space', async () => {
      const Driver = loadSqlite();
      const opened: DatabaseSync[] = [];
      /** Keeps the connections that the store opens beside that of the caller. */
      class Kept extends Driver {
        constructor(path: string) {
          super(path);
          opened.push(this);
        }
      }
      const database = new Kept(opening.path);
      load = new Load([await openStore({ connection: database })], { resultBytes: 20_000 });
      await load.start();
      const own = the(opened.find((each) => each !== database && each.isOpen));
      const { page_count: pages } = own.prepare('PRAGMA file.page_count').get() as { page_count: number };
      own.exec(`PRAGMA file.max_page_count = ${pages}`);
      await eventually('the store is lost', () => load?.countOf('store-lost'));
      await wait(FULL_MS);
      const freedAt = performance.now();
      own.exec('PRAGMA file.max_page_count = 1000000');
      await load.everyWorkerClaims(freedAt, 'a full disk');
      await load.finish();
      expect([load.countOf('lease-lost'), load.countOf('lease-swept')]).to.deep.equal([0, 0]);
      await load.close();
      database.close();
    });

    for (const begin of ['BEGIN IMMEDIATE', 'BEGIN EXCLUSIVE'] as const) {
      it(`go on when another process ends what it began by ${begin}, for longer than a call may take`, async () => {
        load = new Load([await opening.open({ callTimeoutMs: 1_000 }), await opening.open({ callTimeoutMs: 1_000 })]);
        await load.start();
        const other = startFixture('sqliteLock', { path: opening.path, begin, heldMs: LOCKED_MS });
        await eventually('the file is free', () => other.out.includes('unlocked'));
        await load.everyWorkerClaims(performance.now(), `another process held the file by ${begin}`);
        await load.finish();
      });
    }
  });

  it(`lose nothing that was answered when they are killed in their commits, ${ROUNDS} times two`, async function () {
    this.timeout(TEST_MS);
    const start = (name: string, rest: object) =>
      startFixture('commits', { url: opening.url, file: join(dirname(opening.path), `${name}.lines`), leaseMs: 1_000, ...rest });
    for (let round = 0; round < ROUNDS; round += 1) {
      const children = [0, 1].map((which) => start(`killed${round}${which}`, { from: (2 * round + which) * 1_000_000 }));
      for (const child of children) await eventually('it works', () => child.out.includes('started'));
      for (const child of children) {
        await wait(Math.random() * LONGEST_LIFE_MS);
        child.kill('SIGKILL');
      }
      for (const child of children) expect(await endOf(child)).to.deep.equal({ code: null, signal: 'SIGKILL' });
    }
    const last = start('last', {});
    const store = await opening.open();
    const queue = new Queue(store, 'load');
    await allEnded(queue);
    last.kill('SIGTERM');
    expect(await endOf(last)).to.deep.equal({ code: 0, signal: null });
    const lines = linesIn(dirname(opening.path));
    const accepted = new Set(lines.flatMap((line) => (line.kind === 'accepted' ? [line.n] : [])));
    const added = lines.flatMap((line) => (line.kind === 'asked' ? [{ n: line.n, accepted: accepted.has(line.n) }] : []));
    const runs = lines.filter((line) => line.kind === 'run');
    const told = lines.filter((line) => line.kind === 'told');
    expect(accepted.size).to.be.above(ROUNDS);
    expect(violationsOf({ added, runs, told, finals: (await allOf(queue)).map(finalOf), killed: true })).to.deep.equal([]);
    expect(integrityOf(opening.path)).to.equal('ok');
  });
});

/** Reads the lines of all processes. The last line of a killed one may be torn. */
function linesIn(folder: string): CommitsLine[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.lines'));
  const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1));
  return lines.map((line) => JSON.parse(line) as CommitsLine);
}

function integrityOf(path: string): string {
  const Driver = loadSqlite();
  const database = new Driver(path);
  try {
    return (database.prepare('PRAGMA integrity_check').get() as { integrity_check: string }).integrity_check;
  } finally {
    database.close();
  }
}
