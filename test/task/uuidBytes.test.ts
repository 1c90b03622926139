import { expect } from 'chai';
import { idOption } from '../../config/options';
import { checkOptions } from '../../modules/options/checkOptions';
import { uuidBytes, uuidOf } from '../../modules/task/uuidBytes';
import { idOf } from '../support/samples';

describe('uuidBytes', () => {
  it('and uuidOf are each other’s inverse', () => {
    for (const id of [idOf(1), 'ffffffff-ffff-ffff-ffff-ffffffffffff', '00000000-0000-0000-0000-000000000000', idOf(2 ** 40)]) {
      expect(uuidBytes(id)).to.have.length(16);
      expect(uuidOf(uuidBytes(id))).to.equal(id);
    }
  });

  it('reads capital letters as small ones', () => {
    expect(uuidBytes(idOf(0xabc).toUpperCase())).to.deep.equal(uuidBytes(idOf(0xabc)));
  });

  const IDS = ['00000000-0000-0000-0000-000000000001', '01940000-0000-0000-8000-000000000001', '01940000-0000-7000-0000-000000000001'];

  for (const id of IDS) {
    it(`reads ${id}, unless the options refuse it as an id`, () => {
      const isAccepted = watchThrow(() => checkOptions(idOption, id, 'id'));
      if (isAccepted) expect(uuidBytes(id)).to.have.length(16);
    });
  }
});

function watchThrow(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
