import { expect } from 'chai';
import { testContext } from '../../classes/testing/testing';
import type { Challenge } from '../../examples/challenges/service/challenge';
import type { ChallengeApi } from '../../examples/challenges/workers/challengeApi';
import { CHANGED, closeOnTime } from '../../examples/challenges/workers/closeOnTime';

const HOUR = 3_600_000;

/** A service with one challenge. Its end lies ahead by so much of the real time, by which the workflow reckons. */
class OneChallenge {
  readonly puts: { readonly url: string; readonly key: unknown }[] = [];
  challenge: Omit<Challenge, 'workflowId'>;

  constructor(aheadMs: number) {
    this.challenge = { id: 7, title: 'Seven', projectSource: 'web', status: 'SUBMISSION', subEndAt: new Date(Date.now() + aheadMs).toISOString() };
  }

  get api(): ChallengeApi {
    const answer = (status: number) => ({ status, headers: {}, body: { content: { ...this.challenge } }, bodyDropped: false });
    return {
      url: 'http://service',
      client: {
        request: ({ url, method }, caller) => {
          if (method !== 'PUT') return Promise.resolve(answer(200));
          this.puts.push({ url: decodeURIComponent(url), key: caller?.key });
          const { status, subEndAt } = this.challenge;
          if (!decodeURIComponent(url).endsWith(`?filter=status=${status}&subEndAt=${subEndAt}`)) return Promise.resolve(answer(409));
          this.challenge = { ...this.challenge, status: 'REVIEW' };
          return Promise.resolve(answer(200));
        },
        close: () => Promise.resolve(),
      },
    };
  }
}

describe('closeOnTime', () => {
  const start = (service: OneChallenge) => {
    const handler = closeOnTime(service.api);
    let context = testContext({ payload: { challengeId: 7 } });
    return {
      run: async () => {
        const outcome = await context.run(handler);
        return outcome.kind === 'succeeded' ? outcome.result : outcome.kind;
      },
      after: (ms: number) => context.clock.advance(ms),
      again: () => void (context = context.next()),
      signal: () => context.signalTask(CHANGED),
    };
  };

  it('sleeps until the end, and then closes the challenge under its condition', async () => {
    const service = new OneChallenge(HOUR);
    const task = start(service);
    expect([await task.run(), service.puts]).to.deep.equal(['suspended', []]);
    task.again();
    await task.after(HOUR);
    expect(await task.run()).to.equal('"closed"');
    expect(service.puts).to.have.length(1);
    expect(service.puts[0]?.url).to.match(/status=SUBMISSION&subEndAt=/);
    expect(service.puts[0]?.key).to.be.a('string');
  });

  it('follows an end that was moved nearer, as soon as it is told', async () => {
    const service = new OneChallenge(100 * HOUR);
    const task = start(service);
    await task.run();
    service.challenge = { ...service.challenge, subEndAt: new Date(Date.now() - 1).toISOString() };
    task.signal();
    task.again();
    expect(await task.run()).to.equal('suspended');
    task.again();
    await task.after(1);
    expect(await task.run()).to.equal('"closed"');
  });

  it('sleeps on where the end was moved later and nobody told it', async () => {
    const service = new OneChallenge(HOUR);
    const task = start(service);
    await task.run();
    service.challenge = { ...service.challenge, subEndAt: new Date(Date.now() + 2 * HOUR).toISOString() };
    task.again();
    await task.after(HOUR);
    expect([await task.run(), service.challenge.status]).to.deep.equal(['suspended', 'SUBMISSION']);
    task.again();
    await task.after(2 * HOUR);
    expect(await task.run()).to.equal('"closed"');
  });

  it('ends when the challenge is cancelled', async () => {
    const service = new OneChallenge(HOUR);
    const task = start(service);
    await task.run();
    service.challenge = { ...service.challenge, status: 'CANCELLED' };
    task.signal();
    task.again();
    expect([await task.run(), service.puts]).to.deep.equal(['"left alone: it is in CANCELLED"', []]);
  });
});
