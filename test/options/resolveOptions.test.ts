import { expect } from 'chai';
import { defaultsOf, resolveOptions } from '../../modules/options/resolveOptions';
import { retentionOptions, storeOptions, taskOptions, workerOptions } from '../../config/options';
import { seedOptions } from '../../config/demoOptions';
import { codedErrorOf } from '../support/expectations';

type Variables = Record<string, string | undefined>;

const workerOf = (given: object = {}, variables: Variables = {}) =>
  resolveOptions(workerOptions, { queues: ['mail'], ...given }, 'worker', variables);

const storeOf = (given: object = {}, variables: Variables = {}) => resolveOptions(storeOptions, given, 'store', variables);

describe('resolveOptions', () => {
  it('fills in the defaults of a worker', () => {
    expect(workerOf()).to.deep.equal({
      queues: ['mail'],
      queueOrder: 'turns',
      queueWeights: {},
      handlers: {},
      backoffs: {},
      maxConcurrency: 10,
      leaseMs: 30_000,
      prefetch: 0,
      gracePeriodMs: 25_000,
      tracksCurrentTask: true,
      pollInterval: { minMs: 20, maxMs: 1_000 },
    });
  });

  it('fills in the defaults of a store', () => {
    expect(resolveOptions(storeOptions, undefined, 'store', {})).to.deep.equal({
      url: 'sqlite:./data/holdfast.db',
      callTimeoutMs: 5_000,
      statistics: true,
      waitMs: 0,
      prefix: 'holdfast_',
      durability: 'full',
    });
  });

  it('takes the environment before the defaults', () => {
    const variables = {
      HOLDFAST_MAX_CONCURRENCY: '7',
      HOLDFAST_LEASE_MS: '1000',
      HOLDFAST_GRACE_PERIOD_MS: '0',
      HOLDFAST_POLL_MIN_MS: '3',
      HOLDFAST_POLL_MAX_MS: '300',
    };
    expect(workerOf({}, variables)).to.deep.include({
      maxConcurrency: 7,
      leaseMs: 1_000,
      gracePeriodMs: 0,
      pollInterval: { minMs: 3, maxMs: 300 },
    });
    const fromStore = storeOf({}, { HOLDFAST_URL: 'sqlite:x', HOLDFAST_CALL_TIMEOUT_MS: '200', HOLDFAST_DURABILITY: 'relaxed' });
    expect(fromStore).to.deep.equal({ url: 'sqlite:x', callTimeoutMs: 200, statistics: true, waitMs: 0, prefix: 'holdfast_', durability: 'relaxed' });
  });

  it('takes arguments before the environment', () => {
    expect(workerOf({ maxConcurrency: 2 }, { HOLDFAST_MAX_CONCURRENCY: '7' }).maxConcurrency).to.equal(2);
    expect(storeOf({ url: 'sqlite:y' }, { HOLDFAST_URL: 'sqlite:x' }).url).to.equal('sqlite:y');
  });

  it('takes each part of a nested option from where it is given', () => {
    expect(workerOf({ pollInterval: { maxMs: 50 } }, { HOLDFAST_POLL_MIN_MS: '3' }).pollInterval).to.deep.equal({ minMs: 3, maxMs: 50 });
    expect(workerOf({ pollInterval: { minMs: 5 } }).pollInterval).to.deep.equal({ minMs: 5, maxMs: 1_000 });
  });

  it('treats undefined and empty variables as not given', () => {
    const options = workerOf(
      { maxConcurrency: undefined, pollInterval: { minMs: undefined } },
      { HOLDFAST_MAX_CONCURRENCY: '', HOLDFAST_LEASE_MS: undefined },
    );
    expect(options).to.deep.include({ maxConcurrency: 10, leaseMs: 30_000, pollInterval: { minMs: 20, maxMs: 1_000 } });
  });

  it('reads no other variables than those that the table names', () => {
    expect(workerOf({}, { leaseMs: '5', LEASE_MS: '5', HOLDFAST_QUEUE: 'x', HOLDFAST_URL: 'nonsense' }).leaseMs).to.equal(30_000);
  });

  it('reads the variables of the process where none are given', () => {
    process.env['HOLDFAST_MAX_CONCURRENCY'] = '4';
    try {
      expect(resolveOptions(workerOptions, { queues: ['mail'] }, 'worker').maxConcurrency).to.equal(4);
    } finally {
      delete process.env['HOLDFAST_MAX_CONCURRENCY'];
    }
  });

  it('accepts two bounds that are the same', () => {
    expect(workerOf({ pollInterval: { minMs: 7, maxMs: 7 } }).pollInterval).to.deep.equal({ minMs: 7, maxMs: 7 });
  });

  it('accepts the ends of every range', () => {
    expect(workerOf({ maxConcurrency: 1, leaseMs: 200, gracePeriodMs: 0, queues: ['q'.repeat(128)] }).maxConcurrency).to.equal(1);
    expect(workerOf({ maxConcurrency: 10_000, leaseMs: 43_200_000, queues: Array(100).fill('q') }).maxConcurrency).to.equal(10_000);
  });

  it('freezes its result deeply', () => {
    const options = workerOf({ handlers: { welcome: () => 1 } });
    for (const part of [options, options.queues, options.handlers, options.backoffs, options.pollInterval]) expect(part).to.be.frozen;
    expect(defaultsOf(retentionOptions)).to.be.frozen;
  });

  it('gives each call a result of its own', () => {
    expect(workerOf().pollInterval).not.to.equal(workerOf().pollInterval);
    expect(resolveOptions(seedOptions, {}, 'seed', {}).kinds).not.to.equal(resolveOptions(seedOptions, {}, 'seed', {}).kinds);
    expect(workerOf().pollInterval).to.deep.equal({ minMs: 20, maxMs: 1_000 });
  });

  it('keeps the functions that it is given', () => {
    const welcome = (): number => 1;
    const given = workerOf({ handlers: { welcome }, backoffs: { mine: welcome } });
    expect(given.handlers['welcome']).to.equal(welcome);
    expect(given.backoffs['mine']).to.equal(welcome);
    expect(welcome).not.to.be.frozen;
  });

  it('knows the defaults of the options of a task', () => {
    expect(defaultsOf(taskOptions)).to.deep.include({ priority: 0, maxRetries: 3 });
    expect(defaultsOf(retentionOptions)).to.deep.equal({ succeededMs: 86_400_000, cancelledMs: 86_400_000, deadMs: 180 * 86_400_000 });
  });
});

