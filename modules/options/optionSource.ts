import { isHoldfastError } from '../errors/holdfastError';

/** An option by its path in its table, as `pollInterval.minMs`, and the flag or variable that gave its value. */
export type OptionSource = readonly [path: string, name: string];

/** Returns a fault of an option with the flags or variables that its value came from; any other error as it is. */
export function withSource(error: unknown, owner: string, sources: readonly OptionSource[]): unknown {
  if (!isHoldfastError(error) || error.field === undefined) return error;
  const at = `${error.field}.`;
  // What is at fault may be an item of a list that was given, or an object of which parts were.
  const names = sources.filter(([path]) => at.startsWith(`${owner}.${path}.`) || `${owner}.${path}.`.startsWith(at)).map(([, name]) => name);
  return names.length === 0 ? error : error.from(names.join(', '));
}

/** Does something with the URL of a store; a fault of the URL is told with the flag or variable that gave it. */
export async function withUrlSource<T>(name: string, use: () => T | Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw isHoldfastError(error, 'HOLDFAST_URL_INVALID') ? error.from(name) : error;
  }
}
