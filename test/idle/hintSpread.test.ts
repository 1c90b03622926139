import { expect } from 'chai';
import { Spread } from '../../classes/idle/hintSpread';

/** Returns the maximum wait. */
const widthOf = (spread: { delayMs(): number }): number => Math.round(spread.delayMs());

describe('Spread', () => {
  const almostOne = (): number => 0.999999;

  it('has a process that never lost a race wait for nothing', () => {
    const spread = new Spread(almostOne);
    expect(widthOf(spread)).to.equal(0);
    spread.note(true);
    expect(widthOf(spread)).to.equal(0);
  });

  it('has one that loses again and again wait longer each time, up to a bound', () => {
    const spread = new Spread(almostOne);
    const widths = Array.from({ length: 7 }, () => {
      spread.note(false);
      return widthOf(spread);
    });
    expect(widths).to.deep.equal([4, 8, 16, 32, 64, 64, 64]);
  });

  it('has one that wins wait less each time, and for nothing in the end', () => {
    const spread = new Spread(almostOne);
    for (let n = 0; n < 3; n += 1) spread.note(false);
    const widths = Array.from({ length: 4 }, () => {
      spread.note(true);
      return widthOf(spread);
    });
    expect(widths).to.deep.equal([8, 4, 0, 0]);
  });

  it('gives a random part of the width', () => {
    const spread = new Spread(() => 0.25);
    spread.note(false);
    expect(spread.delayMs()).to.equal(1);
  });
});
