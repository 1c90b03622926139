import { createRequire } from 'node:module';
import { expect } from 'chai';
import { PermanentError, RetryAfter } from '../../modules/task/handlerErrors';
import { runTask } from '../../modules/worker/runTask';
import type { Wish } from '../../modules/worker/runTask';
import type { TaskError } from '../../constants/events';
import type { ErrorCode } from '../../constants/errors';
import type { Outcome } from '../../modules/task/change';
import type * as handlerErrors from '../../modules/task/handlerErrors';

type Handler = (context: object) => unknown;

const run = async (handler: Handler, interruption?: ErrorCode, wish?: Wish): Promise<Outcome> => runTask(handler, {}, { interruption, wish });

/** The error for which the result of a success was dropped. */
const droppedOf = (outcome: Outcome): TaskError => {
  if (outcome.kind !== 'succeeded' || outcome.result !== null || !outcome.dropped) throw new Error(`expected a dropped result, got ${outcome.kind}`);
  return outcome.dropped;
};

const failureOf = (outcome: Outcome) => {
  if (outcome.kind !== 'failed') throw new Error(`expected a failure, got ${outcome.kind}`);
  return outcome;
};

const throwing =
  (thrown: unknown): Handler =>
  () => {
    throw thrown;
  };

const trap = (): never => {
  throw new Error('a trap');
};

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
  revoke();
  return proxy;
};

const HOSTILE: readonly (readonly [string, unknown])[] = [
  ['a revoked proxy', revoked()],
  ['a proxy whose every trap throws', new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap })],
  [
    'an error whose fields cannot be read',
    Object.defineProperties(new Error('x'), { message: { get: trap }, name: { get: trap }, cause: { get: trap } }),
  ],
  ['a PermanentError whose brand cannot be read', new Proxy(new PermanentError('x'), { get: trap })],
];

/** Loads the errors of handlers once more, as a second copy of the package would. */
function secondCopy(): typeof handlerErrors {
  const path = require.resolve('../../modules/task/handlerErrors');
  const first = require.cache[path];
  delete require.cache[path];
  try {
    return createRequire(__filename)(path) as typeof handlerErrors;
  } finally {
    if (first) require.cache[path] = first;
  }
}

