import { expect } from 'chai';
import type { TaskDocument } from '../../modules/mongoSchema';
import { EPOCH_MS } from './fakeClock';
import { documentAt, documentsAt, windowParts } from './windowParts';

const ALMOST_ONE = 1 - Number.EPSILON;

/** A window with a mark, whose claims have missed so often. */
async function missed(times: number, priority = 0) {
  const parts = windowParts();
  const { find, answers, window, asked, random } = parts;
  answers.push(documentsAt(10, priority, 5_000));
  await find();
  for (let n = 0; n < times; n += 1) window.note('mail', 10, 5);
  random.value = ALMOST_ONE;
  asked();
  /** Finds where ahead of the mark it looks now. */
  const look = async (...better: TaskDocument[]): Promise<string> => {
    answers.splice(0);
    answers.push(...(priority > 0 ? [better] : []), documentsAt(10, priority, 5_000));
    await find();
    return asked().join(', ');
  };
  return { ...parts, look };
}

describe('ClaimWindow where claims miss', () => {
  for (const [times, skip] of [
    [1, 30],
    [2, 70],
    [3, 150],
    [4, 150],
    [50, 150],
  ] as const) {
    it(`skips at most ${skip} tasks ahead after ${times} claims that missed`, async () => {
      const { look, random } = await missed(times);
      expect(await look()).to.equal(`priority 0 from 4900 limit 10 skip ${skip}`);
      random.value = 0;
      expect(await look()).to.equal('priority 0 from 5000 limit 10');
    });
  }

  it('skips by whole claims', async () => {
    const { look, random } = await missed(4);
    random.value = 0.33;
    expect(await look()).to.include('skip 50');
  });

  it('narrows again by a tenth with each claim that does not miss, until it skips nothing', async () => {
    const { look, window } = await missed(4);
    const widths: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      window.note('mail', 10, 10);
      widths.push(/skip (\d+)/.exec(await look())?.[1] ?? '0');
    }
    expect(widths).to.deep.equal(['140', '120', '110']);
    for (let n = 0; n < 17; n += 1) window.note('mail', 10, 10);
    expect(await look()).to.equal('head limit 10');
  });

  it('takes up to one in twenty for none', async () => {
    const { look, window } = await missed(0);
    window.note('mail', 100, 96);
    expect(await look()).to.include('head');
    window.note('mail', 100, 94);
    expect(await look()).to.include('skip 30');
  });

  it('narrows where there was nothing to claim', async () => {
    const { look, window } = await missed(1);
    window.note('mail', 0, 0);
    expect(await look()).to.include('skip 30');
    for (let n = 0; n < 7; n += 1) window.note('mail', 0, 0);
    expect(await look()).to.include('head');
  });

  it('skips within the best priority that it knows, once it has seen that nothing better waits', async () => {
    const { look } = await missed(2, 4);
    expect(await look()).to.equal('priorities 0 to 3 limit 10, priority 4 from 4900 limit 10 skip 70');
  });

  it('takes what is better than all that it knows, however little, and goes on from there', async () => {
    const { look } = await missed(2, 4);
    expect(await look(documentAt(2, 6_000))).to.equal('priorities 0 to 3 limit 10');
    expect(await look()).to.equal('priorities 0 to 1 limit 10, priority 2 from 5900 limit 10 skip 70');
  });

  it('goes on from the first that waits where none was skipped, and from where it was after a skip', async () => {
    const { find, asked, answers, random } = await missed(1);
    random.value = 0;
    answers.push([documentAt(0, 8_000), ...documentsAt(9, 0, 9_000)]);
    await find();
    random.value = ALMOST_ONE;
    answers.push(documentsAt(10, 0, 20_000));
    await find();
    await find();
    expect(asked().slice(1, 3)).to.deep.equal(['priority 0 from 8000 limit 10 skip 30', 'priority 0 from 8000 limit 10 skip 30']);
  });

  it('begins a little below its mark every fifty milliseconds while its finds are full, until it has done so without a skip', async () => {
    const { look, clock, random } = await missed(1);
    const looks = [await look(), await look()];
    await clock.advance(50);
    looks.push(await look());
    random.value = 0;
    looks.push(await look(), await look());
    expect(looks.map((text) => /from (\d+)/.exec(text)?.[1])).to.deep.equal(['4900', '5000', '4900', '4900', '5000']);
  });

  it('looks ahead only among what is surely due, so that the server reads no document that is skipped', async () => {
    const { find, finds } = await missed(1);
    await find();
    expect(finds[0]?.options.skip).to.equal(30);
    expect(finds[0]?.filter['availableAt']).to.deep.include({ $lte: new Date(EPOCH_MS + 59_000) });
    expect(finds[0]?.filter).not.to.have.property('$expr');
  });

  it('asks for the rest in order where nothing is as far ahead, in the same claim', async () => {
    const { find, asked, answers } = await missed(2);
    const there = documentsAt(3, 0, 5_000);
    answers.push([], there);
    expect(await find()).to.deep.equal(there);
    expect(asked()[0]).to.include('skip 70');
  });

  it('no longer skips where the end of the line was reached', async () => {
    const { find, asked, answers } = await missed(4);
    answers.push(documentsAt(3, 0, 5_000));
    expect(await find()).to.have.length(3);
    asked();
    await find();
    expect(asked().join()).not.to.include('skip');
  });

  it('begins at the head where it knows no mark', async () => {
    const { window, find, asked } = windowParts();
    window.note('mail', 10, 5);
    await find();
    expect(asked()).to.deep.equal(['head limit 10']);
  });

  it('begins at the head every ten seconds only, where the others look as well', async () => {
    const { clock, look } = await missed(3);
    await clock.advance(9_999);
    expect(await look()).to.include('skip');
    await clock.advance(1);
    expect(await look()).to.equal('head limit 10');
  });
});
