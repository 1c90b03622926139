import { isHoldfastError } from '../errors/holdfastError';

/** An option by its path in its table, for example `pollInterval.minMs`, and the flag or variable that set it. */
export type OptionSource = readonly [path: string, name: string];

/** Adds the flags or variables that set the option at fault to its error. Returns any other error as it is. */
export function withSource(error: unknown, owner: string, sources: readonly OptionSource[]): unknown {
  if (!isHoldfastError(error) || error.field === undefined) return error;
  const at = `${error.field}.`;
  // The fault may lie in an item of the given list, or in an object of which only parts were given.
  const names = sources.filter(([path]) => at.startsWith(`${owner}.${path}.`) || `${owner}.${path}.`.startsWith(at)).map(([, name]) => name);
  return names.length === 0 ? error : error.from(names.join(', '));
}

/** Runs a function that uses the URL of a store, and names the flag or variable of the URL in its error. */
export async function withUrlSource<T>(name: string, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw isHoldfastError(error, 'HOLDFAST_URL_INVALID') ? error.from(name) : error;
  }
}
