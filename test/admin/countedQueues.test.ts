import { expect } from 'chai';
import { CountedQueues } from '../../classes/admin/countedQueues';
import { SECOND } from '../../constants/limits';
import { TALLY_KEYS, tallyOf } from '../../modules/ports/queueTally';
import type { QueueTally, TallyKey } from '../../modules/ports/queueTally';
import { FakeClock } from '../support/fakeClock';

const quiet = (_queue: string): boolean => false;

/** Queues of so many tasks, of which counting a thousand takes a millisecond. */
class Counter {
  readonly atOnce = 4;
  readonly clock = new FakeClock();
  readonly sizes = new Map<string, number>();
  readonly counted: string[] = [];
  takenMs = 0;

  of(queue: string, most: number): Promise<QueueTally> {
    const due = Math.min(this.sizes.get(queue) ?? 0, most + 1);
    this.counted.push(queue);
    this.takenMs += due / 1_000;
    this.clock.stall(due / 1_000);
    const found = { ...(Object.fromEntries(TALLY_KEYS.map((key) => [key, 0])) as Record<TallyKey, number>), due };
    return Promise.resolve(tallyOf(found, most, null, new Date(this.clock.now())));
  }
}

describe('The counts of many queues', () => {
  let counter: Counter;
  let queues: CountedQueues;
  beforeEach(() => {
    counter = new Counter();
    queues = new CountedQueues({ tallies: counter, clock: counter.clock });
  });

  const fill = (count: number, size: number): string[] => {
    for (let at = 0; at < count; at += 1) counter.sizes.set(`q${at}`, size);
    return [...counter.sizes.keys()];
  };

  const look = async (isBusy = quiet): Promise<string[]> => {
    counter.counted.length = 0;
    await queues.read([...counter.sizes.keys()], isBusy);
    return [...counter.counted];
  };

  it('are all counted at each look where they are short, but not twice in a second', async () => {
    const names = fill(5, 10);
    expect(await look()).to.deep.equal(names);
    expect(await look()).to.deep.equal([]);
    counter.clock.stall(SECOND);
    expect((await look()).sort()).to.deep.equal(names);
  });

  it('are counted roughly at first, and finer as time allows', async () => {
    fill(40, 9_000);
    await look();
    expect(counter.takenMs).to.be.lessThan(100 + 4 + 8 * 10);
    const find = async (): Promise<(number | undefined)[]> =>
      [...(await queues.read([...counter.sizes.keys()], quiet)).values()].map(({ tally }) => tally.counts.due);
    expect(await find()).to.include(1_000);
    for (let seconds = 0; seconds < 120; seconds += 1) {
      counter.clock.stall(SECOND);
      await look();
    }
    expect(new Set(await find())).to.deep.equal(new Set([9_000]));
  });

  it('take about a two-hundredth of the time, however many and long they are', async () => {
    fill(100, 10_000);
    await look();
    counter.takenMs = 0;
    for (let seconds = 0; seconds < 1_000; seconds += 1) {
      counter.clock.stall(SECOND);
      await look();
    }
    expect(counter.takenMs).to.be.within(4_500, 6_200);
  });

  it('are never old where ten queues are short, also over a slow way', async () => {
    const names = fill(10, 1_000);
    await look();
    for (let seconds = 0; seconds < 100; seconds += 1) {
      counter.clock.stall(SECOND);
      await look(() => true);
    }
    const ages = [...(await queues.read(names, quiet)).values()].map(({ ageMs }) => ageMs);
    expect(Math.max(...ages)).to.be.lessThan(3 * SECOND);
  });

  it('are all in the first picture soon, however many they are', async () => {
    fill(400, 1_000_000);
    await look();
    expect(counter.takenMs).to.be.lessThan(100 + 4 + 400 * 0.11 + 4 * 10);
  });

  it('are counted sooner where something was heard of them or attempts ended, and the others still have their turn', async () => {
    const names = fill(100, 1_000);
    await look();
    const times = new Map(names.map((name) => [name, 0]));
    for (let seconds = 0; seconds < 200; seconds += 1) {
      counter.clock.stall(SECOND);
      queues.heardOf('q7');
      for (const name of await look((queue) => queue === 'q8')) times.set(name, (times.get(name) ?? 0) + 1);
    }
    const others = names.filter((name) => !['q7', 'q8'].includes(name)).map((name) => times.get(name) ?? 0);
    expect(Math.min(times.get('q7') ?? 0, times.get('q8') ?? 0)).to.be.greaterThan(5 * Math.max(...others));
    expect(Math.min(...others)).to.be.greaterThan(5);
  });

  it('are counted at the next look after a change by hand, whatever it takes', async () => {
    fill(100, 10_000);
    await look();
    while ((await look()).length > 0);
    queues.urge('q50');
    expect(await look()).to.deep.equal(['q50']);
  });

  it('say how old they are, and are forgotten with their queue', async () => {
    fill(2, 10);
    await look();
    counter.clock.stall(SECOND / 2);
    const read = await queues.read(['q0'], quiet);
    expect([...read].map(([name, { ageMs }]) => [name, Math.round(ageMs / 100)])).to.deep.equal([['q0', 5]]);
    expect(await look()).to.deep.equal(['q1']);
  });

  it('fail with the error of the store, and go on afterwards', async () => {
    fill(2, 10);
    const of = counter.of.bind(counter);
    counter.of = () => Promise.reject(new Error('away'));
    expect(await look().catch((error: unknown) => (error as Error).message)).to.equal('away');
    counter.of = of;
    expect(await look()).to.deep.equal(['q0', 'q1']);
  });
});
