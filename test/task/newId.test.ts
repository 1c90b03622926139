import { expect } from 'chai';
import sinon from 'sinon';
import { newId } from '../../modules/task/newId';

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('newId', () => {
  let shown: sinon.SinonStub | undefined;
  // Not sinon.restore(): it would restore the clocks of other files a second time and so remove the real timers.
  afterEach(() => shown?.restore());

  it('makes UUIDs of version 7, each of them once, in the order in which they were made', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    expect(ids.every((id) => UUID_7.test(id))).to.equal(true);
    expect(new Set(ids).size).to.equal(ids.length);
    expect([...ids].sort()).to.deep.equal(ids);
  });

  it('keeps the order when the clock of the machine is set back', () => {
    const first = newId();
    const earlier = Date.now() - 60_000;
    shown = sinon.stub(Date, 'now').returns(earlier);
    const ids = Array.from({ length: 1_000 }, newId);
    expect([first, ...ids].sort()).to.deep.equal([first, ...ids]);
  });

  it('tells when it was made, to the millisecond', () => {
    const later = Date.now() + 3_600_000;
    shown = sinon.stub(Date, 'now').returns(later);
    expect(parseInt(newId().replace('-', '').slice(0, 12), 16)).to.equal(Date.now());
  });
});
