import { expect } from 'chai';
import { checkOptions } from '../../modules/options/checkOptions';
import { resolveOptions } from '../../modules/options/resolveOptions';
import { idOption, nameOption, storeOptions, workerOptions } from '../../config/options';
import { listOptions } from '../../config/searchOptions';
import { seedOptions } from '../../config/demoOptions';
import type { HoldfastError } from '../../modules/errors/holdfastError';
import { codedErrorOf } from '../support/expectations';

const refusalOf = (given: unknown): HoldfastError => codedErrorOf(() => resolveOptions(workerOptions, given, 'worker', {}));

const CONCURRENCY = 'an integer from 1 to 10000';

// option, value, field, expected
const INVALID: readonly (readonly [string, unknown, string, string?])[] = [
  ['maxConcurrency', 0, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', -1, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', 10_001, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', 1.5, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', NaN, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', Infinity, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', '5', 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', null, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', 5n, 'worker.maxConcurrency', CONCURRENCY],
  ['maxConcurrency', true, 'worker.maxConcurrency', CONCURRENCY],
  ['leaseMs', 199, 'worker.leaseMs', 'an integer from 200 to 43200000 (ms)'],
  ['gracePeriodMs', -1, 'worker.gracePeriodMs', 'an integer from 0 to 86400000 (ms)'],
  ['pollInterval', 5, 'worker.pollInterval', 'an object'],
  ['pollInterval', null, 'worker.pollInterval'],
  ['pollInterval', [], 'worker.pollInterval'],
  ['pollInterval', { minMs: 0 }, 'worker.pollInterval.minMs', 'an integer from 1 to 3600000 (ms)'],
  ['pollInterval', { maxMs: '1' }, 'worker.pollInterval.maxMs', 'an integer from 1 to 3600000 (ms)'],
  ['pollInterval', { minMs: 500, maxMs: 499 }, 'worker.pollInterval', 'an object whose minMs is at most its maxMs'],
  ['pollInterval', { minMs: 1_001 }, 'worker.pollInterval', 'an object whose minMs is at most its maxMs'],
  ['queues', 'mail', 'worker.queues', 'an array'],
  ['queues', [], 'worker.queues'],
  ['tracksCurrentTask', 1, 'worker.tracksCurrentTask', 'a boolean'],
  ['queues', Array(1_001).fill('q'), 'worker.queues'],
  ['queues', [''], 'worker.queues.0'],
  ['queues', ['mail', 'q'.repeat(129)], 'worker.queues.1'],
  ['queues', ['a\nb'], 'worker.queues.0'],
  ['queues', [5], 'worker.queues.0'],
  ['handlers', { welcome: 5 }, 'worker.handlers.welcome', 'a function'],
  ['handlers', { 'mail/send~now': 'text' }, 'worker.handlers.mail/send~now', 'a function'],
  ['handlers', [], 'worker.handlers'],
  ['backoffs', { mine: null }, 'worker.backoffs.mine', 'a function'],
  ['workerId', '', 'worker.workerId'],
  ['workerId', 'w'.repeat(129), 'worker.workerId'],
];

