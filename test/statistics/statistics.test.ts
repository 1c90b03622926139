import { expect } from 'chai';
import { Queue } from '../../classes/queue/queue';
import { Roller } from '../../classes/statistics/roller';
import type { Store } from '../../classes/store/store';
import { Worker } from '../../classes/worker/worker';
import type { Handler } from '../../modules/worker/handlerTypes';
import { addRow, CountTable, rowText } from '../../modules/statistics/counts';
import { countTime, emptyHistogram, quantileOf, TIME_BUCKETS_MS } from '../../modules/statistics/histogram';
import { keyOfRow, ROWS } from '../../modules/statistics/statisticsRows';
import { eventually, refusalOf } from '../support/eventually';
import { FakeClock } from '../support/fakeClock';
import { forEachStore, forReference } from '../support/stores';
import type { Opening } from '../support/stores';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const onEachStore = (title: string, define: (opening: Opening) => void): void => {
  forEachStore(title, define);
  forReference(title, define);
};

/** Runs what is due in this process, and writes what was counted. */
const work = async (store: Store, queue: string, handlers: Record<string, Handler<unknown>>): Promise<void> => {
  const worker = new Worker(store, { queues: [queue], handlers, backoffs: {} });
  await worker.drain();
  await worker.stop();
  await store.parts.statisticsWriter?.flush();
};

