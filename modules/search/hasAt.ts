import { isRecord } from '../values/isRecord';

/**
 * Tells whether a JSON value has this text at a path: a string as it is, a number, true, false or null as it is written. Of a list any item counts, and a
 * number in the path names one. A name with dots is found as well.
 */
export function hasAt(value: unknown, path: readonly string[], text: string): boolean {
  if (Array.isArray(value)) return isItem(value, path, text) || value.some((item) => !Array.isArray(item) && hasAt(item, path, text));
  if (path.length === 0) return !isRecord(value) && String(value) === text;
  if (!isRecord(value)) return false;
  return path.some((_, at) => {
    const name = path.slice(0, at + 1).join('.');
    return Object.hasOwn(value, name) && hasAt(value[name], path.slice(at + 1), text);
  });
}

function isItem(list: readonly unknown[], [first = '', ...rest]: readonly string[], text: string): boolean {
  return /^\d{1,6}$/.test(first) && Number(first) < list.length && hasAt(list[Number(first)], rest, text);
}
