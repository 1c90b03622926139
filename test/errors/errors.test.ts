import { expect } from 'chai';
import { ERROR_CATALOGUE } from '../../constants/errors';
import type { ErrorCode } from '../../constants/errors';
import { LONGEST_DELAY_MS } from '../../constants/limits';
import { isDuration, PermanentError, RetryAfter } from '../../modules/task/handlerErrors';
import { describeValue, HoldfastError, isHoldfastError, isUnanswered } from '../../modules/errors/holdfastError';
import { codedErrorOf } from '../support/expectations';

const CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

describe('HoldfastError', () => {
  for (const code of CODES) {
    it(`says of ${code} what is wrong, how to fix it and the code`, () => {
      const { says, fix } = ERROR_CATALOGUE[code];
      expect(code).to.match(/^HOLDFAST_[A-Z_]+$/);
      expect(says).to.have.length.above(10);
      expect(fix).to.match(/[^.]\.$/);
      const error = new HoldfastError(code);
      expect(error.message).to.equal(`${says}. ${fix} (${code})`);
      expect(error).to.include({ name: 'HoldfastError', code, field: undefined, expected: undefined });
      expect(error).to.be.instanceOf(Error);
    });
  }

  it('says where, what was expected and what came instead', () => {
    const error = new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'worker.leaseMs', expected: 'an integer', got: 'null' });
    expect(error).to.include({ field: 'worker.leaseMs', expected: 'an integer' });
    expect(error.message).to.include(': worker.leaseMs must be an integer, got null. ');
  });

  it('says which flag or variable gave the value, each where there are several', () => {
    const error = new HoldfastError('HOLDFAST_OPTION_INVALID', { field: 'worker.leaseMs', expected: 'an integer', got: 'null' }).from('--lease-ms');
    expect(error.message).to.include(': --lease-ms (worker.leaseMs) must be an integer, got null. ');
    expect(error.from('HOLDFAST_LEASE_MS').message).to.include(': --lease-ms, HOLDFAST_LEASE_MS (worker.leaseMs) must be an integer');
    expect(error).to.include({ field: 'worker.leaseMs', expected: 'an integer' });
  });

  it('says the same of a fault that is seen from further out', () => {
    const error = new HoldfastError('HOLDFAST_PAYLOAD_NOT_JSON', { field: 'payload.a', expected: 'a JSON value', paths: ['payload.a', 'payload.b'] });
    const seen = error.within('tasks[1]');
    expect(seen.message).to.equal(error.message.replace('payload.a', 'tasks[1].payload.a'));
    expect([seen.field, seen.paths]).to.deep.equal(['tasks[1].payload.a', ['tasks[1].payload.a', 'tasks[1].payload.b']]);
  });

  it('says what was expected also where no field is named', () => {
    expect(new HoldfastError('HOLDFAST_STORE_UNFIT', { expected: 'version 1' }).message).to.include(': expected version 1. ');
  });

  it('keeps its cause, and has none where none is given', () => {
    const cause = new Error('refused');
    expect(new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause }).cause).to.equal(cause);
    expect(new HoldfastError('HOLDFAST_STORE_UNREACHABLE')).not.to.have.property('cause');
  });

  it('tells what its cause says, in one line, where only the driver knows it', () => {
    const cause = new Error('connect ECONNREFUSED\n  127.0.0.1:1.');
    const { message } = new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { field: 'mongodb://127.0.0.1:1', cause });
    expect(message).to.include(': mongodb://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1. Check');
    expect(new HoldfastError('HOLDFAST_OPTION_INVALID', { cause }).message).not.to.include('ECONNREFUSED');
    expect(new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause, because: 'it is gone' }).message).to.include('reached: it is gone. Check');
  });

  it('does not tell of its cause what may be a secret', () => {
    const cause = new Error('mongodb://user:hunter2@host');
    expect(new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause }).message).not.to.include('hunter2');
  });

  it('of an unreachable server or file is distinct from those of a bad call', () => {
    const unanswered = CODES.filter((code) => isUnanswered(new HoldfastError(code)));
    expect(unanswered).to.deep.equal(['HOLDFAST_STORE_UNREACHABLE', 'HOLDFAST_FILE_UNUSABLE', 'HOLDFAST_STORE_TIMEOUT', 'HOLDFAST_INSERT_UNKNOWN']);
  });

  it('is known by its code', () => {
    const error = new HoldfastError('HOLDFAST_TIMED_OUT');
    expect(isHoldfastError(error)).to.equal(true);
    expect(isHoldfastError(error, 'HOLDFAST_TIMED_OUT')).to.equal(true);
    expect(isHoldfastError(error, 'HOLDFAST_STOPPING')).to.equal(false);
    for (const other of [new Error('x'), { code: 'HOLDFAST_TIMED_OUT' }, null, undefined, 'HOLDFAST_TIMED_OUT']) {
      expect(isHoldfastError(other)).to.equal(false);
    }
  });
});

describe('describeValue', () => {
  const KINDS: readonly (readonly [unknown, string])[] = [
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [5, 'the number 5'],
    [NaN, 'the number NaN'],
    ['hunter2', 'a string of 7 characters'],
    [[1, 'hunter2'], 'an array of 2'],
    [{ password: 'hunter2' }, 'a value of type object'],
    [new Date(0), 'the Date 1970-01-01T00:00:00.000Z'],
    [new Date(NaN), 'an invalid Date'],
    [() => 'hunter2', 'a value of type function'],
    [Symbol('hunter2'), 'a value of type symbol'],
    [5n, 'a value of type bigint'],
  ];

  for (const [value, described] of KINDS) {
    it(`tells ${described} without quoting it`, () => {
      expect(describeValue(value)).to.equal(described).and.not.to.include('hunter2');
    });
  }
});

describe('PermanentError', () => {
  it('is an error with a name, a message and a cause', () => {
    const cause = new Error('gone');
    const error = new PermanentError('the account is closed', { cause });
    expect(error).to.be.instanceOf(Error).and.to.include({ name: 'PermanentError', message: 'the account is closed', cause });
  });
});

describe('RetryAfter', () => {
  it('carries a delay, and a message that names it unless one is given', () => {
    expect(new RetryAfter(5_000)).to.be.instanceOf(Error).and.to.include({ name: 'RetryAfter', delayMs: 5_000 });
    expect(new RetryAfter(5_000).message).to.include('5000');
    const cause = new Error('429');
    expect(new RetryAfter(0, 'rate limited', { cause })).to.include({ delayMs: 0, message: 'rate limited', cause });
  });

  it('refuses what is no duration', () => {
    for (const delayMs of [-1, NaN, Infinity, LONGEST_DELAY_MS + 1, '5', null, undefined, 5n]) {
      const error = codedErrorOf(() => new RetryAfter(delayMs as number));
      expect(error).to.include({ code: 'HOLDFAST_OPTION_INVALID', field: 'delayMs' });
    }
  });
});

describe('isDuration', () => {
  it('takes finite numbers of milliseconds up to a hundred years', () => {
    for (const value of [0, -0, 0.5, 1_000, LONGEST_DELAY_MS]) expect(isDuration(value)).to.equal(true);
    for (const value of [-0.1, NaN, Infinity, LONGEST_DELAY_MS + 1, '5', null, undefined, {}, new Date(5)]) expect(isDuration(value)).to.equal(false);
  });
});