onEachStore('The statistics of a store', (opening) => {
  it('are what became of the attempts of all processes, by queue and name', async () => {
    const [one, other] = [await opening.open(), await opening.open()];
    const backoff = { type: 'fixed', delayMs: 0 } as const;
    const [mail, bills] = [new Queue(one, 'mail'), new Queue(other, 'bills')];
    await mail.addMany(Array.from({ length: 5 }, () => ({ name: 'welcome', payload: {} })));
    await mail.add('fails', {}, { maxRetries: 3, backoff });
    await bills.add('print', {}, { delayMs: HOUR });
    await work(one, 'mail', { welcome: () => undefined, fails: () => Promise.reject(new Error('no')) });
    await other.parts.statisticsWriter?.flush();
    const { total, names, points, step } = await one.statistics.read();
    expect(total).to.include({ added: 7, succeeded: 5, failed: 3, retried: 2, dead: 1, expired: 0 });
    expect([total.wait.count, total.run.count]).to.deep.equal([8, 5]);
    expect(names.map(({ queue, name, added, succeeded, dead }) => [queue, name, added, succeeded, dead])).to.deep.equal([['mail', 'welcome', 5, 5, 0], ['mail', 'fails', 1, 0, 1], ['bills', 'print', 1, 0, 0]]); // prettier-ignore
    expect(step).to.equal(MINUTE);
    expect(points.length).to.be.within(60, 61);
    expect(points.reduce((sum, { succeeded }) => sum + succeeded, 0)).to.equal(5);
    expect((await other.statistics.read({ queue: 'mail', name: 'fails', step: 10_000 })).total).to.include({ added: 1, dead: 1, succeeded: 0 });
    expect((await one.statistics.read({ to: new Date(Date.now() - HOUR) })).total).to.include({ added: 0, succeeded: 0 });
  });

  it('are written when the store is closed', async () => {
    const [one, viewer] = [await opening.open(), await opening.open()];
    await new Queue(one, 'mail').add('welcome', {});
    await one.close();
    expect((await viewer.statistics.read()).total).to.include({ added: 1 });
  });

  it('are not counted where the store was opened without them', async () => {
    const store = await opening.open({ statistics: false });
    await new Queue(store, 'mail').add('welcome', {});
    await work(store, 'mail', { welcome: () => undefined });
    expect((await store.statistics.read()).total).to.include({ added: 0, succeeded: 0 });
  });

  it('count an attempt that a sweep has ended', async () => {
    const store = await opening.open();
    const queue = new Queue(store, 'mail');
    await queue.add('welcome', {}, { maxRetries: 1 });
    await store.parts.tasks.claim({ queues: ['mail'], limit: 1, token: 'c7a36c9c-3a3c-4b86-9f5d-2b5b0a4f5c11', workerId: 'w', leaseMs: 200, deadlineMs: 1_000, alone: true, beside: false, except: [] }); // prettier-ignore
    const total = await eventually('the attempt is counted', async () => {
      await store.parts.statisticsWriter?.flush();
      const read = await store.statistics.read();
      return read.total.expired > 0 && read.total;
    });
    expect(total).to.include({ failed: 1, dead: 1, expired: 1 });
  });

  it('refuse a time without end, a step between the rows, and too many steps', async () => {
    const { statistics } = await opening.open();
    const now = new Date();
    for (const options of [{ from: now, to: now }, { step: 15_000 }, { step: 5_000 }, { from: new Date(0), step: 10_000 }]) {
      expect((await refusalOf(() => statistics.read(options))).code).to.equal('HOLDFAST_OPTION_INVALID');
    }
  });

  it('are added up to minutes and hours once, whoever does it, and read from each row once', async () => {
    const store = await opening.open();
    const { records } = store.parts;
    const nowMs = await store.parts.schedules.now();
    const firstMs = Math.floor(nowMs / HOUR) * HOUR - 2 * HOUR;
    const put = async (atMs: number, added: number, process = 'p'): Promise<void> => {
      const table = new CountTable();
      table.of('mail', 'welcome').added = added;
      await records.write({
        kind: 'statistics',
        key: keyOfRow('seconds', atMs, `:${process}:1`),
        value: rowText(table),
        rev: 0,
        keepMs: ROWS.seconds.keepMs,
      });
    };
    await Promise.all([put(firstMs, 1), put(firstMs, 2, 'q'), put(firstMs + 50_000, 4), put(firstMs + MINUTE, 8), put(firstMs + HOUR, 16)]);
    const [from, to] = [new Date(firstMs), new Date(nowMs + 10_000)];
    const added = async (step: number) =>
      (await store.statistics.read({ from, to, step })).points.map((point) => point.added).filter((count) => count > 0);
    const expected = [
      [3, 4, 8, 16],
      [7, 8, 16],
      [15, 16],
    ];
    const readAll = async () => [await added(30_000 - 10_000), await added(MINUTE), await added(HOUR)];
    expect(await readAll()).to.deep.equal(expected);
    await new Roller({ records }).roll(firstMs + HOUR + 31_000);
    expect(await readAll()).to.deep.equal(expected);
    await put(firstMs + HOUR + 5 * MINUTE, 32);
    expected.forEach((counts) => (counts.length === 2 ? (counts[1] = 48) : counts.push(32)));
    await Promise.all([1, 2, 3].map(() => new Roller({ records }).roll(nowMs)));
    expect(await readAll()).to.deep.equal(expected);
    const keys = (await records.list({ kind: 'statistics', prefix: 'h', limit: 9 })).map(({ key }) => key);
    expect(keys).to.deep.equal([keyOfRow('hours', firstMs), keyOfRow('hours', firstMs + HOUR)]);
  });
});

forReference('The writer of statistics', (opening) => {
  it('writes a row every ten seconds in which there was something, adds up minutes, and then is still', async () => {
    const clock = new FakeClock();
    const store = await opening.open({}, { clock });
    const rows = (prefix: string) => store.parts.records.list({ kind: 'statistics', prefix, limit: 99 });
    store.parts.counter?.noteAdded('mail', 'welcome');
    await clock.advance(10_000);
    await clock.advance(10_000);
    store.parts.counter?.noteAdded('mail', 'welcome');
    await clock.advance(10_000);
    expect([(await rows('s')).length, (await rows('m')).length]).to.deep.equal([2, 0]);
    await clock.advance(2 * MINUTE);
    expect([(await rows('s')).length, (await rows('m')).length, (await rows('h')).length]).to.deep.equal([2, 1, 0]);
    await clock.advance(2 * HOUR);
    expect((await rows('h')).length).to.equal(1);
    expect((await store.statistics.read({ from: new Date(clock.now() - 24 * HOUR), step: HOUR })).total.added).to.equal(2);
  });

  it('writes what a failed write has left, once', async () => {
    const clock = new FakeClock();
    const database = await opening.database({ clock });
    let fault: 'before' | 'after' | null = 'after';
    const write: typeof database.records.write = async (given) => {
      if (fault === 'before') throw new Error('away');
      const written = await database.records.write(given);
      if (fault === 'after') throw new Error('away');
      return written;
    };
    const { records } = database;
    const flaky = { read: records.read.bind(records), list: records.list.bind(records), remove: records.remove.bind(records), write };
    const store = opening.storeOn({ ...database, records: flaky }, {}, { clock });
    store.parts.counter?.noteAdded('mail', 'welcome');
    await clock.advance(10_000);
    fault = 'before';
    store.parts.counter?.noteAdded('mail', 'welcome');
    await clock.advance(30_000);
    fault = null;
    await clock.advance(30_000);
    expect((await store.statistics.read()).total.added).to.equal(2);
  });
});

