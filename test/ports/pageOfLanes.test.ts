import { expect } from 'chai';
import { foundIn, pageOfLanes } from '../../modules/ports/pageOfLanes';
import type { LanePage } from '../../modules/ports/pageOfLanes';

const rowsOf = (...ids: string[]) => ids.map((id) => ({ id }));

const shown = ({ rows, next }: LanePage<{ readonly id: string }>): unknown => [rows.map(({ id }) => id).join(''), next];

describe('pageOfLanes', () => {
  it('mixes lanes, newest first, and has no next page if all lanes end in this one', () => {
    expect(shown(pageOfLanes([foundIn(rowsOf('d', 'a'), 4), foundIn(rowsOf('c', 'b'), 4)], 4))).to.deep.equal(['dcba', null]);
    expect(shown(pageOfLanes([], 4))).to.deep.equal(['', null]);
  });

  it('ends at the limit, and goes on after its last row', () => {
    expect(shown(pageOfLanes([foundIn(rowsOf('e', 'd', 'a'), 2), foundIn(rowsOf('c'), 2)], 2))).to.deep.equal(['ed', 'd']);
    expect(shown(pageOfLanes([foundIn(rowsOf('d', 'b'), 2), foundIn(rowsOf('c', 'a'), 2)], 2))).to.deep.equal(['dc', 'c']);
  });

  it('has nothing older than what a lane was looked through to, and may then be empty', () => {
    expect(shown(pageOfLanes([foundIn(rowsOf('z', 'm', 'a'), 5), foundIn(rowsOf('y'), 5, 'n')], 5))).to.deep.equal(['zy', 'n']);
    expect(shown(pageOfLanes([foundIn(rowsOf('c'), 5, 'c'), foundIn(rowsOf(), 5, 'n')], 5))).to.deep.equal(['', 'n']);
  });

  it('has a task once that was in two lanes', () => {
    expect(shown(pageOfLanes([foundIn(rowsOf('b', 'a'), 5), foundIn(rowsOf('b'), 5)], 5))).to.deep.equal(['ba', null]);
  });
});
