import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { toJson } from '../../modules/task/json';
import type { Random } from '../../modules/time/clock';
import { codedErrorOf } from '../support/expectations';
import { seededRandom } from '../support/samples';

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

function randomValue(random: Random, depth = 0): unknown {
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const text = (): string =>
    Array.from({ length: Math.floor(random() * 6) }, () => pick('a', 'é', '"', '\\', '\n', '\u2028', '😀', '\ud800', '$', '.')).join('');
  const leaf = (): unknown =>
    pick<unknown>(null, true, false, 0, -0, random() * 1e6, -1e-7, 1e21, text(), new Date(Math.floor(random() * 1e12)), undefined);
  if (depth > 4 || random() < 0.3) return leaf();
  const items = Array.from({ length: Math.floor(random() * 5) }, () => randomValue(random, depth + 1));
  return random() < 0.5 ? items : Object.fromEntries(items.map((item, index) => [text() + String(index), item]));
}

describe('toJson', () => {
  class Account {
    readonly id = 7;
    readonly #secret = 'hidden';
    get secret(): string {
      return this.#secret;
    }
  }

  const KEPT: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a boolean', true],
    ['numbers', [0, -0, 1.5, -1e-300, Number.MAX_SAFE_INTEGER, 1e308]],
    ['text', ['', 'é', '😀', '"\\\n\u0000\u2028', '\ud800']],
    ['an array with a hole and undefined in it', [1, , undefined, 2]],
    ['an object with undefined in it', { a: undefined, b: { c: undefined } }],
    ['a Date', { at: new Date(0) }],
    ['an invalid Date, which is null', { at: new Date(NaN) }],
    ['toJSON', { toJSON: () => ({ plain: true }) }],
    ['toJSON that returns undefined inside an object', { a: { toJSON: () => undefined }, b: 1 }],
    ['boxed primitives', [new Number(3), new String('s'), new Boolean(false)]],
    ['an instance, by its own enumerable properties', new Account()],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['a Map that has toJSON', Object.assign(new Map([[1, 2]]), { toJSON: () => [[1, 2]] })],
    ['a Buffer', Buffer.from('ab')],
    ['an Error that has properties of its own, by these', Object.assign(new Error('no'), { code: 5 })],
    ['an object of another realm', runInNewContext('({ a: {}, b: [] })')],
    ['empty objects and arrays', [{}, [], Object.create(null)]],
    ['an instance that is an Array', new (class extends Array {})()],
    ['keys that look like operators', { $set: { 'a.b': 1 }, constructor: 'x', toString: 'y', 5: 'z' }],
    ['symbols as keys, which are left out', { [Symbol('s')]: 1, a: 2 }],
  ];

  for (const [what, value] of KEPT) {
    it(`writes what JSON.stringify writes of ${what}`, () => {
      expect(toJson(value, 'payload')).to.equal(JSON.stringify(value));
    });
  }

  it('makes null of undefined', () => {
    expect(toJson(undefined, 'payload')).to.equal('null');
    expect(toJson({ toJSON: () => undefined }, 'payload')).to.equal('null');
  });

  it('hands its key to toJSON, as JSON.stringify does', () => {
    const told = (): [object, string[]] => {
      const keys: string[] = [];
      const inner = { toJSON: (key: string) => keys.push(key) };
      return [{ a: inner, b: [inner, inner] }, keys];
    };
    const [ours, ourKeys] = told();
    const [theirs, theirKeys] = told();
    toJson(ours, 'payload');
    JSON.stringify(theirs);
    expect(ourKeys).to.deep.equal(theirKeys);
  });

  it('writes what JSON.stringify writes of a hundred random values', () => {
    const random = seededRandom(20_260_101);
    for (let n = 0; n < 100; n += 1) {
      const value = randomValue(random);
      expect(toJson(value, 'payload')).to.equal(JSON.stringify(value) ?? 'null');
    }
  });

  it('does not change what it is given', () => {
    const value = Object.freeze({ list: Object.freeze([Object.freeze({ at: new Date(0) })]) });
    expect(toJson(value, 'payload')).to.equal('{"list":[{"at":"1970-01-01T00:00:00.000Z"}]}');
  });

  it('allows one value at several places, where none contains itself', () => {
    const shared = { a: [1] };
    expect(toJson([shared, { shared }, shared.a, shared.a], 'payload')).to.equal('[{"a":[1]},{"shared":{"a":[1]}},[1],[1]]');
  });

  it('writes a value as it was checked, also where toJSON and getters differ at each call', () => {
    let calls = 0;
    const sly = { toJSON: () => ((calls += 1) === 1 ? 'first' : () => undefined) };
    expect(toJson({ sly }, 'payload')).to.equal('{"sly":"first"}');
    expect(calls).to.equal(1);
    let reads = 0;
    const getter = {
      get value(): unknown {
        return (reads += 1) === 1 ? 'first' : NaN;
      },
    };
    expect(toJson([getter], 'payload')).to.equal('[{"value":"first"}]');
    expect(reads).to.equal(1);
  });
});

const circle: Record<string, unknown> = { name: 'circle' };
circle['inner'] = { list: [0, circle] };
const ring: unknown[] = [1];
ring.push([[ring]]);