describe('A histogram of times', () => {
  it('counts by its bounds, and tells quantiles between them', () => {
    const histogram = emptyHistogram();
    for (const ms of [0, 1, 1.5, 2, 90, 100, 101, 10 ** 9]) countTime(histogram, ms);
    const { counts } = histogram;
    expect(counts.slice(0, 2)).to.deep.equal([2, 2]);
    expect([counts[6], counts[7], counts.at(-1)]).to.deep.equal([2, 1, 1]);
    expect(quantileOf(histogram, 0.25)).to.equal(1);
    expect(quantileOf(histogram, 1)).to.equal(10 ** 9);
    expect(quantileOf(emptyHistogram(), 0.5)).to.equal(null);
  });

  it('tells no quantile above the longest time, whatever the end of its bucket', () => {
    const histogram = emptyHistogram();
    countTime(histogram, 60_004);
    expect([0.5, 0.95, 0.99].map((share) => quantileOf(histogram, share))).to.deep.equal([60_002, 60_004, 60_004]);
    for (let each = 0; each < 99; each += 1) countTime(histogram, 3);
    expect(quantileOf(histogram, 0.95)).to.equal(5);
    const longest = emptyHistogram();
    countTime(longest, 60_000);
    expect(quantileOf(longest, 0.99)).to.be.at.most(60_000);
  });

  it('tells quantiles in whole milliseconds', () => {
    for (const times of [[0.3], [1.5, 1.7, 4.2], [7, 13, 111.1], [0, 0, 0]]) {
      const histogram = emptyHistogram();
      for (const ms of times) countTime(histogram, ms);
      for (const share of [0.5, 0.95, 0.99]) expect(quantileOf(histogram, share)).to.satisfy(Number.isInteger);
    }
  });
});

describe('Counts by queue and name', () => {
  it('are the same in a row', () => {
    const table = new CountTable();
    Object.assign(table.of('a', 'b'), { added: 3, dead: 1 });
    countTime(table.of('a', 'b').wait, 40);
    const read = new CountTable();
    addRow(read, rowText(table));
    addRow(read, rowText(table));
    expect(
      [...read.entries()].map(([queue, name, { added, dead, wait }]) => [queue, name, added, dead, wait.counts[5], wait.longestMs]),
    ).to.deep.equal([['a', 'b', 6, 2, 2, 40]]);
  });

  it('are read from rows that were written before the longest times were kept', () => {
    const read = new CountTable();
    addRow(read, JSON.stringify([['a', 'b', [3], [0, 0, 4], [2]]]));
    const [cell] = [...read.entries()].map(([, , each]) => each);
    expect([cell?.added, cell && quantileOf(cell.wait, 1)]).to.deep.equal([3, TIME_BUCKETS_MS[2]]);
  });

  it('are those of others together beyond a thousand names', () => {
    const table = new CountTable();
    for (let each = 0; each < 1_500; each += 1) table.of('q', `name-${each}`).added += 1;
    const entries = [...table.entries()];
    expect(entries).to.have.lengthOf(1_001);
    expect(table.of('', '').added).to.equal(500);
  });
});
