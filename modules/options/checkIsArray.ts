import { describeValue, HoldfastError } from '../errors/holdfastError';

/** @throws HOLDFAST_OPTION_INVALID where a value is no array. */
export function checkIsArray(given: unknown, field: string, expected = 'an array'): void {
  if (Array.isArray(given)) return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected, got: describeValue(given) });
}
