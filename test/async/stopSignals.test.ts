import { expect } from 'chai';
import sinon from 'sinon';
import { StopSignals } from '../../classes/async/stopSignals';
import { FakeClock } from '../support/fakeClock';

describe('StopSignals', () => {
  const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
  let others: [(typeof SIGNALS)[number], NodeJS.SignalsListener][];

  beforeEach(() => {
    others = SIGNALS.flatMap((signal) => process.listeners(signal).map((listener): (typeof others)[number] => [signal, listener]));
    for (const signal of SIGNALS) process.removeAllListeners(signal);
  });

  afterEach(() => {
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    for (const [signal, listener] of others) process.on(signal, listener);
  });

  const listening = () => {
    const clock = new FakeClock();
    const [onStop, onHaste] = [sinon.stub<[], void>(), sinon.stub<[], void>()];
    const signals = new StopSignals(clock, { onStop, onHaste });
    signals.listen();
    return { clock, signals, calls: () => [onStop.callCount, onHaste.callCount] };
  };

  for (const signal of SIGNALS) {
    it(`begin the stop at the first signal (${signal})`, () => {
      const { signals, calls } = listening();
      expect(signals.hasCome).to.equal(false);
      process.emit(signal);
      expect(calls()).to.deep.equal([1, 0]);
      expect(signals.hasCome).to.equal(true);
    });
  }

  it('pass over what comes within a second of the first, and make haste at each later one', () => {
    const { clock, calls } = listening();
    process.emit('SIGINT');
    process.emit('SIGTERM');
    clock.stall(1_000);
    process.emit('SIGINT');
    expect(calls()).to.deep.equal([1, 0]);
    clock.stall(1);
    process.emit('SIGTERM');
    process.emit('SIGINT');
    expect(calls()).to.deep.equal([1, 2]);
  });

  it('listen once, and no more when they have ended', () => {
    const { signals, calls } = listening();
    signals.listen();
    const counts = () => SIGNALS.map((signal) => process.listenerCount(signal));
    expect(counts()).to.deep.equal([1, 1]);
    signals.end();
    signals.end();
    expect(counts()).to.deep.equal([0, 0]);
    process.emit('SIGINT');
    expect(calls()).to.deep.equal([0, 0]);
  });

  it('begin anew where they listen again', () => {
    const { signals, calls } = listening();
    process.emit('SIGINT');
    signals.end();
    signals.listen();
    expect(signals.hasCome).to.equal(false);
    process.emit('SIGINT');
    expect(calls()).to.deep.equal([2, 0]);
  });
});
