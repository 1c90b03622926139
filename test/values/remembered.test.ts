import { expect } from 'chai';
import { remembered } from '../../modules/values/remembered';

describe('remembered', () => {
  it('makes each value once, also one that is null, and makes what failed again', () => {
    const made: number[] = [];
    const half = remembered(10, (n: number) => {
      made.push(n);
      if (n < 0) throw new RangeError('negative');
      return n % 2 === 0 ? n / 2 : null;
    });
    expect([half(4), half(3), half(4), half(3)]).to.deep.equal([2, null, 2, null]);
    expect(() => half(-1)).to.throw('negative');
    expect(() => half(-1)).to.throw('negative');
    expect(made).to.deep.equal([4, 3, -1, -1]);
  });

  it('forgets the oldest beyond its limit', () => {
    const made: number[] = [];
    const same = remembered(2, (n: number) => (made.push(n), n));
    for (const n of [1, 2, 3, 2, 1]) same(n);
    expect(made).to.deep.equal([1, 2, 3, 1]);
  });
});
