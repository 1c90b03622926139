import { expect } from 'chai';
import { EPOCH_MS } from './fakeClock';
import { documentAt, windowParts } from './windowParts';

/** A window of which ten tasks were found a moment ago, and then ten of eighty. */
async function lookedAhead() {
  const parts = windowParts();
  const { window, answers, asked } = parts;
  const find = (rest: { limit?: number; except?: readonly unknown[] } = {}) => parts.find({ limit: 10, ...rest });
  const tasks = Array.from({ length: 90 }, (_, index) => documentAt(3, 5_000 + index));
  answers.push(tasks.slice(0, 10));
  await find();
  asked();
  answers.push([], tasks.slice(10));
  const second = await find();
  const askedFor = asked();
  /** Where the next find begins, or nothing if it asks for nothing. */
  const next = async (rest = {}): Promise<string | undefined> => {
    await find(rest);
    return asked()[1];
  };
  const cameIn = (priority: number, dueMs: number): void => window.cameIn({ queue: 'mail', priority, availableAt: new Date(EPOCH_MS + dueMs) });
  return { ...parts, find, tasks, second, askedFor, next, cameIn };
}

describe('ClaimWindow where one claim soon follows another', () => {
  it('finds for the claims to come what they will want', async () => {
    const { find, tasks, second, askedFor, asked } = await lookedAhead();
    expect(askedFor).to.deep.equal(['priorities 0 to 2 from 60000 limit 80', 'priority 3 from 5009 limit 80']);
    expect(second).to.deep.equal(tasks.slice(10, 20));
    for (let from = 20; from < 90; from += 10) expect(await find()).to.deep.equal(tasks.slice(from, from + 10));
    expect(asked()).to.deep.equal([]);
  });

  it('goes on from the last that it has handed out', async () => {
    const { find, next } = await lookedAhead();
    await find();
    expect(await next({ limit: 70 })).to.equal('priority 3 from 5029 limit 200');
  });

  it('keeps nothing for longer than twenty milliseconds', async () => {
    const { clock, next } = await lookedAhead();
    await clock.advance(20);
    expect(await next()).to.equal(undefined);
    await clock.advance(0.1);
    expect(await next()).to.equal('priority 3 from 5029 limit 10');
  });

  for (const [what, priority, dueMs, from] of [
    ['of a better priority', 2, 70_000, 'priority 3 from 5019 limit 80'],
    ['that is due before some of it', 3, 5_088, 'priority 3 from 5019 limit 80'],
    ['that is due after all of it', 3, 5_089, undefined],
    ['of a worse priority', 4, 0, undefined],
  ] as const) {
    it(`${from ? 'finds anew' : 'keeps what it has'} where a task came in ${what}`, async () => {
      const { next, cameIn } = await lookedAhead();
      cameIn(priority, dueMs);
      expect(await next()).to.equal(from);
    });
  }

  it('finds anew where tasks wait again, where a claim missed, and where tasks are to be left out', async () => {
    for (const happen of ['waitAgain', 'note'] as const) {
      const { window, next } = await lookedAhead();
      if (happen === 'note') window.note('mail', 100, 99);
      else window.waitAgain();
      expect(await next()).to.equal('priority 3 from 5019 limit 80');
    }
    const { next } = await lookedAhead();
    expect(await next({ except: ['one'] })).to.equal('priority 3 from 5019 limit 80');
  });

  it('finds no more than two hundred at once, and no more than is wanted where that is more', async () => {
    const { find, asked } = await lookedAhead();
    await find({ limit: 75 });
    expect(asked()[1]).to.equal('priority 3 from 5019 limit 200');
    await find({ limit: 300 });
    expect(asked()).to.deep.equal(['priorities 0 to 9 from 59900 limit 300']);
  });
});
