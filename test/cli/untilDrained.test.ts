import { expect } from 'chai';
import { emptyCounts } from '../../modules/task/counts';
import { untilDrained } from '../../modules/cli/untilDrained';
import { FakeClock } from '../support/fakeClock';

/** Waits for a queue with these numbers of waiting tasks at successive looks, `null` for a look that fails. Returns the number of looks. */
async function looksOf(answers: readonly (number | null)[], overAfter = Infinity): Promise<number> {
  const clock = new FakeClock();
  let looks = 0;
  const counts = () => {
    const waiting = answers[looks] ?? 0;
    looks += 1;
    return answers[looks - 1] === null ? Promise.reject(new Error('gone')) : Promise.resolve({ mail: { ...emptyCounts(), waiting } });
  };
  let isDone = false;
  const drained = untilDrained({ counts }, 'mail', clock, () => looks >= overAfter).then(() => (isDone = true));
  for (let n = 0; n < 100 && !isDone; n += 1) await clock.advance(250);
  await drained;
  return looks;
}

describe('untilDrained', () => {
  it('ends when nothing is left at two looks in a row', async () => {
    expect(await looksOf([3, 1, 0, 0, 5])).to.equal(4);
  });

  it('goes on if a task reappears, as one does that was in none of the counts', async () => {
    expect(await looksOf([0, 1, 0, 2, 0, 0])).to.equal(6);
  });

  it('ignores a look that failed', async () => {
    expect(await looksOf([0, null, 0, 0])).to.equal(4);
  });

  it('ends when it is over for another reason', async () => {
    expect(await looksOf([7, 7, 7, 7], 2)).to.equal(2);
  });
});
