import { expect } from 'chai';
import type { FoundAtOnce } from '../../classes/mongo/mongoConnection';
import type { TaskDocument } from '../../modules/mongo/mongoSchema';
import { EPOCH_MS } from '../support/fakeClock';
import { documentAt, documentsAt, NOW_MS, windowParts } from './windowParts';

describe('ClaimWindow', () => {
  it('asks for due tasks of a queue in the order of the claim index, and for no more than it was asked', async () => {
    const { find, finds, answers } = windowParts();
    const documents = [documentAt(0, 1), documentAt(3, 0)];
    answers.push(documents);
    expect(await find()).to.deep.equal(documents);
    expect(finds).to.deep.equal([
      {
        filter: {
          queue: 'mail',
          state: 'waiting',
          availableAt: { $lte: new Date(EPOCH_MS + NOW_MS) },
          $expr: { $and: [{ $lte: ['$availableAt', '$$NOW'] }, { $eq: [{ $type: '$_id' }, 'binData'] }] },
        },
        options: {
          sort: { priority: 1, availableAt: 1, _id: 1 },
          hint: 'holdfast_claim',
          limit: 200,
          skip: 0,
          maxTimeMS: 2_000,
        },
      },
    ]);
  });

  it('knows where it is in a thousand queues, and begins at the head of one that it has forgotten', async () => {
    const { find, asked } = windowParts();
    for (let n = 0; n <= 1_000; n += 1) await find({ queue: `queue ${n}` });
    asked();
    await find({ queue: 'queue 1' });
    expect(asked()).to.deep.equal(['priorities 0 to 9 from 59900 limit 200']);
    await find({ queue: 'queue 0' });
    expect(asked()).to.deep.equal(['all limit 200']);
  });

  it('leaves out what it is told to, wherever it begins', async () => {
    const { find, finds, answers } = windowParts();
    const except = ['one', 'two'];
    answers.push(documentsAt(200, 0, 5_000));
    for (let n = 0; n < 3; n += 1) await find({ except });
    expect(finds.length).to.be.above(3);
    for (const { filter } of finds) expect(filter['_id']).to.deep.equal({ $nin: except });
  });

  it('bounds each scan of the index by the time, where tasks lie ahead that are not due', async () => {
    const { find, finds, answers } = windowParts();
    answers.push(documentsAt(200, 4, 5_000));
    for (let n = 0; n < 3; n += 1) await find();
    for (const { filter } of finds) expect(filter['availableAt']).to.deep.include({ $lte: new Date(EPOCH_MS + NOW_MS) });
  });

  it('begins a little below the last look that found all there was', async () => {
    const { clock, look } = windowParts();
    expect(await look([documentAt(4, 5_000)])).to.equal('all limit 200');
    await clock.advance(500);
    expect(await look()).to.equal('priorities 0 to 9 from 59900 limit 200');
    await clock.advance(500);
    expect(await look()).to.equal('priorities 0 to 9 from 60400 limit 200');
  });

  it('goes on from the last task of a full find, and has seen all that is better', async () => {
    const { look } = windowParts();
    expect(await look(documentsAt(200, 4, 5_000))).to.equal('all limit 200');
    expect(await look([], documentsAt(200, 4, 6_000))).to.equal('priorities 0 to 3 from 60000 limit 200, priority 4 from 5000 limit 200');
    expect(await look([], documentsAt(200, 4, 7_000))).to.equal('priorities 0 to 3 from 60000 limit 200, priority 4 from 6000 limit 200');
  });

  it('comes to the worse priorities when a better one has no more, looking a little below its marks', async () => {
    const { look } = windowParts();
    await look(documentsAt(200, 4, 5_000));
    expect(await look([], documentsAt(3, 4, 6_000), documentsAt(5, 6, 1_000))).to.equal(
      [
        ...['priorities 0 to 3 from 60000 limit 200', 'priority 4 from 5000 limit 200', 'priorities 5 to 9 limit 197'],
        ...['priorities 0 to 3 from 59900 limit 200', 'priority 4 from 5000 limit 200', 'priorities 5 to 9 limit 200'],
      ].join(', '),
    );
  });

  it('goes on from the last task of an answer that was too large to be whole', async () => {
    const { look, isCut } = windowParts();
    isCut.value = true;
    expect(await look(documentsAt(3, 4, 5_000))).to.equal('all limit 200');
    expect(await look([], documentsAt(2, 4, 6_000))).to.equal('priorities 0 to 3 from 60000 limit 200, priority 4 from 5000 limit 200');
    isCut.value = false;
    expect(await look([], documentsAt(200, 4, 7_000))).to.equal('priorities 0 to 3 from 60000 limit 200, priority 4 from 6000 limit 200');
  });

  it('asks only for what is still missing, and stops when it has enough, best first', async () => {
    const { find, asked, answers, look } = windowParts();
    await look(documentsAt(200, 2, 5_000));
    const [best, next] = [documentsAt(4, 1, 60_000), documentsAt(196, 2, 6_000)];
    answers.push(best, next);
    expect(await find()).to.deep.equal([...best, ...next]);
    expect(asked()).to.deep.equal(['priorities 0 to 1 from 60000 limit 200', 'priority 2 from 5000 limit 196']);
  });

  it('begins at its marks while its finds are full, but every fifty milliseconds below the last such look, where its marks are not further back', async () => {
    const { clock, look } = windowParts();
    const at = async (dueMs: number): Promise<string> => (await look(documentsAt(200, 0, dueMs))).replace(' limit 200', '');
    const looks = [await at(59_990), await at(59_995)];
    await clock.advance(49);
    looks.push(await at(60_020));
    await clock.advance(1);
    looks.push(await at(60_030), await at(60_040));
    await clock.advance(50);
    looks.push(await at(60_090));
    expect(looks).to.deep.equal(['all', ...[59_990, 59_995, 59_900, 60_030, 59_950].map((from) => `priority 0 from ${from}`)]);
  });

  it('walks over nothing below its mark where all of a backlog was added long ago', async () => {
    const { clock, look } = windowParts();
    await look(documentsAt(200, 0, 5_000));
    await clock.advance(50);
    expect(await look(documentsAt(200, 0, 6_000))).to.equal('priority 0 from 5000 limit 200');
  });

  it('goes on from the last of many that came in a little below its mark', async () => {
    const { clock, look } = windowParts();
    await look();
    await clock.advance(60);
    expect(await look(documentsAt(200, 1, 59_950))).to.equal('priorities 0 to 9 from 59900 limit 200');
    expect(await look([], documentsAt(200, 1, 59_960))).to.equal('priority 0 from 60060 limit 200, priorities 1 to 9 from 59950 limit 200');
  });

  it('begins at the head again every two seconds, for what came in far below its marks', async () => {
    const { clock, look } = windowParts();
    await look();
    await clock.advance(1_999);
    expect(await look()).to.equal('priorities 0 to 9 from 59900 limit 200');
    await clock.advance(1);
    expect(await look()).to.equal('all limit 200');
    expect(await look()).to.equal('priorities 0 to 9 from 61900 limit 200');
  });

  for (const [tookMs, restMs] of [
    [15, 3_000],
    [50, 10_000],
    [1_000, 20_000],
  ] as const) {
    it(`rests for ${restMs / 1_000} seconds after a look at the head that took ${tookMs} ms, and looks ten seconds below its last one every two`, async () => {
      const { clock, takes, look } = windowParts();
      takes.ms = tookMs;
      await look();
      takes.ms = 1;
      const deep: string[] = [];
      for (let passedMs = 2_000; passedMs < restMs; passedMs += 2_000) {
        await clock.advance(2_000);
        deep.push(await look());
      }
      expect(deep[0]).to.equal('priorities 0 to 9 from 50000 limit 200');
      expect(deep).not.to.include('all limit 200');
      await clock.advance(2_000);
      expect(await look()).to.equal('all limit 200');
    });
  }

  it('begins at a task that came in below its mark', async () => {
    const { clock, window, look } = windowParts();
    await look();
    await clock.advance(1_000);
    window.cameIn({ queue: 'mail', priority: 3, availableAt: new Date(EPOCH_MS + 20_000) });
    window.cameIn({ queue: 'other', priority: 3, availableAt: new Date(EPOCH_MS + 10_000) });
    expect(await look([], [documentAt(3, 20_000)])).to.equal(
      'priorities 0 to 2 from 59900 limit 200, priority 3 from 20000 limit 200, priorities 4 to 9 from 59900 limit 199',
    );
    expect(await look()).to.equal('priorities 0 to 9 from 60900 limit 200');
  });

  it('begins at a task that came in while it looked, the next time', async () => {
    const { clock, window, answers, find, asked, look } = windowParts();
    await look();
    await clock.advance(1_000);
    const finding = find();
    window.cameIn({ queue: 'mail', priority: 0, availableAt: new Date(EPOCH_MS + 30_000) });
    await finding;
    asked();
    answers.push([documentAt(0, 30_000)]);
    expect(await find()).to.have.length(1);
    expect(asked()[0]).to.equal('priority 0 from 30000 limit 200');
  });

  it('goes back to what it found beside a suspect, of which not all is claimed, also by a look far below its marks', async () => {
    const { clock, look } = windowParts();
    await look();
    await clock.advance(2_000);
    await look([documentAt(3, 4_000), { ...documentAt(4, 5_000), suspect: true }, documentAt(4, 6_000)]);
    expect(await look()).to.equal(
      [
        ...['priorities 0 to 2 from 61900 limit 200', 'priority 3 from 4000 limit 200', 'priority 4 from 5000 limit 200'],
        ...['priorities 5 to 9 from 61900 limit 200'],
      ].join(', '),
    );
  });

  it('takes for seen only what it found, where it was told to leave tasks out', async () => {
    const { find, look, asked, answers } = windowParts();
    answers.push([documentAt(4, 5_000)]);
    await find({ except: ['one'] });
    asked();
    expect(await look()).to.equal('priorities 0 to 3 limit 200, priority 4 from 5000 limit 200, priorities 5 to 9 limit 200');
  });

  it('begins at the head of a queue that it has forgotten', async () => {
    const { window, look } = windowParts();
    await look();
    window.forget('mail');
    expect(await look()).to.equal('all limit 200');
  });

  it('knows each queue by itself', async () => {
    const { find, asked, look } = windowParts();
    await look();
    await find({ queue: 'billing' });
    expect(asked()).to.deep.equal(['all limit 200']);
  });

  it('looks far where claims miss, and when it has to look for what was long in coming', async () => {
    const { clock, window, look } = windowParts();
    expect(window.looksFar('mail')).to.equal(true);
    await look();
    expect(window.looksFar('mail')).to.equal(false);
    window.note('mail', 10, 5);
    expect(window.looksFar('mail')).to.equal(true);
    for (let n = 0; n < 7; n += 1) window.note('mail', 10, 10);
    expect(window.looksFar('mail')).to.equal(false);
    await clock.advance(2_000);
    expect(window.looksFar('mail')).to.equal(true);
  });

  it('tells where tasks may wait, also such as are not due', async () => {
    const { clock, window, look } = windowParts();
    expect(window.ranges('mail')).to.deep.equal([{}]);
    await look([documentAt(2, 50_000)]);
    await clock.advance(1_000);
    const from = { $gte: new Date(EPOCH_MS + 59_900) };
    expect(window.ranges('mail')).to.deep.equal([{ priority: { $in: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }, availableAt: from }]);
    await look(documentsAt(200, 0, 60_500));
    expect(window.ranges('mail')).to.deep.equal([
      { priority: 0, availableAt: { $gte: new Date(EPOCH_MS + 60_500) } },
      { priority: { $in: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, availableAt: from },
    ]);
  });
});

describe('ClaimWindow for a single task', () => {
  /** A window whose single tasks are brought by hand. */
  function single() {
    const parts = windowParts();
    const filters: Record<string, unknown>[] = [];
    const findOne = async (isExact: boolean, ...found: TaskDocument[]): Promise<TaskDocument | undefined> => {
      const nowMs = parts.clock.now() + NOW_MS;
      const bring = (filter: object): Promise<FoundAtOnce> => {
        filters.push(filter as Record<string, unknown>);
        return Promise.resolve({ documents: found.splice(0, 1), isCut: false });
      };
      return parts.window.findOne({ queue: 'mail', earliestMs: nowMs, latestMs: nowMs, except: [], maxTimeMS: 2_000 }, bring, isExact);
    };
    const froms = (): (number | undefined)[] =>
      filters.splice(0).map(({ availableAt }) => {
        const from = (availableAt as { $gte?: Date }).$gte;
        return from && from.getTime() - EPOCH_MS;
      });
    return { ...parts, findOne, froms };
  }

  it('has it brought from where the window is, part after part', async () => {
    const { findOne, froms, look } = single();
    await look(documentsAt(200, 4, 5_000));
    const task = documentAt(7, 3_000);
    expect(await findOne(true)).to.equal(undefined);
    froms();
    expect(await findOne(true, task)).to.equal(task);
    expect(froms()).to.deep.equal([59_900]);
    expect(await findOne(true, task)).to.equal(task);
    expect(froms()).to.deep.equal([60_000]);
  });

  it('does not take for seen what the command passes over', async () => {
    const { findOne, froms } = single();
    await findOne(false);
    froms();
    await findOne(false);
    expect(froms()).to.deep.equal([undefined]);
  });
});
