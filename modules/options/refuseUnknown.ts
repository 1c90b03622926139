import { HoldfastError } from '../errors/holdfastError';

/**
 * Refuses unknown keys, because a misspelt one would be silently ignored.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN with the key's path.
 */
export function refuseUnknown(given: object, isKnown: (key: string) => boolean, place: string): void {
  for (const key in given) {
    if (!isKnown(key)) throw new HoldfastError('HOLDFAST_OPTION_UNKNOWN', { field: `${place}.${key}` });
  }
}
