import { expect } from 'chai';
import sinon from 'sinon';
import { QueueTurns } from '../../classes/flow/queueTurns';
import type { DueQueue } from '../../modules/ports/queueLook';
import { watchPromise } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';

function turnParts() {
  const clock = new FakeClock();
  const due = sinon.stub<[readonly string[]], Promise<DueQueue[]>>().resolves([]);
  const turns = new QueueTurns({ due }, clock, () => 0);
  const wish = { queues: ['mail.*'], slots: 5, weightOf: () => 1, isOpen: () => true };
  return { clock, due, turns, wish };
}

describe('QueueTurns', () => {
  it('looks at most four times a second', async () => {
    const { clock, due, turns, wish } = turnParts();
    await turns.next(wish);
    await clock.advance(1);
    const second = watchPromise(turns.next(wish));
    await clock.advance(248);
    expect([second.state, due.callCount]).to.deep.equal(['pending', 1]);
    await clock.advance(1);
    expect([second.value, due.callCount]).to.deep.equal([null, 2]);
  });

  it('needs no look for a queue of which it hears, and asks it at once', async () => {
    const { clock, due, turns, wish } = turnParts();
    await turns.next(wish);
    await clock.advance(1);
    const waiting = watchPromise(turns.next(wish));
    await clock.settle();
    turns.cameIn('post');
    await clock.settle();
    expect(waiting.state).to.equal('pending');
    turns.cameIn('mail.in');
    await clock.settle();
    expect([waiting.value?.queues, due.callCount]).to.deep.equal([['mail.in'], 1]);
  });

  it('forgets a queue once a claim has left nothing in it', async () => {
    const { turns, wish, due } = turnParts();
    due.resolves([{ queue: 'mail.in', priority: 3 }]);
    expect((await turns.next(wish))?.queues).to.deep.equal(['mail.in']);
    turns.note(wish, new Map([['mail.in', 2]]), [{ queue: 'mail.in', priority: null }]);
    expect(await turns.next(wish, true)).to.equal(null);
  });
});
