import { HoldfastError, isHoldfastError } from '../errors/holdfastError';

const PLACE = /^search\[(\d+)\]$/;

/**
 * Makes the error of a search text that cannot be read.
 *
 * @param at the index of the character at fault.
 */
export const searchFault = (at: number, expected: string, got?: string): HoldfastError =>
  new HoldfastError('HOLDFAST_SEARCH_INVALID', { field: `search[${at}]`, expected, ...(got === undefined ? {} : { got }) });

/**
 * Returns the index of the character at which a search text could not be read; null if the error is another.
 *
 * @example
 * const place = await store.search('state:ded').then(() => null, searchPlaceOf); // 6
 */
export function searchPlaceOf(error: unknown): number | null {
  if (!isHoldfastError(error, 'HOLDFAST_SEARCH_INVALID')) return null;
  const place = PLACE.exec(error.field ?? '')?.[1];
  return place === undefined ? null : Number(place);
}
