import { expect } from 'chai';
import { BULK_TASKS } from '../../constants/limits';
import { nextLimit } from '../../modules/bulk/partLimit';

describe('The size of the parts of a bulk action', () => {
  it('follows the time of the part before', () => {
    expect(nextLimit(200, 20, 10)).to.equal(100);
    expect(nextLimit(200, 8, 10)).to.equal(250);
  });

  it('changes within bounds from one part to the next', () => {
    expect(nextLimit(200, 900, 10)).to.equal(50);
    expect(nextLimit(200, 0, 10)).to.equal(400);
    expect(nextLimit(11, 900, 10)).to.equal(10);
    expect(nextLimit(900, 1, 10)).to.equal(BULK_TASKS);
  });
});
