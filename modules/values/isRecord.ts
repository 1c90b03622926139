/** Tells whether a value is an object with named properties: no array, no Date, nothing else with a nature of its own. */
export const isRecord = (value: unknown): value is Record<string, unknown> => Object.prototype.toString.call(value) === '[object Object]';

/** Tells whether it is one that no class made: what it holds is all that it is. */
export const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (!isRecord(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another realm is known by having none itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};
