import { describeValue, HoldfastError } from '../errors/holdfastError';

/**
 * Checks that a value is an array.
 *
 * @throws HOLDFAST_OPTION_INVALID
 */
export function checkIsArray(given: unknown, field: string, expected = 'an array'): void {
  if (Array.isArray(given)) return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected, got: describeValue(given) });
}
