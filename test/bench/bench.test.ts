import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startNode } from '../fixtures/children';

interface Report {
  readonly rows: readonly Record<string, unknown>[];
  readonly goals: readonly Record<string, unknown>[];
  readonly missing: readonly string[];
}

const BENCH = join(__dirname, '../../bench/bench.js');
const RAW_WORKS = ['add-bulk', 'drain', 'drain-kept'];
const WORKS = [...RAW_WORKS, 'processes-2', 'queues-1', 'queues-200'];

describe('The benchmark', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-test-'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs a short benchmark and returns its report. */
  async function measure(only: readonly string[], tasks = 200): Promise<Report> {
    const file = join(folder, `${only.join('-').slice(0, 60)}.json`);
    const child = startNode(BENCH, ['--quick', '--only', only.join(','), '--tasks', String(tasks), '--runs', '1', '--json', file]);
    const { code } = await child.ended;
    expect(code, child.err).to.equal(0);
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  }

  it('writes a row for each work and system, and the goals of which it measured both sides', async function () {
    this.timeout(180_000);
    const { rows, goals, missing } = await measure(['raw-sqlite', 'holdfast-sqlite', ...WORKS]);
    expect(missing).to.deep.equal([]);
    const named = rows.map(({ system, work }) => `${String(system)} ${String(work)}`);
    expect(named).to.have.members(WORKS.flatMap((work) => [`holdfast-sqlite ${work}`, ...(RAW_WORKS.includes(work) ? [`raw-sqlite ${work}`] : [])]));
    for (const row of rows) {
      expect(row['unit']).to.equal('tasks/s');
      for (const name of ['median', 'min', 'max']) expect(row[name]).to.be.a('number').above(0);
    }
    expect(goals.map(({ name }) => name)).to.have.members([
      'holdfast-sqlite drain / raw-sqlite',
      'holdfast-sqlite drain-kept / raw-sqlite',
      'holdfast-sqlite add-bulk / raw-sqlite',
      'holdfast-sqlite queues-200 / queues-1',
    ]);
    for (const goal of goals) expect(goal).to.have.keys('name', 'goal', 'measured', 'reached');
  });

  it('measures the adds of a process that shares its store, and checks that each task ran once', async function () {
    this.timeout(60_000);
    const { rows, missing } = await measure(['holdfast-sqlite', 'shared-1']);
    expect(missing).to.deep.equal([]);
    expect(rows.map(({ work }) => work)).to.deep.equal(['shared-1', 'shared-1 add p50', 'shared-1 add p95', 'shared-1 add p99']);
    for (const row of rows) expect(row['median']).to.be.a('number').above(0);
  });

  it('measures every call on a store with many tasks, of which there are fewer here', async function () {
    this.timeout(120_000);
    const { rows, goals, missing } = await measure(['holdfast-sqlite', 'size'], 2_000);
    expect(missing).to.deep.equal([]);
    const works = rows.map(({ work }) => work);
    for (const call of ['add', 'list waiting', 'event stats', 'schedule list', 'purge waiting, its beginning'])
      expect(works).to.include.members([`size ${call}`, `size ${call}: p99`, `size ${call}: turn`, `size ${call}: longest turn`]);
    expect(goals.map(({ name }) => name)).to.deep.equal(['holdfast-sqlite size slowest call', 'holdfast-sqlite size longest turn']);
  });

  it('measures what the pages of the developer tool ask for, and what an open one costs', async function () {
    this.timeout(60_000);
    const { rows, goals, missing } = await measure(['holdfast-sqlite', 'tool'], 2_000);
    expect(missing).to.deep.equal([]);
    const works = rows.map(({ work }) => work);
    for (const request of ['overview', 'task', 'search state:dead']) expect(works).to.include.members([`tool ${request}`, `tool ${request}: p99`]);
    const judged = ['slowest median', 'slowest p99', 'open page process'];
    expect(goals.map(({ name }) => name)).to.deep.equal(judged.map((what) => `holdfast-sqlite tool ${what}`));
  });

  it('measures what statistics cost', async function () {
    this.timeout(60_000);
    const { rows, goals, missing } = await measure(['holdfast-sqlite', 'statistics']);
    expect(missing).to.deep.equal([]);
    expect(rows.map(({ work }) => work)).to.deep.equal(['statistics', 'statistics: low', 'statistics: high']);
    expect(goals.map(({ name }) => name)).to.deep.equal(['holdfast-sqlite statistics']);
  });

  it('measures FIFO queues beside a standard one, and receives among many groups', async function () {
    this.timeout(60_000);
    const { goals, missing } = await measure(['holdfast-sqlite', 'fifo-rates', 'fifo-groups'], 2_000);
    expect(missing).to.deep.equal([]);
    const rates = ['fifo', 'fifo with ids'].map((queue) => `fifo-rates ${queue} / fifo-rates standard`);
    const judged = [...rates, 'fifo-groups many / fifo-groups few', 'fifo-groups long / fifo-groups few'];
    expect(goals.map(({ name }) => name)).to.deep.equal(judged.map((what) => `holdfast-sqlite ${what}`));
  });

  it('measures durable steps beside the same work without steps', async function () {
    this.timeout(60_000);
    const { rows, missing } = await measure(['holdfast-sqlite', 'steps']);
    expect(missing).to.deep.equal([]);
    const withSteps = [1, 5, 20].flatMap((count) => [`steps-${count}`, `steps-${count} steps`]);
    expect(rows.map(({ work }) => work)).to.deep.equal(['steps-0', ...withSteps]);
    for (const row of rows) expect(row['median']).to.be.a('number').above(0);
    expect(rows.filter(({ unit }) => unit === 'steps/s')).to.have.length(3);
  });

  it('measures an idle worker with and without tasks that sleep', async function () {
    this.timeout(60_000);
    const { rows, goals, missing } = await measure(['holdfast-sqlite', 'sleepers']);
    expect(missing).to.deep.equal([]);
    expect(rows.map(({ work }) => work)).to.deep.equal(['sleepers-0 worker-cpu', 'sleepers-100k worker-cpu']);
    expect(goals.map(({ name }) => name)).to.deep.equal(['holdfast-sqlite sleepers-100k − sleepers-0 worker-cpu']);
  });

  it('leaves out a goal of which one side was not measured', async function () {
    this.timeout(60_000);
    const { rows, goals } = await measure(['holdfast-sqlite', 'drain']);
    expect(rows).to.have.length(1);
    expect(goals).to.deep.equal([]);
  });

  it('measures the broker over HTTP beside a bare echo', async function () {
    this.timeout(60_000);
    const { rows, goals, missing } = await measure(['http-sqlite', 'http-echo', 'broker-rates']);
    expect(missing).to.deep.equal([]);
    const rates = ['send-1', 'send-10', 'receive-ack-10', 'one-in-one-out'];
    expect(rows.map(({ work }) => work)).to.have.members(['echo', ...rates].map((what) => `broker-rates ${what}`));
    for (const row of rows) expect(row['median']).to.be.a('number').above(0);
    expect(goals.map(({ name }) => name)).to.deep.equal(rates.map((what) => `http-sqlite ${what} / echo`));
  });
});
