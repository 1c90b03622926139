import { expect } from 'chai';
import { CopyProgress } from '../../classes/copy/copyProgress';
import { FakeClock } from '../support/fakeClock';

describe('The progress of a copy', () => {
  const copying = (waiting: number) => {
    const clock = new FakeClock();
    const lines: string[] = [];
    return { clock, lines, progress: new CopyProgress(clock, waiting, (line) => lines.push(line)) };
  };

  it('is told when the first part is over and each time that the tasks have doubled, with what is left', () => {
    const { lines, progress } = copying(10_000);
    for (let part = 1; part <= 40; part += 1) progress.note(250);
    expect(lines).to.deep.equal([250, 500, 1_000, 2_000, 4_000, 8_000].map((n) => `${n} tasks are moved, about ${10_000 - n} are left`));
  });

  it('is told after ten seconds, however few have come', async () => {
    const { clock, lines, progress } = copying(1_000);
    progress.note(250);
    for (let second = 1; second <= 20; second += 1) {
      await clock.advance(1_000);
      progress.note(1);
    }
    expect(lines).to.deep.equal([250, 260, 270].map((n) => `${n} tasks are moved, about ${1_000 - n} are left`));
  });

  it('is not told of a part that was none, and never tells that fewer than none are left', () => {
    const { lines, progress } = copying(2);
    progress.note(0);
    expect(lines).to.deep.equal([]);
    progress.note(5);
    expect(lines).to.deep.equal(['5 tasks are moved, about 0 are left']);
  });
});
