import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { mongo as driver } from 'mongoose';
import { Queue } from '../../classes/queue/queue';
import { openStore } from '../../classes/store/openStore';
import { Worker } from '../../classes/worker/worker';
import { loadSqlite } from '../../modules/sqlite/sqliteDriver';
import { endChildren, endOf, readRuns, startFixture } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import type { FixturePayload } from '../fixtures/worker';
import { eventually } from '../support/eventually';
import { startMongo, whyNoMongo } from '../support/mongod';
import type { TestMongo } from '../support/mongod';
import { forSqlite } from '../support/stores';

const TEST_MS = 180_000;

const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

describe('A worker whose MongoDB goes away', function () {
  this.timeout(TEST_MS);
  let server: TestMongo;
  let mongodPid: number;
  let folder: string;

  before(async function () {
    const why = process.env['MONGODB_TEST_URI'] ? 'the server of MONGODB_TEST_URI is not ours to be stopped' : await whyNoMongo();
    if (why !== null) {
      process.stdout.write(`Outages of MongoDB skipped: ${why}\n`);
      return this.skip();
    }
    server = await startMongo();
    const client = await driver.MongoClient.connect(server.uri('admin'));
    const { pid } = (await client.db('admin').command({ serverStatus: 1 })) as { pid: number };
    mongodPid = Number(pid);
    await client.close();
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-runs-'));
  });

  afterEach(async () => {
    if (mongodPid) process.kill(mongodPid, 'SIGCONT');
    await endChildren();
    rmSync(folder, { recursive: true, force: true });
  });

  after(() => server?.stop());

  const ends = (child: Child): number => readRuns(join(folder, 'runs')).filter(({ event, pid }) => event === 'end' && pid === child.pid).length;

  for (const [title, durationMs, stoppedMs] of [
    ['under load', 20, 3_000],
    ['while it is idle', 0, 3_000],
  ] as const) {
    it(`says once that it is lost and once that it is back, and works on by itself, ${title}`, async () => {
      const url = server.uri(`outage_${durationMs}`);
      const store = await openStore(url);
      try {
        const queue = new Queue<{ work: FixturePayload }>(store, 'mail');
        const file = join(folder, 'runs');
        const child = startFixture('worker', { url, file, leaseMs: 30_000, maxConcurrency: 5, callTimeoutMs: 900 });
        const add = async (count: number) => queue.addMany(Array.from({ length: count }, () => ({ name: 'work', payload: { durationMs } })));
        await add(durationMs > 0 ? 2_000 : 5);
        await eventually('it works', () => ends(child) >= 5);
        process.kill(mongodPid, 'SIGSTOP');
        await eventually('the store is lost', () => /The store is lost/.test(child.out));
        await wait(stoppedMs);
        const before = ends(child);
        process.kill(mongodPid, 'SIGCONT');
        await eventually('the store is back', () => /The store is back/.test(child.out));
        await add(1);
        await eventually('it works on', () => ends(child) > before);
        await wait(2_500);
        expect(countOf(child.out, /error: \[store\] The store is lost/g)).to.equal(1);
        expect(countOf(child.out, /info: \[store\] The store is back/g)).to.equal(1);
        child.kill('SIGTERM');
        expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
        expect((await queue.counts()).running).to.equal(0);
        expect((await queue.list({ limit: 1_000 })).tasks.filter(({ failures, attempt }) => failures > 0 || attempt > 2)).to.deep.equal([]);
      } finally {
        await store.close();
      }
    });
  }
});

forSqlite('A worker whose file is locked by another for longer than a heartbeat', (opening) => {
  it('goes on with its event loop while it waits, and with its work afterwards', async () => {
    const store = await opening.open();
    const told: string[] = [];
    for (const name of ['lease-lost', 'lease-swept', 'store-error'] as const) store.events.on(name, () => told.push(name));
    // A claim gives up after a third of the lease, so the store may be reported lost. Then it must be reported back as well.
    let outages = 0;
    store.events.on('store-lost', () => (outages += 1));
    store.events.on('store-returned', () => (outages -= 1));
    const queue = new Queue<{ work: number }>(store, 'mail');
    const worker = new Worker<{ work: number }>(store, {
      queues: ['mail'],
      leaseMs: 3_000,
      handlers: { work: ({ payload }) => wait(payload, payload) },
    });
    await worker.start();
    const { id: long } = await queue.add('work', 2_500);
    await eventually('the long one runs', async () => (await queue.get(long))?.state === 'running');

    const Driver = loadSqlite();
    const other = new Driver(opening.path);
    other.exec('PRAGMA busy_timeout = 2000; BEGIN IMMEDIATE');
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 10);
    let added = false;
    const adding = queue.add('work', 1).then(({ id }) => ((added = true), id));
    await wait(1_500);
    clearInterval(ticking);
    // 150 is the maximum. A wait inside SQLite would leave one or two.
    expect(ticks).to.be.above(20);
    expect(added).to.equal(false);
    other.exec('ROLLBACK');
    other.close();

    const short = await adding;
    for (const id of [long, short]) await eventually('it succeeded', async () => (await queue.get(id))?.state === 'succeeded');
    for (const id of [long, short]) expect(await queue.get(id)).to.deep.include({ attempt: 1, failures: 0 });
    expect([told, outages]).to.deep.equal([[], 0]);
  });
});
