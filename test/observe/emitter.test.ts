import { expect } from 'chai';
import sinon from 'sinon';
import { Emitter } from '../../classes/observe/emitter';
import type { Unsubscribe } from '../../modules/observe/eventSource';
import { codedErrorOf } from '../support/expectations';
import { FakeClock } from '../support/fakeClock';

const added = { queue: 'mail', count: 1 };

const throwing = (message: string) => () => {
  throw new Error(message);
};

describe('Emitter', () => {
  it('tells every listener of a name, in the order in which they came, and no other', () => {
    const events = new Emitter();
    const calls: string[] = [];
    events.on('task-added', ({ queue, count }) => calls.push(`first ${queue} ${count}`));
    events.on('task-added', () => calls.push('second'));
    events.on('queue-paused', () => calls.push('other'));
    events.emit('task-added', added);
    events.emit('queue-resumed', { queue: 'mail' });
    expect(calls).to.deep.equal(['first mail 1', 'second']);
  });

  it('refuses a listener of an event that there is not, and names those that there are', () => {
    for (const name of ['task-deadd', 'toString', '', undefined, 5] as never[]) {
      const error = codedErrorOf(() => new Emitter().on(name, sinon.fake()));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'event' });
      expect(error.message).to.include('event must be one of task-added, task-started,');
    }
  });

  it('tells nothing after the subscription was ended, once or twice', () => {
    const events = new Emitter();
    const [ended, other] = [sinon.fake(), sinon.fake()];
    const off = events.on('task-added', ended);
    events.on('task-added', other);
    off();
    off();
    events.emit('task-added', added);
    expect([ended.callCount, other.callCount]).to.deep.equal([0, 1]);
  });

  it('does not end a later subscription by an earlier one that was ended before', () => {
    const events = new Emitter();
    const listener = sinon.fake();
    const off = events.on('task-added', listener);
    off();
    events.on('task-added', listener);
    off();
    events.emit('task-added', added);
    expect(listener.callCount).to.equal(1);
  });

  it('lets a listener end its own subscription, or that of another', () => {
    const events = new Emitter();
    const last = sinon.fake();
    const offs: Unsubscribe[] = [];
    const first = sinon.fake(() => offs.forEach((off) => off()));
    offs.push(events.on('task-added', first), events.on('task-added', last));
    events.emit('task-added', added);
    events.emit('task-added', added);
    expect([first.callCount, last.callCount]).to.deep.equal([1, 0]);
  });

  it('tells a listener that subscribes during an event only of the next one', () => {
    const events = new Emitter();
    let calls = 0;
    const again = (): void => {
      calls += 1;
      off();
      // Without this limit a failing test would never end.
      if (calls < 50) off = events.on('task-added', again);
    };
    let off = events.on('task-added', again);
    events.emit('task-added', added);
    expect(calls).to.equal(1);
  });

  it('goes on with the other listeners where one throws, and tells of it once', () => {
    const events = new Emitter();
    const [failed, after] = [sinon.fake(), sinon.fake()];
    events.on('listener-failed', failed);
    events.on('task-added', throwing('no'));
    events.on('task-added', after);
    events.emit('task-added', added);
    expect(after.callCount).to.equal(1);
    expect(failed.callCount).to.equal(1);
    expect(failed.firstCall.args[0]).to.have.nested.include({ event: 'task-added', 'error.name': 'Error', 'error.message': 'no' });
  });

  it('tells once of a promise that rejects', async () => {
    const events = new Emitter();
    const failed = sinon.fake();
    events.on('listener-failed', failed);
    events.on('task-added', () => Promise.reject(new Error('later')));
    events.on('task-added', () => Promise.resolve());
    events.emit('task-added', added);
    await new FakeClock().settle();
    expect(failed.callCount).to.equal(1);
    expect(failed.firstCall.args[0]).to.have.nested.include({ event: 'task-added', 'error.message': 'later' });
  });

  it('is silent of failures where nobody listens', async () => {
    const events = new Emitter();
    const after = sinon.fake();
    const unhandled = sinon.fake();
    process.prependListener('unhandledRejection', unhandled);
    try {
      events.on('task-added', throwing('no'));
      events.on('task-added', () => Promise.reject(new Error('later')));
      events.on('task-added', after);
      expect(() => events.emit('task-added', added)).not.to.throw();
      await new FakeClock().settle();
    } finally {
      process.removeListener('unhandledRejection', unhandled);
    }
    expect([after.callCount, unhandled.callCount]).to.deep.equal([1, 0]);
  });

  it('does not tell a failing listener of its own failure', async () => {
    const events = new Emitter();
    const failing = sinon.fake.throws(new Error('no'));
    const rejecting = sinon.fake(() => Promise.reject(new Error('later')));
    const listening = sinon.fake();
    for (const listener of [failing, rejecting, listening]) events.on('listener-failed', listener);
    events.on('task-added', throwing('first'));
    events.emit('task-added', added);
    await new FakeClock().settle();
    expect([failing.callCount, rejecting.callCount, listening.callCount]).to.deep.equal([1, 1, 1]);
  });
});
