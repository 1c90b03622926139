import { checkIsArray } from './checkIsArray';
import { describeValue, HoldfastError } from './holdfastError';
import { isRecord } from './isRecord';

/**
 * Checks that what is to be added is an array of objects; `newTask` checks what they hold.
 *
 * @throws HOLDFAST_OPTION_INVALID
 */
export function checkSpecs(specs: readonly unknown[]): void {
  checkIsArray(specs, 'tasks');
  specs.forEach((spec, index) => checkIsSpec(spec, `tasks[${index}]`));
}

function checkIsSpec(given: unknown, field: string): void {
  if (isRecord(given)) return;
  throw new HoldfastError('HOLDFAST_OPTION_INVALID', { field, expected: 'an object with name and payload', got: describeValue(given) });
}
