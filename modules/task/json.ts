import { types } from 'node:util';
import { PAYLOAD_BYTES, PAYLOAD_LEVELS } from '../../constants/limits';
import type { ErrorCode } from '../../constants/errors';
import { HoldfastError } from '../errors/holdfastError';
import { isPlain } from '../values/isRecord';

/** The type of a value after `JSON.stringify` and `JSON.parse`: a Date becomes its ISO string. */
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
 * Converts a payload or result to JSON text, or refuses it with the path of the fault.
 *
 * The text is what `JSON.stringify` makes of the value: `toJSON` is honoured, and properties that are undefined are left out. A top-level undefined
 * becomes null. A value that would become {} whatever it holds, for example a Map, is refused.
 *
 * @param root the name of the value in errors, for example `payload`.
 * @param bytes the maximum size of the text, by default 1 MiB.
 * @throws HOLDFAST_PAYLOAD_NOT_JSON for functions, symbols, cycles, bigint, NaN, infinities and `__proto__` keys; for a Map, Set, WeakMap, WeakSet,
 *   Promise, RegExp, ArrayBuffer or typed array without `toJSON`; and for an instance without own enumerable properties, for example an Error.
 *   HOLDFAST_PAYLOAD_TOO_DEEP past 64 levels, HOLDFAST_PAYLOAD_TOO_LARGE past the limit, in UTF-8.
 */
export function toJson(value: unknown, root: string, bytes: number = PAYLOAD_BYTES): string {
  const budget = { left: bytes, bytes, root };
  const text = JSON.stringify(carried(value, '', root, { ancestors: [], budget })) ?? 'null';
  if (Buffer.byteLength(text) > bytes) throw tooLarge(budget);
  return text;
}

/** JSON would silently keep nothing of these, or one key for each byte. */
const EMPTIED: readonly (readonly [(value: object) => boolean, string])[] = [
  [types.isMap, 'a Map'],
  [types.isSet, 'a Set'],
  [types.isWeakMap, 'a WeakMap'],
  [types.isWeakSet, 'a WeakSet'],
  [types.isPromise, 'a Promise (was await forgotten?)'],
  [types.isRegExp, 'a RegExp'],
  [(value) => ArrayBuffer.isView(value), 'binary data (pass it as base64 text)'],
  [types.isAnyArrayBuffer, 'binary data (pass it as base64 text)'],
];

interface Budget {
  left: number;
  readonly bytes: number;
  readonly root: string;
}

/** The state of a walk: the enclosing objects, and the bytes that are left. */
interface Walk {
  readonly ancestors: object[];
  readonly budget: Budget;
}

/** Returns the plain JSON form of a value. `toJSON` is called only here, once, so that the checked value is the written one. */
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
  if (!isPlainOrArray(value)) {
    if (types.isBoxedPrimitive(value)) return carried(value.valueOf(), '', path, walk);
    refuseEmptied(value, path);
  }
  if (ancestors.includes(value)) throw notJson(path, 'a reference to a value that contains it');
  if (ancestors.length >= PAYLOAD_LEVELS) throw refusal('HOLDFAST_PAYLOAD_TOO_DEEP', path, `at most ${PAYLOAD_LEVELS} levels deep`);
  // Each item takes two characters at least, so a far too long array is refused before it is copied.
  if (Array.isArray(value)) refuseOverlong(walk, value.length);
  ancestors.push(value);
  const plain = Array.isArray(value)
    ? value.map((item, index) => carried(item, String(index), `${path}[${index}]`, walk))
    : carriedProperties(value as Record<string, unknown>, path, walk);
  ancestors.pop();
  return plain;
}

function refuseOverlong({ budget }: Walk, items: number): void {
  if (items > budget.left) throw tooLarge(budget);
}

/** Most values are plain, which their prototype shows at once. */
function isPlainOrArray(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}

function refuseEmptied(value: object, path: string): void {
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

/** Counts at least one byte for each value and each character, so that a far too large value is refused before it is serialized. */
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
