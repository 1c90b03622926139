import { HoldfastError } from './holdfastError';

/**
 * Refuses a key that nothing reads: what was misspelt would be dropped without a word.
 *
 * @throws HOLDFAST_OPTION_UNKNOWN with its path.
 */
export function refuseUnknown(given: object, known: ReadonlySet<string>, place: string): void {
  for (const key in given) {
    if (!known.has(key)) throw new HoldfastError('HOLDFAST_OPTION_UNKNOWN', { field: `${place}.${key}` });
  }
}
