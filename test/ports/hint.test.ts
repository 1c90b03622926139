import { expect } from 'chai';
import { hintOf, hintsOf } from '../../modules/ports/hint';

describe('hintsOf', () => {
  it('tells of each queue once what is due now, and the earliest of what is due later', () => {
    const tasks = [
      { queue: 'a', due: { delayMs: 0 } },
      { queue: 'a', due: { delayMs: 0 } },
      { queue: 'a', due: { delayMs: 900 } },
      { queue: 'b', due: { at: new Date(1_300) } },
      { queue: 'b', due: { delayMs: 400 } },
      { queue: 'c', due: { at: new Date(900) } },
    ];
    expect(hintsOf(tasks, 1_000)).to.have.deep.members([hintOf('a'), hintOf('a', 900), hintOf('b', 300), hintOf('c')]);
  });

  it('has nothing to tell of nothing', () => {
    expect(hintsOf([], 0)).to.deep.equal([]);
  });
});
