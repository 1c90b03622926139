/** Returns the properties that have a value: an option given as undefined is one that is not given. */
export const withoutUndefined = <T extends object>(given: T): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
