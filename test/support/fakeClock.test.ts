import { expect } from 'chai';
import { sleep } from '../../modules/time/clock';
import { EPOCH_MS, FakeClock } from './fakeClock';

describe('FakeClock', () => {
  it('calls timers in the order of their instants, each at its own', async () => {
    const clock = new FakeClock();
    const calls: string[] = [];
    const begin = clock.monotonic();
    for (const ms of [300, 100, 200, 100]) clock.after(ms, () => calls.push(`${ms}@${clock.monotonic() - begin}`));
    await clock.advance(250);
    expect(calls).to.deep.equal(['100@100', '100@100', '200@200']);
    expect(clock.monotonic() - begin).to.equal(250);
    expect(clock.now()).to.equal(EPOCH_MS + 250);
    expect(clock.timers).to.equal(1);
  });

  it('awaits what follows from a timer before it calls the next', async () => {
    const clock = new FakeClock();
    const calls: string[] = [];
    const work = async (): Promise<void> => {
      await sleep(clock, 10);
      calls.push('first');
      await sleep(clock, 10);
      calls.push('second');
    };
    void work();
    clock.after(15, () => calls.push('between'));
    await clock.advance(20);
    expect(calls).to.deep.equal(['first', 'between', 'second']);
  });

  it('calls what is wanted soon without time passing', async () => {
    const clock = new FakeClock();
    const calls: string[] = [];
    clock.soon(() => {
      calls.push('soon');
      clock.soon(() => calls.push('sooner or later'));
    });
    await clock.settle();
    expect(calls).to.deep.equal(['soon', 'sooner or later']);
  });

  it('does not call a timer that was cancelled', async () => {
    const clock = new FakeClock();
    const calls: string[] = [];
    const cancel = clock.after(10, () => calls.push('never'));
    cancel();
    cancel();
    await clock.advance(20);
    expect(calls).to.deep.equal([]);
    expect(clock.timers).to.equal(0);
  });

  it('calls late after a stall, at the instant when it went on', async () => {
    const clock = new FakeClock();
    const begin = clock.monotonic();
    let calledAt = 0;
    clock.after(10, () => (calledAt = clock.monotonic() - begin));
    clock.stall(5_000);
    expect(calledAt).to.equal(0);
    await clock.advance(1);
    expect(calledAt).to.equal(5_000);
    expect(clock.monotonic() - begin).to.equal(5_001);
  });
});
