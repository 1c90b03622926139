import { expect } from 'chai';
import { LookBudget } from '../../classes/idle/lookBudget';
import { FakeClock } from '../support/fakeClock';

describe('LookBudget', () => {
  it('lets a few looks follow each other at once, and then so many a second', async () => {
    const clock = new FakeClock();
    const budget = new LookBudget(10, clock);
    let looks = 0;
    const look = (): void => {
      if (budget.delayMs > 0) return;
      budget.take();
      looks += 1;
    };
    for (let n = 0; n < 20; n += 1) look();
    expect([looks, budget.delayMs]).to.deep.equal([5, 100]);
    for (let n = 0; n < 1_000; n += 1) {
      await clock.advance(2);
      look();
    }
    expect(looks).to.be.within(24, 25);
  });

  it('gives a look back for each task that was claimed', () => {
    const budget = new LookBudget(10, new FakeClock());
    budget.take(6);
    expect(budget.delayMs).to.equal(200);
    budget.giveBack(2);
    expect(budget.delayMs).to.equal(0);
  });
});