describe('resolveOptions and the objects of its caller', () => {
  const unharmed = (given: Record<string, object>): void => {
    const before = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, Object.keys(value)]));
    workerOf(given);
    expect(given).not.to.be.frozen;
    for (const [key, value] of Object.entries(given)) {
      expect(value, key).not.to.be.frozen;
      expect(Object.keys(value), key).to.deep.equal(before[key]);
    }
  };

  it('neither changes nor freezes plain ones', () => {
    unharmed({ queues: ['mail'], handlers: { welcome: () => 1 }, backoffs: {}, pollInterval: { minMs: 5 } });
  });

  it('neither changes nor freezes those without a prototype', () => {
    unharmed({ pollInterval: Object.assign(Object.create(null) as object, { minMs: 5 }) });
  });

  it('neither changes nor freezes an instance of a class that holds the handlers', () => {
    class Handlers {
      welcome = (): number => 1;
    }
    unharmed({ handlers: new Handlers() });
  });

  it('neither changes nor freezes an instance of a class that holds nested options', () => {
    class Poll {
      minMs = 5;
    }
    unharmed({ pollInterval: new Poll() });
  });
});

describe('resolveOptions refuses in the environment', () => {
  const REFUSED = ['abc', '-1', '0', 'NaN', 'Infinity', '10abc', '10001', '99999999999999999999', 'null', 'true', '10.5', '5n', '{}'];

  for (const value of REFUSED) {
    it(`${value} for a number of tasks`, () => {
      const error = codedErrorOf(() => workerOf({}, { HOLDFAST_MAX_CONCURRENCY: value }));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'worker.maxConcurrency', expected: 'an integer from 1 to 10000' });
    });
  }

  it('a nested value, with its path', () => {
    const error = codedErrorOf(() => workerOf({}, { HOLDFAST_POLL_MIN_MS: 'soon' }));
    expect(error).to.include({ field: 'worker.pollInterval.minMs', expected: 'an integer from 1 to 3600000 (ms)' });
  });

  it('with the name of the variable, and with the value where that is a word', () => {
    const messageOf = (variables: Variables, given = {}): string => codedErrorOf(() => workerOf(given, variables)).message;
    expect(messageOf({ HOLDFAST_LEASE_MS: 'long' })).to.include(
      ': HOLDFAST_LEASE_MS (worker.leaseMs) must be an integer from 200 to 43200000 (ms), got "long". ',
    );
    expect(messageOf({ HOLDFAST_LEASE_MS: '5' }))
      .to.include('HOLDFAST_LEASE_MS (worker.leaseMs) must be')
      .and.to.include(', got the number 5. ');
    expect(messageOf({ HOLDFAST_POLL_MIN_MS: '2000' })).to.include(
      ': HOLDFAST_POLL_MIN_MS (worker.pollInterval) must be an object whose minMs is at most its maxMs. ',
    );
    expect(messageOf({ HOLDFAST_POLL_MIN_MS: 'x' })).to.include('HOLDFAST_POLL_MIN_MS (worker.pollInterval.minMs) must be');
    expect(messageOf({ HOLDFAST_LEASE_MS: '5' }, { leaseMs: 6 }))
      .to.include(': worker.leaseMs must be')
      .and.to.include(', got the number 6. ');
    expect(messageOf({ HOLDFAST_LEASE_MS: 'a secret: hunter2' })).to.not.include('hunter2');
    const url = 'u'.repeat(5_000);
    expect(codedErrorOf(() => storeOf({}, { HOLDFAST_URL: url })).message)
      .to.include('HOLDFAST_URL (store.url) must')
      .and.to.not.include('uuu');
  });

  it('a word that is not one of those allowed', () => {
    const error = codedErrorOf(() => storeOf({}, { HOLDFAST_DURABILITY: 'none' }));
    expect(error.message).to.include('HOLDFAST_DURABILITY (store.durability) must be one of full, relaxed, got "none". ');
    expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'store.durability', expected: 'one of full, relaxed' });
  });
});