const NOT_JSON: readonly (readonly [string, unknown, string])[] = [
  ['a function', () => 1, 'payload'],
  ['a function in an object', { a: { run: () => 1 } }, 'payload.a.run'],
  ['a symbol in an array', [1, Symbol('s')], 'payload[1]'],
  ['a bigint', { list: [{ id: 5n }] }, 'payload.list[0].id'],
  ['a boxed bigint', { id: Object(5n) as unknown }, 'payload.id'],
  ['NaN', { a: [NaN] }, 'payload.a[0]'],
  ['infinity', [[Infinity]], 'payload[0][0]'],
  ['minus infinity', { a: -Infinity }, 'payload.a'],
  ['what toJSON makes of a value', { a: { toJSON: () => NaN } }, 'payload.a'],
  ['a Map', { tags: new Map([[1, 2]]) }, 'payload.tags'],
  ['a Set', [new Set([1])], 'payload[0]'],
  ['a WeakMap', { a: new WeakMap() }, 'payload.a'],
  ['a WeakSet', { a: new WeakSet() }, 'payload.a'],
  ['a RegExp', { a: [/x/] }, 'payload.a[0]'],
  ['a Promise', { to: Promise.resolve('a') }, 'payload.to'],
  ['an instance of a class that is a Map', new (class extends Map {})(), 'payload'],
  ['a Map of another realm', runInNewContext('new Map()'), 'payload'],
  ['what toJSON makes a Set of', { toJSON: () => new Set() }, 'payload'],
  ['an Error', { error: new Error('no') }, 'payload.error'],
  ['an ArrayBuffer', [new ArrayBuffer(2)], 'payload[0]'],
  ['a typed array', { file: new Uint8Array([1, 2]) }, 'payload.file'],
  ['a DataView', new DataView(new ArrayBuffer(2)), 'payload'],
  ['a Blob', { file: new Blob(['a']) }, 'payload.file'],
  ['URLSearchParams', { query: new URLSearchParams('a=1') }, 'payload.query'],
  ['Headers', { headers: new Headers({ a: '1' }) }, 'payload.headers'],
  ['an instance without properties of its own', [new (class Empty {})()], 'payload[0]'],
  ['an object whose prototype has all', { a: Object.create({ b: 1 }) as object }, 'payload.a'],
  ['a cycle', circle, 'payload.inner.list[1]'],
  ['a cycle through arrays', ring, 'payload[1][0][0]'],
  ['a __proto__ key at the top', JSON.parse('{"__proto__":{"isAdmin":true}}'), 'payload.__proto__'],
  ['a __proto__ key inside', { a: [JSON.parse('{"__proto__":1}')] }, 'payload.a[0].__proto__'],
];

describe('toJson refuses', () => {
  for (const [what, value, field] of NOT_JSON) {
    it(`${what}, at ${field}`, () => {
      expect(codedErrorOf(() => toJson(value, 'payload'))).to.include({ code: 'HOLDFAST_PAYLOAD_NOT_JSON', field });
    });
  }

  it('a promise with a question for await', () => {
    expect(codedErrorOf(() => toJson({ to: Promise.resolve('a') }, 'payload')).message).to.include(
      'payload.to must be a JSON value, got a Promise (was await forgotten?). ',
    );
  });

  it('binary data with an advice, and an instance with the name of its class', () => {
    const messageOf = (value: unknown): string => codedErrorOf(() => toJson(value, 'payload')).message;
    expect(messageOf(new Uint8Array(2))).to.include('payload must be a JSON value, got binary data (pass it as base64 text). ');
    expect(messageOf({ error: new TypeError('hunter2') })).to.include(
      'payload.error must be a JSON value, got an instance of TypeError, of which JSON',
    );
    expect(messageOf(new (class {})())).to.include('got an object of a class, of which JSON keeps nothing. ');
  });

  it('65 levels, but not 64', () => {
    expect(toJson(nested(64), 'payload')).to.equal(JSON.stringify(nested(64)));
    const error = codedErrorOf(() => toJson(nested(65), 'result'));
    expect(error).to.include({ code: 'HOLDFAST_PAYLOAD_TOO_DEEP', field: `result${'[0]'.repeat(64)}` });
  });

  it('a depth that would exhaust the stack', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = { deep };
    expect(codedErrorOf(() => toJson(deep, 'payload')).code).to.equal('HOLDFAST_PAYLOAD_TOO_DEEP');
  });

  it('a toJSON that never ends', () => {
    class Endless {
      toJSON(): unknown {
        return { next: new Endless() };
      }
    }
    expect(codedErrorOf(() => toJson(new Endless(), 'payload')).code).to.equal('HOLDFAST_PAYLOAD_TOO_DEEP');
  });

  it('more than a MiB, counted in bytes of UTF-8', () => {
    const MiB = 1024 * 1024;
    expect(toJson('a'.repeat(MiB - 2), 'payload')).to.have.length(MiB);
    const tooLong = codedErrorOf(() => toJson('a'.repeat(MiB - 1), 'payload'));
    expect(tooLong).to.include({ code: 'HOLDFAST_PAYLOAD_TOO_LARGE', field: 'payload' });
    expect(Buffer.byteLength(toJson('é'.repeat(MiB / 2 - 1), 'payload'))).to.equal(MiB);
    expect(codedErrorOf(() => toJson('é'.repeat(MiB / 2), 'payload')).code).to.equal('HOLDFAST_PAYLOAD_TOO_LARGE');
  });

  it('without quoting what it was given', () => {
    const secret = 'hunter2';
    for (const value of [{ secret, bad: NaN }, [secret, () => secret], secret.repeat(200_000)]) {
      expect(codedErrorOf(() => toJson(value, 'payload')).message).not.to.include(secret);
    }
  });
});
