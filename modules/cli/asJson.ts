import type { Jsonified } from '../task/json';

/** Returns a value as its JSON is read again: a Date becomes its ISO text. */
export const asJson = <T>(value: T): Jsonified<T> => JSON.parse(JSON.stringify(value)) as Jsonified<T>;
