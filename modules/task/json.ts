import { types } from 'node:util';
import { PAYLOAD_BYTES, PAYLOAD_LEVELS } from '../../constants/limits';
import type { ErrorCode } from '../../constants/errors';
import { HoldfastError } from '../errors/holdfastError';
import { isPlain } from '../values/isRecord';

/** What `JSON.stringify` and `JSON.parse` make of a value of type T: a Date becomes its ISO string. */
export type Jsonified<T> = T extends { toJSON(...args: never[]): infer Plain }
  ? Jsonified<Plain>
  : T extends string | number | boolean | null
    ? T
    : T extends bigint | symbol | ((...args: never[]) => unknown) | undefined
      ? never
      : T extends readonly unknown[]
        ? { [Index in keyof T]: Jsonified<T[Index]> }
        : T extends object
          ? { [Key in keyof T as Key extends string | number ? Key : never]: Jsonified<T[Key]> }
          : unknown;

/**
 * Turns a payload or result into JSON text, or refuses it with the path of the fault.
 *
 * What the text holds is what `JSON.stringify` makes of the value: `toJSON` is honoured, a property that is
 * undefined is left out. A top-level undefined becomes null. What would become {} whatever it holds, as a Map does, is refused.
 *
 * @param root names the value in errors, as `payload`.
 * @param bytes the most that the text may take, by default 1 MiB.
 * @throws HOLDFAST_PAYLOAD_NOT_JSON for functions, symbols, cycles, bigint, NaN, infinities, `__proto__` keys, and for what is a Map, Set,
 *   WeakMap, WeakSet, Promise, RegExp, ArrayBuffer or typed array without `toJSON`, or an instance, as an Error, without own enumerable properties,
 *   HOLDFAST_PAYLOAD_TOO_DEEP past 64 levels, HOLDFAST_PAYLOAD_TOO_LARGE past the limit, in UTF-8.
 */
export function toJson(value: unknown, root: string, bytes: number = PAYLOAD_BYTES): string {
  const budget = { left: bytes, bytes, root };
  const text = JSON.stringify(carried(value, '', root, { ancestors: [], budget })) ?? 'null';
  if (Buffer.byteLength(text) > bytes) throw tooLarge(budget);
  return text;
}

/** Of these JSON would keep nothing, or a key for each byte, and say nothing. */
const EMPTIED: readonly (readonly [(value: object) => boolean, string])[] = [
  [types.isMap, 'a Map'],
  [types.isSet, 'a Set'],
  [types.isWeakMap, 'a WeakMap'],
  [types.isWeakSet, 'a WeakSet'],
  [types.isPromise, 'a Promise (was await forgotten?)'],
  [types.isRegExp, 'a RegExp'],
  [(value) => ArrayBuffer.isView(value), 'binary data (base64 text of it can be kept)'],
  [types.isAnyArrayBuffer, 'binary data (base64 text of it can be kept)'],
];

interface Budget {
  left: number;
  readonly bytes: number;
  readonly root: string;
}

/** What a walk knows: the objects it is inside of, and how many bytes may still come. */
interface Walk {
  readonly ancestors: object[];
  readonly budget: Budget;
}

/**
 * Returns what JSON carries of a value: `toJSON` is called once, here, so that what was checked is what is written.
 */
function carried(given: unknown, key: string, path: string, walk: Walk): unknown {
  const value = hasToJson(given) ? given.toJSON(key) : given;
  spend(walk, typeof value === 'string' ? value.length : 1);
  if (typeof value === 'number' && !Number.isFinite(value)) throw notJson(path, `the number ${value}`);
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') throw notJson(path, `a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return value;
  return carriedInside(value, path, walk);
}

function carriedInside(value: object, path: string, walk: Walk): unknown {
  const { ancestors } = walk;
  if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt) {
    return carried(value.valueOf(), '', path, walk);
  }
  refuseEmptied(value, path);
  if (ancestors.includes(value)) throw notJson(path, 'a reference to a value that contains it');
  if (ancestors.length >= PAYLOAD_LEVELS) throw refusal('HOLDFAST_PAYLOAD_TOO_DEEP', path, `at most ${PAYLOAD_LEVELS} levels deep`);
  ancestors.push(value);
  const plain = Array.isArray(value)
    ? value.map((item, index) => carried(item, String(index), `${path}[${index}]`, walk))
    : carriedProperties(value as Record<string, unknown>, path, walk);
  ancestors.pop();
  return plain;
}

/** Most values are plain, which their prototype tells at once. */
function refuseEmptied(value: object, path: string): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) return;
  const [, kind] = EMPTIED.find(([isOne]) => isOne(value)) ?? [];
  if (kind !== undefined) throw notJson(path, kind);
  if (!Array.isArray(value) && !isPlain(value) && Object.keys(value).length === 0)
    throw notJson(path, `${kindOf(value)}, of which JSON keeps nothing`);
}

function kindOf(value: object): string {
  const { name } = (value as { readonly constructor?: { readonly name?: unknown } }).constructor ?? {};
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object of a class';
}

function carriedProperties(value: Readonly<Record<string, unknown>>, path: string, walk: Walk): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw notJson(`${path}.__proto__`, 'a key that would change the prototype of an object');
    spend(walk, key.length);
    plain[key] = carried(value[key], key, `${path}.${key}`, walk);
  }
  return plain;
}

/** Every value costs a byte at least, every character too: what is far too large is refused before it is written out. */
function spend({ budget }: Walk, bytes: number): void {
  budget.left -= bytes;
  if (budget.left < 0) throw tooLarge(budget);
}

const hasToJson = (value: unknown): value is { toJSON(key: string): unknown } =>
  typeof value === 'object' && value !== null && typeof (value as { toJSON?: unknown }).toJSON === 'function';

const notJson = (path: string, got: string): HoldfastError => refusal('HOLDFAST_PAYLOAD_NOT_JSON', path, 'a JSON value', got);

const tooLarge = ({ root, bytes }: Budget): HoldfastError => refusal('HOLDFAST_PAYLOAD_TOO_LARGE', root, `at most ${bytes} bytes of JSON`);

const refusal = (code: ErrorCode, field: string, expected: string, got?: string): HoldfastError =>
  new HoldfastError(code, { field, expected, ...(got === undefined ? {} : { got }) });
