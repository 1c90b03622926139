import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { taskError } from '../../modules/errors/taskError';
import { HoldfastError } from '../../modules/errors/holdfastError';

const trap = (): never => {
  throw new Error('a trap');
};

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const withGetter = (key: string): Error => Object.defineProperty(new Error('x'), key, { get: trap });

const THROWN: readonly (readonly [string, unknown, string])[] = [
  ['text', 'it broke', 'it broke'],
  ['null', null, 'null'],
  ['undefined', undefined, 'undefined'],
  ['a number', 5, '5'],
  ['a bigint', 5n, '5'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['an object', { status: 500 }, '{"status":500}'],
  ['an object that JSON leaves out', { toJSON: () => undefined }, 'an object was thrown'],
];

describe('taskError', () => {
  it('keeps name, message, code and stack of an error', () => {
    const error = Object.assign(new TypeError('it broke'), { code: 'E_BROKEN', secret: 'hunter2' });
    expect(taskError(error)).to.deep.equal({ name: 'TypeError', message: 'it broke', code: 'E_BROKEN', stack: error.stack });
  });

  it('keeps the code of an error of the catalogue', () => {
    expect(taskError(new HoldfastError('HOLDFAST_TIMED_OUT'))).to.include({ name: 'HoldfastError', code: 'HOLDFAST_TIMED_OUT' });
  });

  it('makes text of a code that is a number, and leaves out any other', () => {
    expect(taskError(Object.assign(new Error('x'), { code: 11000 })).code).to.equal('11000');
    for (const code of [null, undefined, {}, true, Symbol('s')])
      expect(taskError(Object.assign(new Error('x'), { code }))).not.to.have.property('code');
  });

  it('leaves out a stack that is not there', () => {
    expect(taskError(Object.assign(new Error('x'), { stack: undefined }))).to.deep.equal({ name: 'Error', message: 'x' });
  });

  for (const [what, thrown, message] of THROWN) {
    it(`makes a record of ${what} that was thrown`, () => {
      expect(taskError(thrown)).to.deep.equal({ name: 'Error', message });
    });
  }

  const circle: Record<string, unknown> = {};
  circle['self'] = circle;

  const HOSTILE: readonly (readonly [string, unknown])[] = [
    ['a circle', circle],
    ['an object with a bigint', { id: 5n }],
    ['an object whose toJSON throws', { toJSON: trap }],
    ['a proxy that was revoked', revoked()],
    ['a proxy whose every trap throws', new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap })],
    ['a proxy of an error whose getter throws', new Proxy(new Error('x'), { get: trap })],
    ['an error whose name cannot be read', withGetter('name')],
    ['an error whose message cannot be read', withGetter('message')],
    ['an error whose code cannot be read', withGetter('code')],
    ['an error whose stack cannot be read', withGetter('stack')],
    ['an error whose message is an object that cannot be text', Object.assign(new Error('x'), { message: { toString: trap } })],
    ['an error whose name is a symbol that is no text', Object.assign(new Error('x'), { name: Object.create(null) as unknown })],
    ['an error whose cause cannot be read', withGetter('cause')],
    ['an object that cannot be made a primitive', { [Symbol.toPrimitive]: trap, toString: trap, toJSON: trap }],
    ['a function that cannot be text', Object.assign(() => 1, { toString: trap, [Symbol.toPrimitive]: trap })],
    ['an error without a prototype', Object.setPrototypeOf(new Error('x'), null)],
  ];

  for (const [what, thrown] of HOSTILE) {
    it(`never throws itself, also for ${what}`, () => {
      const record = taskError(thrown);
      expect(record.name).to.be.a('string').and.not.empty;
      expect(record.message).to.be.a('string').and.not.empty;
    });
  }

  it('keeps no more than 2000 characters of a name or message and 8000 of a stack', () => {
    const error = Object.assign(new Error('m'.repeat(1e6)), { name: 'n'.repeat(1e6), stack: 's'.repeat(1e6) });
    const { name, message, stack } = taskError(error);
    expect([name.length, message.length, stack?.length]).to.deep.equal([2_000, 2_000, 8_000]);
    expect(message.endsWith('m…')).to.equal(true);
    expect(taskError('t'.repeat(1e6)).message).to.have.length(2_000);
    expect(taskError({ text: 't'.repeat(1e6) }).message).to.have.length(2_000);
    expect(taskError(new Error('m'.repeat(2_000))).message).to.equal('m'.repeat(2_000));
  });

  it('keeps a bounded part of a code', () => {
    expect(taskError(Object.assign(new Error('x'), { code: 'c'.repeat(1e6) })).code ?? '').to.have.length.at.most(2_000);
  });

  const CAUSED = new Error('the order was not placed', {
    cause: Object.assign(new TypeError('the card was refused', { cause: new Error('the bank is closed', { cause: 'a power cut' }) }), {
      code: 'E_CARD',
    }),
  });

  it('keeps the causes of an error, three deep', () => {
    const { cause } = taskError(CAUSED);
    expect(cause).to.deep.equal({
      name: 'TypeError',
      message: 'the card was refused',
      code: 'E_CARD',
      cause: { name: 'Error', message: 'the bank is closed', cause: { name: 'Error', message: 'a power cut' } },
    });
    expect(taskError(new Error('one more above', { cause: CAUSED })).cause?.cause?.cause).to.deep.equal({
      name: 'Error',
      message: 'the bank is closed',
    });
  });

  it('keeps the errors of an AggregateError, with their causes', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:27017'), { code: 'ECONNREFUSED' });
    const { name, errors } = taskError(new AggregateError([refused, 'text', new Error('b', { cause: new Error('c') })]));
    expect(name).to.equal('AggregateError');
    expect(errors).to.deep.equal([
      { name: 'Error', message: 'connect ECONNREFUSED ::1:27017', code: 'ECONNREFUSED' },
      { name: 'Error', message: 'text' },
      { name: 'Error', message: 'b', cause: { name: 'Error', message: 'c' } },
    ]);
  });

  it('keeps a bounded part of causes that are many, long or a circle', () => {
    const round = new Error('round');
    round.cause = round;
    expect(JSON.stringify(taskError(round)).length).to.be.below(12_000);
    const wide = (depth: number): Error => new AggregateError(depth === 0 ? [] : Array.from({ length: 50 }, () => wide(depth - 1)), 'm'.repeat(1e5));
    expect(JSON.stringify(taskError(wide(3))).length).to.be.below(40_000);
    const hostile = [...HOSTILE, ...THROWN].map(([, cause]) => cause);
    for (const cause of hostile) expect(taskError(new Error('x', { cause })).message).to.equal('x');
    expect(taskError(new AggregateError(hostile, 'all')).errors).to.have.length.above(5);
  });

  it('keeps what can be read of an error that cannot be read in full', () => {
    expect(taskError(Object.assign(withGetter('stack'), { message: 'it broke' }))).to.deep.equal({ name: 'Error', message: 'it broke' });
    expect(taskError(withGetter('cause')).message).to.equal('x');
    expect(taskError(circle).message).to.include('self');
  });

  it('reads an error of another realm, and what looks like an error, as an error', () => {
    const foreign: unknown = runInNewContext('Object.assign(new TypeError("it broke", { cause: new Error("below") }), { code: "E" })');
    const { stack, ...rest } = taskError(foreign);
    expect(rest).to.deep.equal({ name: 'TypeError', message: 'it broke', code: 'E', cause: { name: 'Error', message: 'below' } });
    expect(stack).to.include('TypeError: it broke');
    expect(taskError({ name: 'FetchError', message: 'no answer', code: 'ETIMEDOUT' })).to.deep.equal({
      name: 'FetchError',
      message: 'no answer',
      code: 'ETIMEDOUT',
    });
  });

  it('leaves the cause of an error of the catalogue to its message, which holds no secret', () => {
    const refused = new HoldfastError('HOLDFAST_STORE_UNREACHABLE', { cause: new Error('mongodb://user:hunter2@host') });
    expect(taskError(refused)).to.not.have.property('cause');
    expect(JSON.stringify(taskError(new Error('x', { cause: refused })).cause)).to.not.include('hunter2');
  });

  it('can be written as JSON', () => {
    for (const [, thrown] of [...THROWN, ...HOSTILE]) expect(() => JSON.stringify(taskError(thrown))).not.to.throw();
  });
});
