import { expect } from 'chai';
import sinon from 'sinon';
import { SessionHints } from '../../classes/idle/sessionHints';
import { hintOf } from '../../modules/ports/hint';
import type { Hint } from '../../modules/ports/hint';
import { FakeClock } from '../support/fakeClock';

function sessionParts() {
  const clock = new FakeClock();
  const hint = sinon.fake<[Hint], void>();
  return { clock, hint, hints: new SessionHints({ hint }, clock) };
}

/** A session of the driver. */
function driverSession() {
  const session = { isActive: true, inTransaction: () => session.isActive };
  return session;
}

describe('SessionHints', () => {
  it('tells of each queue once when the transaction is over, and not before', async () => {
    const { clock, hint, hints } = sessionParts();
    const session = driverSession();
    hints.follow(session, ['a', 'b', 'a']);
    hints.follow(session, ['c']);
    await clock.advance(5_000);
    expect(hint.callCount).to.equal(0);
    session.isActive = false;
    await clock.advance(50);
    expect(hint.args.flat()).to.deep.equal(['a', 'b', 'c'].map((queue) => hintOf(queue)));
    expect(clock.timers).to.equal(0);
  });

  it('sees the end of a short transaction within a few milliseconds', async () => {
    const { clock, hint, hints } = sessionParts();
    const session = driverSession();
    hints.follow(session, ['a']);
    await clock.advance(5);
    session.isActive = false;
    await clock.advance(5);
    expect(hint.callCount).to.equal(1);
  });

  it('follows the next transaction of the same session, and those of several', async () => {
    const { clock, hint, hints } = sessionParts();
    const sessions = [driverSession(), driverSession()] as const;
    for (const session of sessions) hints.follow(session, ['a']);
    sessions[0].isActive = false;
    await clock.advance(100);
    expect(hint.callCount).to.equal(1);
    sessions[0].isActive = true;
    hints.follow(sessions[0], ['b']);
    sessions[1].isActive = false;
    await clock.advance(100);
    expect(hint.args.flat()).to.deep.equal([hintOf('a'), hintOf('a')]);
    sessions[0].isActive = false;
    await clock.advance(100);
    expect(hint.lastCall.args).to.deep.equal([hintOf('b')]);
  });

  it('takes a SQLite database that was closed meanwhile for one without a transaction, and keeps no process alive', async () => {
    const { clock, hint, hints } = sessionParts();
    const database = {
      isOpen: true,
      get isTransaction(): boolean {
        if (!database.isOpen) throw new Error('database is not open');
        return true;
      },
    };
    hints.follow(database, ['a']);
    await clock.advance(100);
    expect([hint.callCount, clock.busyTimers]).to.deep.equal([0, 0]);
    database.isOpen = false;
    await clock.advance(100);
    expect(hint.callCount).to.equal(1);
  });
});
