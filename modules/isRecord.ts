/** Tells whether a value is an object with named properties: no array, no Date, nothing else with a nature of its own. */
export const isRecord = (value: unknown): value is Record<string, unknown> => Object.prototype.toString.call(value) === '[object Object]';