describe('runTask', () => {
  const RESULTS: readonly (readonly [string, unknown, string | null])[] = [
    ['a value', { a: [1] }, '{"a":[1]}'],
    ['null', null, 'null'],
    ['false', false, 'false'],
    ['a Date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['undefined', undefined, null],
  ];

  for (const [what, value, result] of RESULTS) {
    it(`makes a success of ${what}, returned or promised`, async () => {
      expect(await run(() => value)).to.deep.equal({ kind: 'succeeded', result });
      expect(await run(() => Promise.resolve(value))).to.deep.equal({ kind: 'succeeded', result });
    });
  }

  it('hands the context to the handler', async () => {
    const context = { payload: 5 };
    let got: unknown;
    await runTask((given: unknown) => void (got = given), context, { interruption: undefined, wish: undefined });
    expect(got).to.equal(context);
  });

  it('awaits anything that can be awaited', async () => {
    const thenable = { then: (resolve: (value: number) => void) => resolve(5) };
    expect(await run(() => thenable)).to.deep.equal({ kind: 'succeeded', result: '5' });
  });

  for (const thrown of [new Error('it broke'), 'text', null, undefined, 5n, Symbol('s'), { a: 1 }, Object.create(null) as object]) {
    it(`makes a failure of ${typeof thrown} that is thrown at once or later`, async () => {
      for (const handler of [throwing(thrown), () => Promise.reject(thrown)]) {
        const { error, retry } = failureOf(await run(handler));
        expect(retry).to.equal('backoff');
        expect(error.message).to.be.a('string');
      }
    });
  }

  it('never tries again after a PermanentError', async () => {
    class Closed extends PermanentError {}
    expect(failureOf(await run(throwing(new PermanentError('closed')))).retry).to.equal('never');
    expect(failureOf(await run(throwing(new Closed('closed')))).retry).to.equal('never');
    expect(failureOf(await run(throwing(new PermanentError('closed')))).error).to.include({ name: 'PermanentError', message: 'closed' });
  });

  it('tries again after the delay of a RetryAfter', async () => {
    expect(failureOf(await run(throwing(new RetryAfter(0)))).retry).to.deep.equal({ afterMs: 0 });
    expect(failureOf(await run(throwing(new RetryAfter(9_000)))).retry).to.deep.equal({ afterMs: 9_000 });
  });

  it('knows the errors of a second copy of the package', async () => {
    const other = secondCopy();
    expect(other.PermanentError).to.not.equal(PermanentError);
    expect(failureOf(await run(throwing(new other.PermanentError('closed')))).retry).to.equal('never');
    expect(failureOf(await run(throwing(new other.RetryAfter(9_000)))).retry).to.deep.equal({ afterMs: 9_000 });
  });

  it('takes no word of an error for a delay that is none', async () => {
    const spoilt = Object.assign(new RetryAfter(5), { delayMs: 'soon' });
    expect(failureOf(await run(throwing(spoilt))).retry).to.equal('backoff');
    expect(failureOf(await run(throwing({ name: 'PermanentError', message: 'only named so' }))).retry).to.equal('backoff');
  });

  for (const [what, thrown] of HOSTILE) {
    it(`makes a failure of ${what}, thrown at once or later`, async () => {
      for (const handler of [throwing(thrown), () => Promise.reject(thrown)]) {
        const { error, retry } = failureOf(await run(handler));
        expect(retry).to.equal('backoff');
        expect(error.message).to.be.a('string').and.not.empty;
      }
    });
  }

  it('makes an outcome of a promise whose then is not its own', async () => {
    const promise = Object.assign(Promise.resolve(5), { then: () => 'nothing of use' });
    expect(await run(() => promise)).to.deep.equal({ kind: 'succeeded', result: '5' });
  });

  it('makes a failure of a RetryAfter with a bad delay, by the back-off', async () => {
    const { retry, error } = failureOf(await run(() => Promise.reject(new RetryAfter(-5))));
    expect(retry).to.equal('backoff');
    expect(error.code).to.equal('HOLDFAST_OPTION_INVALID');
  });

  for (const [what, value] of [
    ['NaN', NaN],
    ['a function', () => 1],
    ['a bigint', { id: 5n }],
  ] as const) {
    it(`does not have the work done again for a result that JSON cannot carry: ${what}`, async () => {
      expect(droppedOf(await run(() => value)).code).to.equal('HOLDFAST_PAYLOAD_NOT_JSON');
    });
  }

  it('does not have the work done again for a result that is too large or cannot be read', async () => {
    expect(droppedOf(await run(() => 'x'.repeat(2 ** 20))).code).to.equal('HOLDFAST_PAYLOAD_TOO_LARGE');
    expect(droppedOf(await run(() => ({ toJSON: throwing(new RetryAfter(5)) }))).message).to.be.a('string');
  });
});

describe('runTask with a handler that was told to end', () => {
  // interruption, outcome if the handler returns, outcome if it throws
  const ENDINGS: readonly (readonly [ErrorCode, Partial<Outcome>, Partial<Outcome>])[] = [
    ['HOLDFAST_LEASE_EXPIRED', { kind: 'succeeded', result: '"done"' }, { kind: 'expired' }],
    ['HOLDFAST_LEASE_LOST', { kind: 'succeeded', result: '"done"' }, { kind: 'expired' }],
    ['HOLDFAST_STOPPING', { kind: 'succeeded', result: '"done"' }, { kind: 'released', delayMs: 0 }],
  ];

  for (const [code, returned, thrown] of ENDINGS) {
    it(`takes a result for a success after ${code}`, async () => {
      expect(await run(() => 'done', code)).to.deep.equal(returned);
    });

    it(`takes what is thrown for the answer to ${code}, not for a failure`, async () => {
      expect(await run(throwing(new Error('aborted')), code)).to.deep.equal(thrown);
      expect(await run(throwing(new PermanentError('aborted')), code)).to.deep.equal(thrown);
    });
  }

  it('makes a failure of an attempt that ran out of time, whether it returns or throws', async () => {
    for (const handler of [() => 'done', throwing(new Error('aborted')), throwing(new PermanentError('aborted')), throwing(new RetryAfter(5))]) {
      const { error, retry } = failureOf(await run(handler, 'HOLDFAST_TIMED_OUT'));
      expect(retry).to.equal('backoff');
      expect(error.code).to.equal('HOLDFAST_TIMED_OUT');
    }
  });

  it('asks why it was interrupted only when the handler has ended', async () => {
    const attempt: { interruption: ErrorCode | undefined; wish: undefined } = { interruption: undefined, wish: undefined };
    const outcome = runTask(
      async () => {
        await Promise.resolve();
        attempt.interruption = 'HOLDFAST_STOPPING';
        throw new Error('aborted');
      },
      {},
      attempt,
    );
    expect(await outcome).to.deep.equal({ kind: 'released', delayMs: 0 });
  });
});
