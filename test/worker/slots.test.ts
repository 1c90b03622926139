import { expect } from 'chai';
import type { Attempt } from '../../classes/worker/attempt';
import { Slots } from '../../classes/worker/slots';

const attemptOf = (id: string): Attempt => ({ id }) as unknown as Attempt;

const attemptsOf = (ids: string): Attempt[] => [...ids].map(attemptOf);

/** Slots, and the groups that they started together. */
function slotsOf(size: number, ahead: number) {
  const begun: string[] = [];
  const slots = new Slots(size, ahead, (attempts) => begun.push(attempts.map(({ id }) => id).join('')));
  const running = (): Attempt[] => [...slots.running];
  return { slots, begun, running };
}

describe('Slots', () => {
  it('start as many attempts as there are slots, and the others in order as these end', async () => {
    const { slots, begun, running } = slotsOf(2, 3);
    slots.take(attemptsOf('abcde'));
    expect(begun).to.deep.equal(['ab']);
    const [a, b] = running();
    slots.free(a as Attempt);
    await Promise.resolve();
    expect(begun).to.deep.equal(['ab', 'c']);
    slots.free(b as Attempt);
    await Promise.resolve();
    expect(begun).to.deep.equal(['ab', 'c', 'd']);
  });

  it('that come free together are filled together', async () => {
    const { slots, begun, running } = slotsOf(3, 3);
    slots.take(attemptsOf('abcdef'));
    for (const attempt of running()) slots.free(attempt);
    await Promise.resolve();
    expect(begun).to.deep.equal(['abc', 'def']);
  });

  it('start later claims after those that wait', async () => {
    const { slots, begun, running } = slotsOf(1, 4);
    slots.take(attemptsOf('ab'));
    slots.take(attemptsOf('cd'));
    for (let ended = 0; ended < 3; ended += 1) {
      slots.free(running()[0] as Attempt);
      await Promise.resolve();
    }
    expect(begun).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('want more as soon as one is free, where nothing is claimed ahead', () => {
    const { slots, running } = slotsOf(2, 0);
    expect([slots.wantsMore, slots.room]).to.deep.equal([true, 2]);
    slots.take(attemptsOf('ab'));
    expect([slots.wantsMore, slots.room]).to.deep.equal([false, 0]);
    slots.free(running()[0] as Attempt);
    expect([slots.wantsMore, slots.room]).to.deep.equal([true, 1]);
  });

  it('want more where less than half of what may be ahead is left', async () => {
    const { slots, running } = slotsOf(1, 4);
    slots.take(attemptsOf('abcde'));
    const wanted: [boolean, number][] = [];
    for (let ended = 0; ended < 4; ended += 1) {
      wanted.push([slots.wantsMore, slots.room]);
      slots.free(running()[0] as Attempt);
      await Promise.resolve();
    }
    expect(wanted).to.deep.equal([
      [false, 0],
      [false, 1],
      [false, 2],
      [true, 3],
    ]);
  });

  it('begin all that waits once they are open, whatever their number', () => {
    const { slots, begun } = slotsOf(1, 3);
    slots.take(attemptsOf('abcd'));
    slots.beginAll();
    slots.take(attemptsOf('ef'));
    expect(begun).to.deep.equal(['a', 'bcd', 'ef']);
    expect(slots.running.size).to.equal(6);
  });
});
