import { expect } from 'chai';
import { chunksWithin } from '../../modules/values/chunksWithin';

const split = (weights: readonly number[], most: number, mostWeight: number): number[][] =>
  chunksWithin(weights, most, mostWeight, (weight) => weight);

describe('chunksWithin', () => {
  it('splits by number and by weight, in order', () => {
    expect(split([1, 1, 1, 1, 1], 2, 100)).to.deep.equal([[1, 1], [1, 1], [1]]);
    expect(split([4, 4, 4, 2, 9], 10, 10)).to.deep.equal([[4, 4], [4, 2], [9]]);
  });

  it('lets what is too heavy stand by itself', () => {
    expect(split([1, 50, 1], 10, 10)).to.deep.equal([[1], [50], [1]]);
  });

  it('makes no chunk of nothing', () => {
    expect(split([], 10, 10)).to.deep.equal([]);
  });
});