describe('resolveOptions refuses an option', () => {
  for (const [option, value, field, expected] of INVALID) {
    const shown = typeof value === 'bigint' || typeof value === 'number' ? String(value) : JSON.stringify(value).slice(0, 30);
    it(`${option} that is ${shown}, and names ${field}`, () => {
      const error = refusalOf({ queues: ['mail'], [option]: value });
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field });
      if (expected !== undefined) expect(error.expected).to.equal(expected);
      expect(error.message).to.include(field).and.to.include(String(error.expected));
    });
  }

  it('that is missing, and names it', () => {
    for (const given of [{}, undefined, { maxConcurrency: 5 }]) {
      const error = refusalOf(given);
      expect(error.code).to.equal('HOLDFAST_OPTION_INVALID');
      expect(error.field).to.be.oneOf(['worker', 'worker.queues']);
      expect(`${error.field} ${error.expected}`).to.include('queues');
      expect(error.message).to.match(/ must be given\. /);
    }
  });

  const UNKNOWN: readonly (readonly [string, unknown, string])[] = [
    ['a misspelt name', { maxConcurency: 5 }, 'worker.maxConcurency'],
    ['a nested name', { pollInterval: { min: 5 } }, 'worker.pollInterval.min'],
    ['constructor', { constructor: 5 }, 'worker.constructor'],
    ['a nested constructor', { pollInterval: { constructor: 5 } }, 'worker.pollInterval.constructor'],
    ['a name with a slash', { 'a/b': 5 }, 'worker.a/b'],
    ['an own __proto__', JSON.parse('{"__proto__":{"maxConcurrency":5}}'), 'worker.__proto__'],
    ['a nested own __proto__', { pollInterval: JSON.parse('{"__proto__":{"minMs":5}}') as object }, 'worker.pollInterval.__proto__'],
  ];

  for (const [what, given, field] of UNKNOWN) {
    it(`that does not exist: ${what}`, () => {
      const error = refusalOf({ queues: ['mail'], ...withOwn(given) });
      expect(error.code).to.equal('HOLDFAST_OPTION_UNKNOWN');
      expect(error.field).to.equal(field);
    });
  }

  it('through no prototype that it was handed', () => {
    refusalOf(withOwn(JSON.parse('{"queues":["mail"],"__proto__":{"leaseMs":5}}')));
    expect(({} as Record<string, unknown>)['leaseMs']).to.equal(undefined);
  });

  it('given as anything but an object', () => {
    for (const given of [null, 5, 'text', [], true, () => 1]) {
      expect(refusalOf(given)).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'worker', expected: 'an object of options' });
    }
  });

  it('without quoting text that may be secret', () => {
    const secret = 'mongodb://user:hunter2@host';
    const error = codedErrorOf(() => resolveOptions(storeOptions, { durability: secret }, 'store', {}));
    expect(error.message).to.include(`a string of ${secret.length} characters`).and.not.to.include('hunter2');
  });

  it('of a list with the place in it and the words allowed', () => {
    const error = codedErrorOf(() => resolveOptions(listOptions, { states: ['waiting', 'lost'] }, 'list', {}));
    expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'list.states.1' });
    expect(error.expected).to.match(/waiting.*running.*succeeded.*dead.*cancelled/);
  });

  it('that is a number with a fraction but out of range', () => {
    const error = codedErrorOf(() => resolveOptions(seedOptions, { failureRate: 1.1 }, 'seed', {}));
    expect(error).to.include({ field: 'seed.failureRate', expected: 'a number from 0 to 1' });
  });
});

/** Copies own properties. A spread treats an own `__proto__` like any other key; an object literal does not. */
function withOwn(given: unknown): object {
  const copy = {};
  for (const [key, value] of Object.entries(given as object)) Object.defineProperty(copy, key, { value, enumerable: true, configurable: true });
  return copy;
}

describe('checkOptions', () => {
  it('accepts names as users write them', () => {
    for (const name of ['a', 'mail.welcome', 'ä/b c', '😀', '$where', '__proto__', 'q'.repeat(128)]) checkOptions(nameOption, name, 'name');
  });

  it('refuses a name that is empty, too long, not text or holds a control character', () => {
    for (const name of ['', 'q'.repeat(129), `e${'\u0301'.repeat(1_000)}`, 5, null, undefined, ['a'], 'a\0', 'a\r', 'a\u007f']) {
      expect(codedErrorOf(() => checkOptions(nameOption, name, 'name'))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'name' });
    }
  });

  it('refuses an id that is no UUID', () => {
    for (const id of ['', '1', 'not-a-uuid', '01940000000070008000000000000001', 'urn:uuid:01940000-0000-7000-8000-000000000001', 5, null]) {
      expect(codedErrorOf(() => checkOptions(idOption, id, 'id'))).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'id' });
    }
  });
});
