import { HoldfastError } from '../errors/holdfastError';
import { meantBy } from './nearName';

/**
 * Refuses unknown keys, because a misspelt one would be silently ignored.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN with the key's path.
 */
export function refuseUnknown(given: object, known: readonly string[], place: string): void {
  for (const key in given) {
    if (!known.includes(key)) throw unknownOption(key, known, `${place}.${key}`);
  }
}

/** Makes the error of an option that does not exist, with the one that was probably meant. */
export function unknownOption(key: string, known: readonly string[], field: string): HoldfastError {
  const meant = meantBy(key, known);
  return new HoldfastError('HOLDFAST_OPTION_UNKNOWN', { field, ...(meant === undefined ? {} : { because: meant }) });
}
