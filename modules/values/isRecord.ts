/** Tells whether a value is an object with named properties, and not an array, a Date or another built-in type. */
export const isRecord = (value: unknown): value is Record<string, unknown> => Object.prototype.toString.call(value) === '[object Object]';

/** Tells whether a value is a plain object, not an instance of a class. */
export const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (!isRecord(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The prototype of a plain object has no prototype itself, in any realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};
