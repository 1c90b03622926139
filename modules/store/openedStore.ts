import type { Store } from '../../classes/store/store';
import { describeValue, HoldfastError } from '../errors/holdfastError';

/**
 * Returns an opened store as it is, and refuses what is none: a promise of one would fail only later, and far from the mistake.
 *
 * @throws HOLDFAST_OPTION_INVALID
 */
export function openedStore(given: Store): Store {
  if (isStore(given)) return given;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', {
    field: 'store',
    expected: 'a Store that openStore has opened (was await forgotten?)',
    got: describeValue(given),
  });
}

/** By what it can do: a program may have Holdfast twice. */
const isStore = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['attach', 'insertWithin'].every((verb) => typeof (value as Record<string, unknown>)[verb] === 'function');
