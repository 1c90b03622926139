import { expect } from 'chai';
import { roundsOf } from '../../modules/values/roundsOf';

const items = (...ids: string[]) => ids.map((id, at) => ({ id, at }));

describe('roundsOf', () => {
  it('is one round, the same array, where no id comes twice', () => {
    const all = items('a', 'b', 'c');
    expect(roundsOf(all)[0]).to.equal(all);
    expect(roundsOf([])).to.deep.equal([[]]);
  });

  it('puts the second of an id into a second round, in order', () => {
    const rounds = roundsOf(items('a', 'b', 'a', 'c', 'a', 'b'));
    expect(rounds.map((round) => round.map(({ id, at }) => `${id}${at}`))).to.deep.equal([['a0', 'b1', 'c3'], ['a2', 'b5'], ['a4']]);
  });
});
