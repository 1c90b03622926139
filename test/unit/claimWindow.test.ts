import { expect } from 'chai';
import type { TaskDocument } from '../../modules/mongoSchema';
import { EPOCH_MS } from './fakeClock';
import { documentAt, documentsAt, windowParts } from './windowParts';

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
          availableAt: { $lte: new Date(EPOCH_MS + 60_000) },
          $expr: { $lte: ['$availableAt', '$$NOW'] },
        },
        options: {
          sort: { priority: 1, availableAt: 1, _id: 1 },
          hint: 'holdfast_claim',
          limit: 10,
          skip: 0,
          maxTimeMS: 2_000,
        },
      },
    ]);
  });

  it('leaves out what it is told to, also from its marks', async () => {
    const { find, finds, warm } = windowParts();
    const except = ['one', 'two'];
    await find({ except });
    await warm(0);
    await find({ except });
    expect(finds.length).to.be.above(1);
    for (const { filter } of finds) expect(filter['_id']).to.deep.equal({ $nin: except });
  });

  it('begins at the head while few were claimed', async () => {
    const { window, find, asked, answers } = windowParts();
    answers.push(documentsAt(10, 0, 5_000));
    for (let n = 0; n < 9; n += 1) {
      await find();
      window.note('mail', 111, 111);
    }
    expect(asked()).to.deep.equal(Array(9).fill('head limit 10'));
  });

  it('begins at its mark after a thousand, a little below it, and looks past it for the rest', async () => {
    const { find, asked, warm } = windowParts();
    await warm(0);
    await find();
    expect(asked()).to.deep.equal(['priority 0 from 4900 limit 10', 'priorities 1 to 9 limit 10']);
  });

  it('bounds each scan of the index by the time, where tasks lie ahead that are not due', async () => {
    const { find, finds, warm } = windowParts();
    await warm(0, 4);
    await find();
    for (const { filter } of finds) expect(filter['availableAt']).to.deep.include({ $lte: new Date(EPOCH_MS + 60_000) });
  });

  it('moves its mark on with what it finds, never back', async () => {
    const { find, asked, answers, warm } = windowParts();
    await warm(0);
    answers.push(documentsAt(10, 0, 7_000));
    await find();
    answers.push(documentsAt(10, 0, 6_950));
    await find();
    asked();
    await find();
    expect(asked()[0]).to.equal('priority 0 from 7000 limit 10');
  });

  it('begins at the mark itself while its finds are full, but every fifty milliseconds below where it was at the last such time', async () => {
    const { clock, find, asked, answers, warm } = windowParts();
    await warm(0);
    const look = async (dueMs: number): Promise<string> => {
      answers.push(documentsAt(10, 0, dueMs));
      await find();
      return asked().join(', ');
    };
    const looks = [await look(6_000), await look(6_010)];
    await clock.advance(49);
    looks.push(await look(6_020));
    await clock.advance(1);
    looks.push(await look(6_030), await look(6_040));
    expect(looks).to.deep.equal([4_900, 6_000, 6_010, 5_900, 6_030].map((from) => `priority 0 from ${from} limit 10`));
  });

  it('goes on from the last of many that came in a little below its mark, and comes back to worse priorities where it has been', async () => {
    const { clock, find, asked, answers, warm } = windowParts();
    await warm(1, 4);
    const look = async (...found: TaskDocument[][]): Promise<string> => {
      answers.push(...found);
      await find();
      return asked().join(', ');
    };
    // Full finds take the mark of priority 4 on to 6,000; then ten come in below that of priority 1.
    await look([], [], [], documentsAt(10, 4, 5_500));
    await look([], [], [], documentsAt(10, 4, 6_000));
    await clock.advance(50);
    expect(await look([], documentsAt(10, 1, 4_950))).to.equal('priorities 0 to 0 limit 10, priority 1 from 4900 limit 10');
    expect(await look([], documentsAt(10, 1, 4_960))).to.equal('priorities 0 to 0 limit 10, priority 1 from 4950 limit 10');
    expect(await look([], [], [], []))
      .to.include('priority 4 from 6000 limit 10')
      .and.to.include('priority 4 from 5400 limit 10');
  });

  it('looks below its mark as well before it says that there is no more', async () => {
    const { find, asked, answers, warm } = windowParts();
    await warm(0);
    answers.push(documentsAt(10, 0, 5_000));
    await find();
    asked();
    const [early, late] = [documentAt(0, 4_950), documentAt(0, 6_000)];
    answers.push([late], [], [early, late]);
    expect(await find()).to.deep.equal([early, late]);
    expect(asked()).to.deep.equal([
      'priority 0 from 5000 limit 10',
      'priorities 1 to 9 limit 9',
      'priority 0 from 4900 limit 10',
      'priorities 1 to 9 limit 8',
    ]);
  });

  it('asks first for the priorities above a mark, and for those between two marks in their turn', async () => {
    const { find, asked, warm } = windowParts();
    await warm(2, 5);
    await find();
    expect(asked()).to.deep.equal([
      'priorities 0 to 1 limit 10',
      'priority 2 from 4900 limit 10',
      'priorities 3 to 4 limit 10',
      'priority 5 from 4900 limit 10',
      'priorities 6 to 9 limit 10',
    ]);
  });

  it('asks for nothing twice where priorities follow each other', async () => {
    const { find, asked, warm } = windowParts();
    await warm(0, 1, 9);
    await find();
    expect(asked()).to.deep.equal([
      'priority 0 from 4900 limit 10',
      'priority 1 from 4900 limit 10',
      'priorities 2 to 8 limit 10',
      'priority 9 from 4900 limit 10',
    ]);
  });

  it('asks only for what is still missing, and stops when it has enough, best first', async () => {
    const { find, asked, answers, warm } = windowParts();
    await warm(2);
    const [best, next] = [documentsAt(4, 1, 6_000), documentsAt(6, 2, 6_000)];
    answers.push(best, next);
    expect(await find()).to.deep.equal([...best, ...next]);
    expect(asked()).to.deep.equal(['priorities 0 to 1 limit 10', 'priority 2 from 4900 limit 6']);
  });

  it('begins at the head again every two seconds, for what came in below a mark', async () => {
    const { clock, find, asked, warm } = windowParts();
    await warm(0);
    await clock.advance(1_999);
    await find();
    expect(asked()[0]).to.include('priority 0 from');
    await clock.advance(1);
    await find();
    expect(asked()).to.deep.equal(['head limit 10']);
    await find();
    expect(asked()[0]).to.include('priority 0 from');
  });

  it('goes on from what a full window at the head has shown, below its mark', async () => {
    const { clock, find, asked, answers, warm } = windowParts();
    await warm(0, 5);
    await clock.advance(2_000);
    answers.push(documentsAt(10, 0, 1_000));
    await find();
    asked();
    await find();
    expect(asked()).to.deep.equal(['priority 0 from 900 limit 10', 'priorities 1 to 9 limit 10']);
  });

  it('keeps its marks where the window at the head was not full', async () => {
    const { clock, find, asked, answers, warm } = windowParts();
    await warm(0);
    await clock.advance(2_000);
    answers.push(documentsAt(9, 0, 1_000));
    await find();
    asked();
    await find();
    expect(asked()[0]).to.equal('priority 0 from 4900 limit 10');
  });

  it('forgets what it knew of a queue of which nothing was claimed for five minutes', async () => {
    const { clock, find, asked, warm } = windowParts();
    await warm(0);
    await clock.advance(299_999);
    await find();
    await find();
    expect(asked()[1]).to.include('priority 0 from');
    await clock.advance(1);
    await find();
    await find();
    expect(asked().slice(-2)).to.deep.equal(Array(2).fill('head limit 10'));
  });

  it('forgets nothing while tasks are claimed', async () => {
    const { clock, window, find, asked, warm } = windowParts();
    await warm(0);
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(60_000);
      window.note('mail', 1, 1);
    }
    await find();
    await find();
    expect(asked()[1]).to.include('priority 0 from');
  });

  it('knows each queue by itself', async () => {
    const { window, find, asked, warm } = windowParts();
    await warm(0);
    await find({ queue: 'billing' });
    expect(asked()).to.deep.equal(['head limit 10']);
    await find({ queue: 'billing' });
    expect([window.isWanted('mail'), window.isWanted('billing'), window.isWanted('new')]).to.deep.equal([true, false, true]);
  });

  it('is wanted for a single task past dead keys, where claims miss, or when the head is due', async () => {
    const { clock, window, find } = windowParts();
    expect(window.isWanted('mail')).to.equal(true);
    await find();
    expect(window.isWanted('mail')).to.equal(false);
    window.note('mail', 10, 5);
    expect(window.isWanted('mail')).to.equal(true);
    for (let n = 0; n < 7; n += 1) window.note('mail', 10, 10);
    expect(window.isWanted('mail')).to.equal(false);
    await clock.advance(2_000);
    expect(window.isWanted('mail')).to.equal(true);
    await find();
    window.note('mail', 1_000, 1_000);
    expect(window.isWanted('mail')).to.equal(true);
  });

  it('tells where live keys may be: everywhere until it has marks, and where the head is due', async () => {
    const { clock, window, find, warm } = windowParts();
    expect(window.ranges('mail')).to.deep.equal([{}]);
    await warm(0, 3);
    await find();
    expect(window.ranges('mail')).to.deep.equal([
      { priority: 0, availableAt: { $gte: new Date(EPOCH_MS + 4_900) } },
      { priority: { $gte: 1, $lt: 3 } },
      { priority: 3, availableAt: { $gte: new Date(EPOCH_MS + 4_900) } },
      { priority: { $gte: 4, $lt: 10 } },
    ]);
    await clock.advance(2_000);
    expect(window.ranges('mail')).to.deep.equal([{}]);
  });
});
