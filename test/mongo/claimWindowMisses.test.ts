import { expect } from 'chai';
import type { TaskDocument } from '../../modules/mongo/mongoSchema';
import { EPOCH_MS } from '../support/fakeClock';
import { documentAt, documentsAt, windowParts } from './windowParts';

const ALMOST_ONE = 1 - Number.EPSILON;

/** A window in the middle of a backlog, whose claims have missed so often. */
async function missed(times: number, priority = 0) {
  const parts = windowParts();
  const { window, random, look } = parts;
  await look(documentsAt(200, priority, 5_000));
  for (let n = 0; n < times; n += 1) window.note('mail', 10, 5);
  random.value = ALMOST_ONE;
  /** Finds where ahead of its mark it looks now. */
  const lookOn = (...better: TaskDocument[]): Promise<string> => look(...(priority > 0 ? [better] : []), documentsAt(200, priority, 5_000));
  return { ...parts, lookOn };
}

describe('ClaimWindow where claims miss', () => {
  for (const [times, skip] of [
    [1, 600],
    [2, 1400],
    [3, 3000],
    [4, 3000],
    [50, 3000],
  ] as const) {
    it(`skips at most ${skip} tasks ahead after ${times} claims that missed`, async () => {
      const { lookOn, random } = await missed(times);
      expect(await lookOn()).to.equal(`priority 0 from 5000 limit 200 skip ${skip}`);
      random.value = 0;
      expect(await lookOn()).to.equal('priority 0 from 5000 limit 200');
    });
  }

  it('skips by whole claims', async () => {
    const { lookOn, random } = await missed(4);
    random.value = 0.33;
    expect(await lookOn()).to.include('skip 1000');
  });

  it('narrows again by a tenth with each claim that does not miss, until it skips nothing', async () => {
    const { lookOn, window } = await missed(4);
    const widths: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      window.note('mail', 10, 10);
      widths.push(/skip (\d+)/.exec(await lookOn())?.[1] ?? '0');
    }
    expect(widths).to.deep.equal(['2800', '2400', '2200']);
    for (let n = 0; n < 17; n += 1) window.note('mail', 10, 10);
    expect(await lookOn()).to.equal('priority 0 from 5000 limit 200');
  });

  it('takes up to one in twenty for none', async () => {
    const { lookOn, window } = await missed(0);
    window.note('mail', 100, 96);
    expect(await lookOn()).not.to.include('skip');
    window.note('mail', 100, 94);
    expect(await lookOn()).to.include('skip 600');
  });

  it('narrows where there was nothing to claim', async () => {
    const { lookOn, window } = await missed(1);
    window.note('mail', 0, 0);
    expect(await lookOn()).to.include('skip 600');
    for (let n = 0; n < 7; n += 1) window.note('mail', 0, 0);
    expect(await lookOn()).not.to.include('skip');
  });

  it('skips within the priority in which it is, once it has seen that nothing better waits', async () => {
    const { lookOn } = await missed(2, 4);
    expect(await lookOn()).to.equal('priorities 0 to 3 from 59900 limit 200, priority 4 from 5000 limit 200 skip 1400');
  });

  it('takes what is better, however little, and then goes on where it was', async () => {
    const { lookOn } = await missed(2, 4);
    expect(await lookOn(documentAt(2, 6_000))).to.equal('priorities 0 to 3 from 59900 limit 200');
    expect(await lookOn()).to.equal('priorities 0 to 3 from 59900 limit 200, priority 4 from 5000 limit 200 skip 1400');
  });

  it('goes on in a better priority that has more than it was asked for', async () => {
    const { lookOn } = await missed(2, 4);
    expect(await lookOn(...documentsAt(200, 2, 6_000))).to.equal('priorities 0 to 3 from 59900 limit 200');
    expect(await lookOn()).to.equal('priorities 0 to 1 from 59900 limit 200, priority 2 from 6000 limit 200 skip 1400');
  });

  it('goes on from the first that waits where none was skipped, and from where it was after a skip', async () => {
    const { look, random } = await missed(1);
    random.value = 0;
    await look([documentAt(0, 8_000), ...documentsAt(199, 0, 9_000)]);
    random.value = ALMOST_ONE;
    const looks = [await look(documentsAt(200, 0, 20_000)), await look(documentsAt(200, 0, 20_000))];
    expect(looks).to.deep.equal(['priority 0 from 8000 limit 200 skip 600', 'priority 0 from 8000 limit 200 skip 600']);
  });

  it('begins a little below its last such look every fifty milliseconds, until it has done so without a skip', async () => {
    const { clock, window, look, random } = windowParts();
    const at = async (dueMs: number): Promise<string> =>
      (await look([], documentsAt(200, 4, dueMs))).replace(/.*priority 4 from (\d+) limit 200/, '$1');
    await look(documentsAt(200, 4, 59_990));
    window.note('mail', 10, 5);
    const looks = [await at(59_995)];
    await clock.advance(50);
    random.value = ALMOST_ONE;
    looks.push(await at(60_010));
    random.value = 0;
    looks.push(await at(60_020), await at(60_030));
    await clock.advance(50);
    looks.push(await at(60_060));
    expect(looks).to.deep.equal(['59990', '59900 skip 600', '59900', '60020', '59950']);
  });

  it('looks ahead only among what is surely due, so that the server reads no document that is skipped', async () => {
    const { find, finds } = await missed(1);
    await find();
    expect(finds[0]?.options.skip).to.equal(600);
    expect(finds[0]?.filter['availableAt']).to.deep.include({ $lte: new Date(EPOCH_MS + 59_000) });
    expect(finds[0]?.filter).not.to.have.property('$expr');
  });

  it('asks for the rest in order where nothing is as far ahead, in the same claim', async () => {
    const { find, asked, answers } = await missed(2);
    const there = documentsAt(3, 0, 5_000);
    answers.push([], [], [], there);
    expect(await find()).to.deep.equal(there);
    expect(asked()[0]).to.include('skip 1400');
  });

  it('no longer skips where the end of the line was reached', async () => {
    const { find, look, answers } = await missed(4);
    answers.push(documentsAt(3, 0, 5_000));
    expect(await find()).to.have.length(3);
    expect(await look()).not.to.include('skip');
  });

  it('begins at the head where it does not know where it is', async () => {
    const { window, look } = windowParts();
    window.note('mail', 10, 5);
    expect(await look()).to.equal('all limit 200');
  });

  it('begins at the head every ten seconds only, where the others look as well', async () => {
    const { clock, lookOn, look, window } = await missed(3);
    await clock.advance(2_000);
    expect(await look(documentsAt(200, 0, 5_000))).to.equal('all limit 200');
    for (let n = 0; n < 2; n += 1) window.note('mail', 10, 5);
    await clock.advance(9_999);
    expect([await lookOn(), await lookOn()]).to.deep.equal(['priority 0 from 5000 limit 200', 'priority 0 from 5000 limit 200 skip 3000']);
    await clock.advance(1);
    expect(await lookOn()).to.equal('all limit 200');
  });
});
