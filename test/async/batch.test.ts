import { expect } from 'chai';
import { Batch } from '../../classes/async/batch';
import { watchPromise } from '../support/expectations';
import { deferred } from '../support/fakeTasks';
import type { Deferred } from '../support/fakeTasks';
import { FakeClock } from '../support/fakeClock';

/** A batch whose flushes are answered by the test. */
function batchByHand(limit = 100, width = 1, mostWeight?: number) {
  const clock = new FakeClock();
  const flushed: { items: number[]; answer: Deferred<readonly string[]> }[] = [];
  const batch = new Batch<number, string>(
    (items) => {
      const answer = deferred<readonly string[]>();
      flushed.push({ items, answer });
      return answer.promise;
    },
    (callback) => clock.soon(callback),
    limit,
    width,
    mostWeight === undefined ? undefined : { most: mostWeight, weigh: (item) => item },
  );
  const answer = async (index: number): Promise<void> => {
    const {
      items,
      answer: { resolve },
    } = flushed[index] ?? { items: [], answer: deferred<readonly string[]>() };
    resolve(items.map((item) => `answer to ${item}`));
    await clock.settle();
  };
  return { clock, batch, flushed, answer, push: (item: number) => watchPromise(batch.push(item)) };
}

describe('Batch', () => {
  it('flushes a single item soon, and answers it', async () => {
    const { clock, flushed, answer, push } = batchByHand();
    const one = push(1);
    expect(flushed).to.have.length(0);
    await clock.settle();
    expect(flushed[0]?.items).to.deep.equal([1]);
    await answer(0);
    expect(one).to.deep.equal({ state: 'resolved', value: 'answer to 1' });
  });

  it('takes everything that comes in until the first flush', async () => {
    const { clock, flushed, answer, push } = batchByHand();
    const items = [push(3), push(1), push(2)];
    await clock.settle();
    expect(flushed.map((each) => each.items)).to.deep.equal([[3, 1, 2]]);
    await answer(0);
    expect(items.map(({ value }) => value)).to.deep.equal(['answer to 3', 'answer to 1', 'answer to 2']);
  });

  it('closes the next batch when the one before it has been answered, and not by time', async () => {
    const { clock, flushed, answer, push } = batchByHand();
    push(1);
    await clock.settle();
    push(2);
    await clock.advance(60_000);
    push(3);
    await clock.settle();
    expect(flushed).to.have.length(1);
    await answer(0);
    expect(flushed[1]?.items).to.deep.equal([2, 3]);
    expect(clock.timers).to.equal(0);
  });

  it('never holds more than its limit, and keeps the order', async () => {
    const { clock, flushed, answer, push } = batchByHand(3);
    const items = [1, 2, 3, 4, 5, 6, 7].map(push);
    await clock.settle();
    for (const index of [0, 1, 2]) await answer(index);
    expect(flushed.map((each) => each.items)).to.deep.equal([[1, 2, 3], [4, 5, 6], [7]]);
    expect(items.map(({ value }) => value)).to.deep.equal([1, 2, 3, 4, 5, 6, 7].map((n) => `answer to ${n}`));
  });

  it('has as many full batches under way as it may, and one that is not full only by itself', async () => {
    const { clock, batch, flushed, answer, push } = batchByHand(2, 2);
    const items = [1, 2, 3, 4, 5, 6, 7].map(push);
    await clock.settle();
    expect(flushed.map((each) => each.items)).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
    await answer(1);
    expect(flushed[2]?.items).to.deep.equal([5, 6]);
    await answer(0);
    expect(flushed).to.have.length(3);
    const idle = watchPromise(batch.idle());
    await answer(2);
    expect(flushed[3]?.items).to.deep.equal([7]);
    expect(idle.state).to.equal('pending');
    await answer(3);
    expect(idle.state).to.equal('resolved');
    expect(items.map(({ value }) => value)).to.deep.equal([1, 2, 3, 4, 5, 6, 7].map((n) => `answer to ${n}`));
  });

  it('gives an error to all of a batch, and goes on with the next', async () => {
    const { clock, flushed, answer, push } = batchByHand();
    const failing = [push(1), push(2)];
    await clock.settle();
    const next = push(3);
    const error = new Error('no');
    flushed[0]?.answer.reject(error);
    await clock.settle();
    expect(failing).to.deep.equal([1, 2].map(() => ({ state: 'rejected', reason: error })));
    expect(next.state).to.equal('pending');
    await answer(1);
    expect(next.value).to.equal('answer to 3');
    const later = push(4);
    await clock.settle();
    await answer(2);
    expect(later.value).to.equal('answer to 4');
  });

  it('gives an error to all of a batch also where the flush throws at once', async () => {
    const clock = new FakeClock();
    const batch = new Batch<number, string>(
      () => {
        throw new Error('at once');
      },
      (callback) => clock.soon(callback),
      10,
    );
    const item = watchPromise(batch.push(1));
    await clock.settle();
    expect(item.state).to.equal('rejected');
    await batch.idle();
  });

  it('is idle when nothing is waiting or under way', async () => {
    const { clock, batch, answer, push } = batchByHand(1);
    await batch.idle();
    push(1);
    push(2);
    const idle = watchPromise(batch.idle());
    await clock.settle();
    await answer(0);
    expect(idle.state).to.equal('pending');
    await answer(1);
    expect(idle.state).to.equal('resolved');
  });

  it('is not idle while what came in during the last flush is under way', async () => {
    const { clock, batch, answer, push } = batchByHand();
    push(1);
    await clock.settle();
    const idle = watchPromise(batch.idle());
    push(2);
    await answer(0);
    expect(idle.state).to.equal('pending');
    await answer(1);
    expect(idle.state).to.equal('resolved');
  });

  it('closes before it becomes too heavy, and takes by itself what is too heavy alone', async () => {
    const { clock, flushed, answer, push } = batchByHand(4, 1, 10);
    const pushed = [5, 5, 1, 20, 2, 2, 2, 2, 2].map(push);
    await clock.settle();
    for (let index = 0; index < 5; index += 1) await answer(index);
    expect(flushed.map(({ items }) => items)).to.deep.equal([[5, 5], [1], [20], [2, 2, 2, 2], [2]]);
    expect(pushed.every(({ state }) => state === 'resolved')).to.equal(true);
  });
});
