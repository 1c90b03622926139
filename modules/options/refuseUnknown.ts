import { HoldfastError } from '../errors/holdfastError';

/**
 * Refuses a key that nothing reads: what was misspelt would be dropped without a word.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN with its path.
 */
export function refuseUnknown(given: object, isKnown: (key: string) => boolean, place: string): void {
  for (const key in given) {
    if (!isKnown(key)) throw new HoldfastError('HOLDFAST_OPTION_UNKNOWN', { field: `${place}.${key}` });
  }
}
