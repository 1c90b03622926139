import { isRecord } from '../values/isRecord';
import { REDACTED } from '../values/scrub';
import { scrubValue } from '../values/scrubValue';

/** A value without its secrets. */
export interface Redacted<T> {
  readonly value: T;
  /** Whether something of it is hidden or cut off. */
  readonly isHidden: boolean;
}

/** Hides in a value of JSON what a log would hide. */
export function redacted<T>(value: T): Redacted<T> {
  const shown = scrubValue(value) as T;
  return { value: shown, isHidden: !isSame(value, shown) };
}

function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((inner, index) => isSame(inner, other[index]));
  if (!isRecord(one) || !isRecord(other)) return Object.is(one, other) || (one instanceof Date && other instanceof Date);
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]));
}

/**
 * Puts back what was hidden in a value that a person has edited: a part that is still hidden is that of the original at the same place. So a task with a
 * secret can be copied by someone who may not see it.
 */
export function restored(edited: unknown, original: unknown): unknown {
  if (edited === REDACTED) return original === undefined ? edited : original;
  if (typeof edited === 'string' && typeof original === 'string') return scrubValue(original) === edited ? original : edited;
  if (Array.isArray(edited)) return edited.map((inner, index) => restored(inner, Array.isArray(original) ? original[index] : undefined));
  if (!isRecord(edited)) return edited;
  const from = isRecord(original) ? original : {};
  return Object.fromEntries(Object.entries(edited).map(([key, inner]) => [key, restored(inner, Object.hasOwn(from, key) ? from[key] : undefined)]));
}
