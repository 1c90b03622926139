import { expect } from 'chai';
import { Lookahead } from '../../classes/mongo/lookahead';
import type { TaskDocument } from '../../modules/mongo/mongoSchema';
import { EPOCH_MS } from '../support/fakeClock';
import { documentAt, NOW_MS, windowParts } from './windowParts';

const LOOK = { depth: 0, end: 10, nowMs: EPOCH_MS + NOW_MS, isExact: true };

const tasksFrom = (count: number, dueMs: number): TaskDocument[] => Array.from({ length: count }, (_, index) => documentAt(3, dueMs + index));

/** What a find at that time asks for, after which all or some of it is used. */
function round(ahead: Lookahead, { limit = 10, at = 0, claims = Infinity } = {}): number {
  ahead.drop();
  const size = ahead.sizeFor(limit, at);
  ahead.keep(LOOK, tasksFrom(size - limit, 5_000), limit, at);
  for (let taken = 1; taken < claims && ahead.take(limit, at); taken += 1);
  return size;
}

describe('Lookahead', () => {
  it('asks for twice as much each time while all is used, for at most eight claims', () => {
    const ahead = new Lookahead();
    expect(Array.from({ length: 6 }, () => round(ahead))).to.deep.equal([10, 20, 40, 80, 80, 80]);
  });

  it('asks for as much as was used where some was not', () => {
    const ahead = new Lookahead();
    for (let n = 0; n < 5; n += 1) round(ahead);
    expect([round(ahead, { claims: 3 }), round(ahead, { claims: 1 }), round(ahead)]).to.deep.equal([80, 30, 10]);
  });

  it('asks for two hundred at most, and no fewer than are wanted', () => {
    const ahead = new Lookahead();
    for (let n = 0; n < 5; n += 1) round(ahead);
    expect([round(ahead, { limit: 60 }), round(ahead, { limit: 500 })]).to.deep.equal([200, 500]);
  });

  it('asks for what is wanted where the last find is long ago', () => {
    const ahead = new Lookahead();
    for (let n = 0; n < 5; n += 1) round(ahead);
    expect([round(ahead, { at: 20 }), round(ahead, { at: 40.1 })]).to.deep.equal([80, 10]);
  });

  it('hands out what it has in order, if it is enough and no older than twenty milliseconds', () => {
    const ahead = new Lookahead();
    const tasks = tasksFrom(25, 5_000);
    ahead.keep(LOOK, tasks, 10, 100);
    expect(ahead.take(10, 120)).to.deep.equal({ look: LOOK, documents: tasks.slice(0, 10) });
    expect(ahead.take(10, 120.1)).to.equal(undefined);
    expect(ahead.take(10, 120)?.documents).to.deep.equal(tasks.slice(10, 20));
    expect(ahead.take(10, 120)).to.equal(undefined);
  });

  for (const [what, priority, dueMs, isKept] of [
    ['of a better priority', 2, NOW_MS, false],
    ['of a better priority that is due much later', 2, NOW_MS + 1_001, true],
    ['that is due before some of it', 3, 5_023, false],
    ['that is due after all of it', 3, 5_024, true],
    ['of a worse priority', 4, 0, true],
  ] as const) {
    it(`${isKept ? 'keeps' : 'forgets'} what it has where a task came in ${what}`, () => {
      const ahead = new Lookahead();
      ahead.keep(LOOK, tasksFrom(25, 5_000), 10, 0);
      ahead.cameIn(priority, EPOCH_MS + dueMs);
      expect(ahead.take(10, 0) !== undefined).to.equal(isKept);
    });
  }
});

describe('ClaimWindow where one claim soon follows another', () => {
  /** A window that has found a hundred, of which ten were wanted. */
  async function lookedAhead() {
    const parts = windowParts();
    const { answers, asked } = parts;
    const tasks = tasksFrom(100, 5_000);
    const find = (rest: { limit?: number; except?: readonly unknown[] } = {}) => parts.find({ limit: 10, ...rest });
    answers.push(tasks.slice(0, 10), [], tasks.slice(10, 30));
    for (let n = 0; n < 3; n += 1) await find();
    answers.push([], tasks.slice(30, 70));
    expect(await find()).to.deep.equal(tasks.slice(30, 40));
    asked();
    return { ...parts, find, tasks };
  }

  it('asks for nothing while it has what was found ahead', async () => {
    const { find, tasks, asked } = await lookedAhead();
    for (let from = 40; from < 70; from += 10) expect(await find()).to.deep.equal(tasks.slice(from, from + 10));
    expect(asked()).to.deep.equal([]);
  });

  it('goes on from the last that it has handed out where more is wanted, and hands out none of the rest', async () => {
    const { find, tasks, asked, answers } = await lookedAhead();
    await find();
    answers.push([], tasks.slice(50, 90));
    expect(await find({ limit: 40 })).to.deep.equal(tasks.slice(50, 90));
    expect(asked()[1]).to.equal('priority 3 from 5049 limit 160');
    await find();
    expect(asked()[1]).to.include('priority 3 from 5089');
  });

  for (const [what, happen] of [
    ['tasks wait again', ({ window }) => window.waitAgain(EPOCH_MS + 1)],
    ['a better one came in', ({ window }) => window.cameIn({ queue: 'mail', priority: 0, availableAt: new Date(EPOCH_MS + NOW_MS) })],
    ['a claim missed', ({ window }) => window.note('mail', 100, 99)],
  ] satisfies [string, (parts: Awaited<ReturnType<typeof lookedAhead>>) => void][]) {
    it(`finds anew where ${what}`, async () => {
      const parts = await lookedAhead();
      happen(parts);
      await parts.find();
      expect(parts.asked()).not.to.deep.equal([]);
    });
  }

  it('finds anew where tasks are to be left out', async () => {
    const { find, asked } = await lookedAhead();
    await find({ except: ['one'] });
    expect(asked()).not.to.deep.equal([]);
  });

  it('keeps nothing of a find during which something better came in', async () => {
    const { window, find, tasks, answers, asked } = await lookedAhead();
    for (let n = 0; n < 3; n += 1) await find();
    answers.push([], tasks.slice(70, 100));
    const finding = find();
    window.cameIn({ queue: 'mail', priority: 0, availableAt: new Date(EPOCH_MS + NOW_MS) });
    expect(await finding).to.deep.equal(tasks.slice(70, 80));
    asked();
    await find();
    expect(asked()).not.to.deep.equal([]);
  });
});
