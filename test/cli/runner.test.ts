import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import type { DemoTasks } from '../../modules/demo/demoHandlers';
import { endChildren, endOf, RUNNER, runToEnd, startNode } from '../fixtures/children';
import type { Child } from '../fixtures/children';
import { eventually } from '../support/eventually';
import { forSqlite, forSqliteFirst } from '../support/stores';

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z - (error|warn|info): \[[a-z]+\] \S.*$/;
const ITERATION =
  /^(\S+Z) - info: \[index\] Iteration took \d+\.\d{3} seconds \(\d+ claimed(?:, \d+ (?:succeeded|retried|dead|released|lost))+\)(?:; \d+ more not shown \(.+\))?$/;

const STATES = ['waiting', 'running', 'succeeded', 'dead', 'cancelled'] as const;

const counts = (given: Partial<Record<(typeof STATES)[number], number>>): object => ({
  ...Object.fromEntries(STATES.map((state) => [state, 0])),
  ...given,
});

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const makeFolder = (): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-files-')));
  for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(folder, name), `the text of ${name}\n`.repeat(100));
  return folder;
};

forSqliteFirst('node index.js', (opening) => {
  describe('from seed to stats', () => {
    let folder: string;
    beforeEach(() => (folder = makeFolder()));
    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    const run = (given: readonly string[], env = {}) => runToEnd(given, { cwd: folder, env: { HOLDFAST_URL: opening.url, ...env } });

    const statsOf = async (): Promise<unknown> => {
      const { code, out, err } = await run(['stats', '--json']);
      expect([code, err, linesOf(out).length]).to.deep.equal([0, '', 1]);
      return JSON.parse(out);
    };

    it('prints nothing but the documented JSON for stats --json, also of an empty store', async () => {
      await (await opening.open()).close();
      expect(await statsOf()).to.deep.equal({ total: counts({}), queues: {} });
      expect((await run(['seed', '--count', '3', '--kinds', 'slow'])).code).to.equal(0);
      expect((await run(['seed', '--count', '2', '--kinds', 'slow', '--queue', 'other'])).code).to.equal(0);
      const { out } = await run(['stats', '--json']);
      const queues =
        '"demo":{"waiting":3,"running":0,"succeeded":0,"dead":0,"cancelled":0},"other":{"waiting":2,"running":0,"succeeded":0,"dead":0,"cancelled":0}';
      expect(JSON.parse(out)).to.deep.equal(
        JSON.parse(`{"total":{"waiting":5,"running":0,"succeeded":0,"dead":0,"cancelled":0},"queues":{${queues}}}`),
      );
      expect(Object.keys((JSON.parse(out) as { total: object }).total)).to.deep.equal(STATES);
    });

    it('seeds, serves and counts in a namespace what no other one sees', async () => {
      await run(['seed', '--count', '2', '--kinds', 'slow', '--namespace', 'staging']);
      await run(['seed', '--count', '1', '--kinds', 'slow']);
      expect((await run(['--drain', '--namespace', 'staging'])).code).to.equal(0);
      expect(await statsOf()).to.deep.equal({ total: counts({ waiting: 1 }), queues: { demo: counts({ waiting: 1 }) } });
      const { out } = await run(['stats', '--json'], { HOLDFAST_NAMESPACE: 'staging' });
      expect(JSON.parse(out)).to.deep.equal({ total: counts({ succeeded: 2 }), queues: { demo: counts({ succeeded: 2 }) } });
    });

    it('prints a table of the queues by state', async () => {
      await run(['seed', '--count', '7', '--kinds', 'slow']);
      const { code, out, err } = await run(['stats']);
      expect([code, err]).to.deep.equal([0, '']);
      const rows = linesOf(out).map((line) =>
        line
          .split(/[│|]/)
          .map((cell) => cell.trim())
          .filter(Boolean),
      );
      expect(rows.filter((row) => row.length > 1)).to.deep.equal([
        ['queue', ...STATES],
        ['demo', '7', '0', '0', '0', '0'],
        ['total', '7', '0', '0', '0', '0'],
      ]);
    });

    it('works off what was seeded, logs lines of one form, and ends with 0 when it is drained', async () => {
      const seeded = await run(['seed', '--count', '12', '--kinds', 'checksum, slow,poison']);
      expect([seeded.code, seeded.out, seeded.err]).to.deep.equal([0, 'Added 12 tasks to the queue demo\n', '']);
      const { code, signal, out, err } = await run(['--drain', '--max-concurrency', '5']);
      expect([code, signal, err]).to.deep.equal([0, null, '']);
      const lines = linesOf(out);
      expect(lines.filter((line) => !LINE.test(line))).to.deep.equal([]);
      const iterations = lines.filter((line) => line.includes('Iteration'));
      expect(iterations.filter((line) => !ITERATION.test(line))).to.deep.equal([]);
      expect(iterations.length).to.be.above(0);
      expect(lines[0]).to.match(/ - info: \[worker\] Worker \S+ serves demo, 5 at once$/);
      expect(lines.filter((line) => / - warn: \[task\] poison \S+ \(attempt 3\) is dead: Error: this one always fails$/.test(line))).to.have.length(
        4,
      );
      expect(await statsOf()).to.deep.equal({ total: counts({ succeeded: 8, dead: 4 }), queues: { demo: counts({ succeeded: 8, dead: 4 }) } });
    });

    it('keeps the SHA-256 of each file as the result of its checksum task', async () => {
      await run(['seed', '--count', '6', '--kinds', 'checksum']);
      expect((await run(['--drain'])).code).to.equal(0);
      const { tasks } = await new Queue(await opening.open(), 'demo').list();
      const expected = ['a.txt', 'b.txt', 'c.txt'].map((name) => {
        const path = join(folder, name);
        return { path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
      });
      const results = tasks.map(({ result }) => result as { path: string });
      expect(results.sort((a, b) => a.path.localeCompare(b.path))).to.deep.equal(expected.flatMap((one) => [one, one]));
    });
  });
});

forSqlite('node index.js', (opening) => {
  describe('as a user runs it', () => {
    let folder: string;
    beforeEach(() => (folder = makeFolder()));
    afterEach(async () => {
      await endChildren();
      rmSync(folder, { recursive: true, force: true });
    });

    const start = (given: readonly string[], env = {}): Child =>
      startNode(RUNNER, given, { cwd: folder, env: { HOLDFAST_URL: opening.url, ...env } });

    const run = (given: readonly string[], env = {}) => runToEnd(given, { cwd: folder, env: { HOLDFAST_URL: opening.url, ...env } });

    const tasksOf = async (queue: string) => {
      const store = await opening.open();
      const { tasks } = await new Queue(store, queue).list({ limit: 1_000 });
      await store.close();
      return tasks;
    };

    it('is what npm start does: --demo fills an empty store once, never with crash', async () => {
      const { scripts } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as { scripts: Record<string, string> };
      expect(scripts['start']).to.equal('node index.js --demo');
      for (let times = 0; times < 2; times += 1) {
        const child = start(['--demo']);
        await eventually('it works', () => child.out.includes('Iteration took'));
        child.kill('SIGINT');
        expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
        expect(child.err).to.equal('');
        expect(child.out.match(/ - info: \[index\] The store has tasks already.*npx holdfast seed.* adds some$/gm) ?? []).to.have.length(times);
        const tasks = await tasksOf('demo');
        expect(tasks).to.have.length(100);
        expect([...new Set(tasks.map(({ name }) => name))].sort()).to.deep.equal(['checksum', 'flaky', 'poison', 'slow']);
      }
    });

    it('uses ./data/holdfast.db where nothing names a store', async () => {
      const { code } = await run(['seed', '--count', '1', '--kinds', 'slow'], { HOLDFAST_URL: undefined });
      expect(code).to.equal(0);
      expect(readFileSync(join(folder, 'data/holdfast.db')).subarray(0, 6).toString()).to.equal('SQLite');
    });

    it('seeds the kinds in turn', async () => {
      await run(['seed', '--count', '8', '--kinds', 'slow,crash,poison', '--failure-rate', '0.5']);
      const names = (await tasksOf('demo')).map(({ name }) => name).reverse();
      expect(names).to.deep.equal(['slow', 'crash', 'poison', 'slow', 'crash', 'poison', 'slow', 'crash']);
    });

    it('logs at most ten iterations a second, and sums up the rest', async () => {
      const store = await opening.open();
      await new Queue<DemoTasks>(store, 'demo').addMany(
        Array.from({ length: 1_500 }, () => ({ name: 'checksum', payload: { path: join(folder, 'a.txt') } })),
      );
      const child = start(['--drain', '--max-concurrency', '1']);
      expect((await endOf(child)).code).to.equal(0);
      const iterations = linesOf(child.out).filter((line) => line.includes('Iteration'));
      // The last line covers the rest when the worker ends, without waiting for a second.
      const times = iterations.slice(0, -1).map((line) => Date.parse(ITERATION.exec(line)?.[1] ?? ''));
      // The limit counts seconds from the first line of each group. 900 ms leave room for the time that a line takes.
      for (let first = 0; first < times.length;) {
        const next = times.findIndex((time) => time >= (times[first] ?? 0) + 900);
        expect((next === -1 ? times.length : next) - first).to.be.at.most(10);
        if (next === -1) break;
        first = next;
      }
      const total = iterations.join('\n').match(/\d+(?= claimed)/g) ?? [];
      expect(total.reduce((sum, count) => sum + Number(count), 0)).to.equal(1_500);
      expect(linesOf(child.out).at(-1)).to.match(/ has stopped; 0 released$/);
    });

    it('works on when nobody reads its log any more', async () => {
      await run(['seed', '--count', '40', '--kinds', 'slow,checksum']);
      const child = start(['--drain', '--max-concurrency', '4', '--log-level', 'debug']);
      await eventually('its first line', () => child.out.includes('\n'));
      child.process.stdout.destroy();
      child.process.stderr.destroy();
      expect(await endOf(child)).to.deep.equal({ code: 0, signal: null });
      expect((await tasksOf('demo')).filter(({ state }) => state !== 'succeeded')).to.deep.equal([]);
    });

    it('obeys flags before variables, and variables before defaults', async () => {
      const env = { HOLDFAST_QUEUE: 'fromEnv', HOLDFAST_MAX_CONCURRENCY: '7', HOLDFAST_LEASE_MS: '9000' };
      await run(['seed', '--count', '1', '--kinds', 'slow'], env);
      await run(['seed', '--count', '2', '--kinds', 'slow', '--queue', 'fromFlag'], env);
      expect([(await tasksOf('fromEnv')).length, (await tasksOf('fromFlag')).length]).to.deep.equal([1, 2]);
      expect((await run(['--drain'], env)).out).to.match(/ serves fromEnv, 7 at once\n/);
      expect((await run(['--drain', '--queue', 'fromFlag', '--max-concurrency', '3'], env)).out).to.match(/ serves fromFlag, 3 at once\n/);
      expect((await run(['--drain'], {})).out).to.match(/ serves demo, 10 at once\n/);
      expect((await run(['--drain'], { HOLDFAST_MAX_CONCURRENCY: '' })).out).to.match(/ serves demo, 10 at once\n/);
      expect((await run(['--drain'], { HOLDFAST_URL: 'mongodb://127.0.0.1:1', ...env })).code).to.equal(69);
      expect((await run(['--drain', '--url', opening.url], { HOLDFAST_URL: 'mongodb://127.0.0.1:1' })).code).to.equal(0);
    });

    it('logs from the level that is named, as a flag or a variable, else by NODE_ENV', async () => {
      const seed = () => run(['seed', '--count', '1', '--kinds', 'slow']);
      const levels = (text: string) => new Set(text.match(/(?<=Z - )[a-z]+/g));
      await seed();
      expect((await run(['--drain'], { NODE_ENV: 'test' })).out).to.equal('');
      await seed();
      expect(levels((await run(['--drain'], { NODE_ENV: 'test', HOLDFAST_LOG_LEVEL: 'info' })).out)).to.deep.equal(new Set(['info']));
      await seed();
      expect(levels((await run(['--drain', '--log-level', 'debug'], { HOLDFAST_LOG_LEVEL: 'warn' })).out)).to.include('debug');
      await seed();
      expect((await run(['--drain', '--log-level', 'warn'])).out).to.equal('');
    });
  });
});
